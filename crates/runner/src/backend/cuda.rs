use burn::backend::{CubeDevice, CudaDevice};
use burn::tensor::Device;

use super::device::{DeviceDescription, OpenDevice};
use super::gpu::numbered;
use super::{Backend, BackendError, guarded};

/// The devices in the order of their numbers.
fn found() -> Vec<CubeDevice> {
    CubeDevice::enumerate(CubeDevice::Cuda(CudaDevice::default()).to_id())
        .into_iter()
        .map(CubeDevice::from_id)
        .collect()
}

pub(super) fn count() -> usize {
    found().len()
}

pub(super) fn open(number: Option<usize>) -> Result<OpenDevice, BackendError> {
    let devices = found();
    if devices.is_empty() {
        return Err(BackendError::NoDevice {
            name: "cuda",
            problem: "no NVIDIA driver or no GPU".to_owned(),
            remedy: "install NVIDIA's driver and the CUDA toolkit's run-time libraries",
        });
    }
    let backend = Backend::Cuda(number);
    let device = numbered(devices, number.unwrap_or(0), backend)?;
    // What is missing of CUDA shows when the device is first used.
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

/// The version of NVIDIA's driver.
fn driver() -> Option<String> {
    let library = nvml_wrapper::Nvml::init().ok()?;
    let version = library.sys_driver_version().ok()?;
    Some(format!("NVIDIA {version}"))
}
