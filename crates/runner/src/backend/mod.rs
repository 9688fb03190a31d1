//! What computes, chosen by a flag.

mod cpu;
#[cfg(feature = "cuda")]
mod cuda;
mod device;
#[cfg(any(feature = "wgpu", feature = "cuda"))]
mod gpu;
mod guard;
#[cfg(test)]
#[cfg(feature = "wgpu")]
mod parity;
#[cfg(test)]
#[cfg(feature = "wgpu")]
mod testing;
#[cfg(feature = "wgpu")]
mod wgpu;

use std::fmt;
use std::str::FromStr;

use record::Determinism;

pub use device::DeviceDescription;
pub(crate) use device::OpenDevice;
pub(crate) use guard::guarded;

/// What computes. No part of an experiment's identity: a flag chooses it, the record states it.
///
/// By name, and for a GPU's backend by name and number: `flex`, `wgpu`, `wgpu:1`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backend {
    /// Burn's own CPU backend, the default: kept up to date upstream, and the faster one.
    #[default]
    Flex,
    /// The `ndarray` crate on the CPU. Deprecated upstream and gone from Burn 0.23; kept because
    /// it is asked for, and as a second opinion on the first one's numbers.
    NdArray,
    /// Any GPU: Vulkan on Linux, Metal and DX12 elsewhere. The device with this number, or the first.
    Wgpu(Option<usize>),
    /// NVIDIA's GPUs through CUDA. The device with this number, or the first.
    Cuda(Option<usize>),
}

/// Why a backend cannot be had.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackendError {
    #[error(
        "unknown backend `{name}`, known: {}; wgpu:1 is a second GPU",
        Backend::names()
    )]
    Unknown { name: String },
    #[error("backend `{name}` is not in this build of hearth; build it with `--features {name}`")]
    NotCompiledIn { name: &'static str },
    #[error("backend `{name}` found no device: {problem}; {remedy}, or choose --backend flex")]
    NoDevice {
        name: &'static str,
        problem: String,
        remedy: &'static str,
    },
    #[error("backend `{backend}`: there are {found} devices, numbered from 0; see `hearth doctor`")]
    NoSuchDevice { backend: Backend, found: usize },
    #[error(
        "backend `{backend}` failed: {problem}; a smaller training.batch_size needs less memory, \
         --backend flex none of the device's"
    )]
    Failed { backend: Backend, problem: String },
}

impl Backend {
    /// All of them, without the number of a device.
    pub const ALL: [Self; 4] = [
        Self::Flex,
        Self::NdArray,
        Self::Wgpu(None),
        Self::Cuda(None),
    ];

    /// Without the number of a device.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flex => "flex",
            Self::NdArray => "ndarray",
            Self::Wgpu(_) => "wgpu",
            Self::Cuda(_) => "cuda",
        }
    }

    /// The same as a part of a folder's name.
    pub fn label(self) -> String {
        self.to_string().replace(':', "")
    }

    fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }

    pub fn is_compiled_in(self) -> bool {
        match self {
            Self::Flex => cfg!(feature = "flex"),
            Self::NdArray => cfg!(feature = "ndarray"),
            Self::Wgpu(_) => cfg!(feature = "wgpu"),
            Self::Cuda(_) => cfg!(feature = "cuda"),
        }
    }

    /// What holds between two runs of the same config and seed.
    pub fn determinism(self) -> Determinism {
        match self {
            Self::Flex | Self::NdArray => Determinism {
                same_bits: true,
                because: "sums are taken in the same order whatever the number of threads"
                    .to_owned(),
            },
            Self::Wgpu(_) | Self::Cuda(_) => Determinism {
                same_bits: false,
                because: "initial weights, order of examples and dropout masks are the same bits; \
                          kernels of matrix products and sums are chosen by timing, and each \
                          rounds in an order of its own"
                    .to_owned(),
            },
        }
    }

    /// The backend's device, ready for tensors; opened once in a process.
    ///
    /// # Errors
    ///
    /// When the backend is not compiled in, or the device is not there or refuses.
    pub(crate) fn open(self) -> Result<OpenDevice, BackendError> {
        OpenDevice::open(self)
    }

    /// The devices of a backend, in the order of their numbers, each with why it cannot be used
    /// where it cannot.
    ///
    /// # Errors
    ///
    /// When the backend is not compiled in or finds no device.
    pub fn devices(self) -> Result<Vec<Result<DeviceDescription, BackendError>>, BackendError> {
        let describe = |backend: Self| backend.open().map(|open| open.description);
        let count = OpenDevice::count(self);
        if count == 0 {
            // Opening tells why.
            return describe(self).map(|one| vec![Ok(one)]);
        }
        let numbered = (0..count).map(|number| match self {
            Self::Cuda(_) => Self::Cuda(Some(number)),
            _ => Self::Wgpu(Some(number)),
        });
        Ok(numbered.map(describe).collect())
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Wgpu(Some(number)) | Self::Cuda(Some(number)) => {
                write!(formatter, "{}:{number}", self.name())
            }
            _ => formatter.write_str(self.name()),
        }
    }
}

impl FromStr for Backend {
    type Err = BackendError;

    fn from_str(name: &str) -> Result<Self, BackendError> {
        let unknown = || BackendError::Unknown {
            name: name.to_owned(),
        };
        let (kind, number) = match name.split_once(':') {
            None => (name, None),
            Some((kind, number)) => (kind, Some(number.parse().map_err(|_| unknown())?)),
        };
        match (kind, number) {
            ("flex", None) => Ok(Self::Flex),
            ("ndarray", None) => Ok(Self::NdArray),
            ("wgpu", number) => Ok(Self::Wgpu(number)),
            ("cuda", number) => Ok(Self::Cuda(number)),
            _ => Err(unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for name in ["flex", "ndarray", "wgpu", "wgpu:0", "cuda:12"] {
            assert_eq!(name.parse::<Backend>().unwrap().to_string(), name);
        }
        assert_eq!("wgpu:1".parse::<Backend>().unwrap().label(), "wgpu1");
        for name in ["", "gpu", "flex:0", "wgpu:", "wgpu:-1", "wgpu:x", "Flex"] {
            let error = name.parse::<Backend>().unwrap_err();
            assert!(matches!(error, BackendError::Unknown { .. }), "{name}");
        }
    }
}
