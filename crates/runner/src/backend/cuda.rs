use burn::backend::{CubeDevice, CudaDevice};
use burn::tensor::Device;

use super::device::{DeviceDescription, OpenDevice};
use super::error::BackendError;
use super::guard::guarded;
use super::name::Backend;
use super::numbered::numbered;

/// The devices, ordered by number.
fn found() -> Vec<CubeDevice> {
    CubeDevice::enumerate(CubeDevice::Cuda(CudaDevice::default()).to_id())
        .into_iter()
        .map(CubeDevice::from_id)
        .collect()
}

/// The number of devices.
pub(super) fn count() -> usize {
    found().len()
}

/// Opens the device with this number; `None` is the first.
pub(super) fn open(number: Option<usize>) -> Result<OpenDevice, BackendError> {
    let devices = found();
    if devices.is_empty() {
        return Err(BackendError::NoDevice {
            name: "cuda",
            problem: "no NVIDIA GPU or driver".to_owned(),
            remedy: "install the NVIDIA driver and the runtime libraries of the CUDA toolkit",
        });
    }
    let backend = Backend::Cuda(number);
    let device = numbered(devices, number.unwrap_or(0), backend)?;
    // A missing CUDA library is only noticed when the device is first used.
    let (name, memory_bytes) = guarded(backend, || {
        let client = device.client();
        let properties = client.properties();
        (
            properties.identity.name.clone(),
            properties.memory.max_memory(),
        )
    })?;
    Ok(OpenDevice {
        device: Device::new(device),
        largest_tensor_bytes: None,
        description: DeviceDescription {
            name,
            driver: driver(),
            memory_bytes,
            is_software: false,
        },
    })
}

/// Name and version of the NVIDIA driver.
fn driver() -> Option<String> {
    let library = nvml_wrapper::Nvml::init().ok()?;
    let version = library.sys_driver_version().ok()?;
    Some(format!("NVIDIA {version}"))
}
