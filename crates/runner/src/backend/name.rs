use std::fmt;

use record::Determinism;

/// The tensor library and the hardware that a run uses. A command-line flag selects the backend and
/// the record states it, but it is not part of an experiment's identity.
///
/// As text, a backend is its name. GPU backends may add a device number: `flex`, `wgpu`, `wgpu:1`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backend {
    /// Burn's own CPU backend, the default. It is maintained upstream and faster than `ndarray`.
    #[default]
    Flex,
    /// The `ndarray` crate on the CPU. It is deprecated upstream and removed in Burn 0.23. Hearth
    /// keeps it because users ask for it and as a check on flex's numbers.
    NdArray,
    /// Any GPU, through Vulkan on Linux and Metal or DX12 elsewhere. The value is the device
    /// number; `None` is the first device.
    Wgpu(Option<usize>),
    /// NVIDIA GPUs, through CUDA. The value is the device number; `None` is the first device.
    Cuda(Option<usize>),
}

impl Backend {
    /// All backends, without device numbers.
    pub const ALL: [Self; 4] = [
        Self::Flex,
        Self::NdArray,
        Self::Wgpu(None),
        Self::Cuda(None),
    ];

    /// The name, without the device number.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flex => "flex",
            Self::NdArray => "ndarray",
            Self::Wgpu(_) => "wgpu",
            Self::Cuda(_) => "cuda",
        }
    }

    /// Name and device number as used in folder names, for instance `wgpu1`.
    pub fn label(self) -> String {
        self.to_string().replace(':', "")
    }

    /// The backend with this device number; `None` for CPU backends, which have no device numbers.
    pub(crate) fn numbered(self, number: usize) -> Option<Self> {
        match self {
            Self::Flex | Self::NdArray => None,
            Self::Wgpu(_) => Some(Self::Wgpu(Some(number))),
            Self::Cuda(_) => Some(Self::Cuda(Some(number))),
        }
    }

    fn number(self) -> Option<usize> {
        match self {
            Self::Flex | Self::NdArray => None,
            Self::Wgpu(number) | Self::Cuda(number) => number,
        }
    }

    /// Whether the backend runs on GPUs.
    pub(crate) fn is_gpu(self) -> bool {
        match self {
            Self::Flex | Self::NdArray => false,
            Self::Wgpu(_) | Self::Cuda(_) => true,
        }
    }

    /// Whether this build contains the backend.
    pub fn is_compiled_in(self) -> bool {
        match self {
            Self::Flex => cfg!(feature = "flex"),
            Self::NdArray => cfg!(feature = "ndarray"),
            Self::Wgpu(_) => cfg!(feature = "wgpu"),
            Self::Cuda(_) => cfg!(feature = "cuda"),
        }
    }

    /// Whether two runs with the same config and seed give bit-identical results, and why.
    pub fn determinism(self) -> Determinism {
        match self {
            Self::Flex | Self::NdArray => Determinism {
                same_bits: true,
                because: "sums are taken in the same order whatever the number of threads"
                    .to_owned(),
            },
            Self::Wgpu(_) | Self::Cuda(_) => Determinism {
                same_bits: false,
                because: "initial weights, order of examples and dropout masks are bit-identical; \
                          kernels for matrix products and sums are chosen by timing and round \
                          differently"
                    .to_owned(),
            },
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self.number() {
            Some(number) => write!(formatter, "{}:{number}", self.name()),
            None => formatter.write_str(self.name()),
        }
    }
}
