//! Opens the devices of all backends in this build.

use std::sync::Mutex;

#[cfg(any(feature = "flex", feature = "ndarray"))]
use burn::tensor::Device;

#[cfg(any(feature = "flex", feature = "ndarray"))]
use super::cpu;
#[cfg(feature = "cuda")]
use super::cuda;
use super::device::{DeviceDescription, OpenDevice};
use super::error::BackendError;
use super::name::Backend;
#[cfg(feature = "wgpu")]
use super::wgpu;

/// The devices opened so far. A GPU cannot be opened twice.
static OPEN: Mutex<Vec<(Backend, OpenDevice)>> = Mutex::new(Vec::new());

impl Backend {
    /// The backend's device, ready for tensors. Each device is opened once per process.
    ///
    /// # Errors
    ///
    /// If the backend is not compiled in, or the device does not exist or cannot be opened.
    pub(crate) fn open(self) -> Result<OpenDevice, BackendError> {
        let mut open = OPEN.lock().expect("no thread panics while holding it");
        if let Some((_, device)) = open.iter().find(|(backend, _)| *backend == self) {
            return Ok(device.clone());
        }
        let device = open_new(self)?;
        open.push((self, device.clone()));
        Ok(device)
    }

    /// The descriptions of the backend's devices, ordered by number. For a device that cannot be
    /// used, the reason.
    ///
    /// # Errors
    ///
    /// If the backend is not compiled in or found no device.
    pub fn devices(self) -> Result<Vec<Result<DeviceDescription, BackendError>>, BackendError> {
        let describe = |backend: Self| backend.open().map(|open| open.description);
        let numbered: Vec<Self> = (0..count(self))
            .filter_map(|number| self.numbered(number))
            .collect();
        if numbered.is_empty() {
            // The only device of a CPU backend, or the reason that there is no GPU.
            return describe(self).map(|one| vec![Ok(one)]);
        }
        Ok(numbered.into_iter().map(describe).collect())
    }
}

fn open_new(backend: Backend) -> Result<OpenDevice, BackendError> {
    match backend {
        #[cfg(feature = "flex")]
        Backend::Flex => Ok(cpu::open(Device::flex())),
        #[cfg(not(feature = "flex"))]
        Backend::Flex => Err(not_compiled_in(backend)),
        #[cfg(feature = "ndarray")]
        #[allow(deprecated, reason = "see the variant's documentation")]
        Backend::NdArray => Ok(cpu::open(Device::ndarray())),
        #[cfg(not(feature = "ndarray"))]
        Backend::NdArray => Err(not_compiled_in(backend)),
        #[cfg(feature = "wgpu")]
        Backend::Wgpu(number) => wgpu::open(number),
        #[cfg(not(feature = "wgpu"))]
        Backend::Wgpu(_) => Err(not_compiled_in(backend)),
        #[cfg(feature = "cuda")]
        Backend::Cuda(number) => cuda::open(number),
        #[cfg(not(feature = "cuda"))]
        Backend::Cuda(_) => Err(not_compiled_in(backend)),
    }
}

/// The number of GPUs that a backend finds; 0 for CPU backends.
fn count(backend: Backend) -> usize {
    match backend {
        Backend::Flex | Backend::NdArray => 0,
        #[cfg(feature = "wgpu")]
        Backend::Wgpu(_) => wgpu::count(),
        #[cfg(not(feature = "wgpu"))]
        Backend::Wgpu(_) => 0,
        #[cfg(feature = "cuda")]
        Backend::Cuda(_) => cuda::count(),
        #[cfg(not(feature = "cuda"))]
        Backend::Cuda(_) => 0,
    }
}

#[cfg(not(all(
    feature = "flex",
    feature = "ndarray",
    feature = "wgpu",
    feature = "cuda"
)))]
fn not_compiled_in(backend: Backend) -> BackendError {
    BackendError::NotCompiledIn {
        name: backend.name(),
    }
}
