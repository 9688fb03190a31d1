use std::sync::Mutex;

use burn::tensor::Device;

use super::{Backend, BackendError, cpu};

/// A device that is ready for tensors.
#[derive(Clone)]
pub(crate) struct OpenDevice {
    pub device: Device,
    /// More than this a kernel cannot reach of a tensor; nothing where only memory bounds it.
    pub largest_tensor_bytes: Option<usize>,
    pub description: DeviceDescription,
}

/// What a device says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceDescription {
    pub name: String,
    /// Name and version of what stands between hearth and the device; a CPU has none.
    pub driver: Option<String>,
    /// Where the driver tells.
    pub memory_bytes: Option<u64>,
    /// Whether it is a GPU's imitation on the CPU.
    pub is_software: bool,
}

/// A GPU is opened once; a second time is refused.
static OPEN: Mutex<Vec<(Backend, OpenDevice)>> = Mutex::new(Vec::new());

impl OpenDevice {
    pub fn open(backend: Backend) -> Result<Self, BackendError> {
        let mut open = OPEN.lock().expect("nobody panicked while it was held");
        if let Some((_, device)) = open.iter().find(|(of, _)| *of == backend) {
            return Ok(device.clone());
        }
        let device = match backend {
            #[cfg(feature = "flex")]
            Backend::Flex => cpu::open(Device::flex()),
            #[cfg(feature = "ndarray")]
            #[allow(deprecated, reason = "see the variant's documentation")]
            Backend::NdArray => cpu::open(Device::ndarray()),
            #[cfg(feature = "wgpu")]
            Backend::Wgpu(number) => super::wgpu::open(number)?,
            #[cfg(feature = "cuda")]
            Backend::Cuda(number) => super::cuda::open(number)?,
            #[allow(unreachable_patterns, reason = "where all are compiled in")]
            missing => {
                return Err(BackendError::NotCompiledIn {
                    name: missing.name(),
                });
            }
        };
        open.push((backend, device.clone()));
        Ok(device)
    }

    /// How many numbered devices a backend finds; a CPU is none.
    pub fn count(backend: Backend) -> usize {
        match backend {
            #[cfg(feature = "wgpu")]
            Backend::Wgpu(_) => super::wgpu::count(),
            #[cfg(feature = "cuda")]
            Backend::Cuda(_) => super::cuda::count(),
            _ => 0,
        }
    }
}
