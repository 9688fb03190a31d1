use burn::backend::wgpu::{
    RuntimeOptions, WgpuBackend, WgpuDevice, WgpuInitError, WgpuSetup, graphics::AutoGraphicsApi,
    try_init_setup, wgpu,
};
use burn::backend::{CubeDevice, WgpuDeviceKind};
use burn::tensor::Device;

use super::device::{DeviceDescription, OpenDevice};
use super::error::BackendError;
use super::name::Backend;
use super::numbered::numbered;

/// The graphics API. On Linux only Vulkan, since OpenGL lacks some operations.
const INTERFACE: WgpuBackend = if cfg!(target_os = "linux") {
    WgpuBackend::Vulkan
} else {
    WgpuBackend::Auto
};

/// The devices, ordered by number: discrete GPUs first, software emulation last.
fn found() -> Vec<CubeDevice> {
    let kinds = [
        WgpuDeviceKind::DiscreteGpu(0),
        WgpuDeviceKind::IntegratedGpu(0),
        WgpuDeviceKind::VirtualGpu(0),
        WgpuDeviceKind::Other(0),
        WgpuDeviceKind::Cpu,
    ];
    let of_kind = |kind| CubeDevice::Wgpu(WgpuDevice::new(kind).on(INTERFACE));
    let ids = kinds
        .into_iter()
        .flat_map(|kind| CubeDevice::enumerate(of_kind(kind).to_id()));
    ids.map(CubeDevice::from_id).collect()
}

/// The number of devices.
pub(super) fn count() -> usize {
    found().len()
}

/// Opens the device with this number; `None` is the first.
pub(super) fn open(number: Option<usize>) -> Result<OpenDevice, BackendError> {
    let devices = found();
    if devices.is_empty() {
        return Err(no_device("no graphics adapter"));
    }
    let device = numbered(devices, number.unwrap_or(0), Backend::Wgpu(number))?;
    let CubeDevice::Wgpu(selected) = &device else {
        unreachable!("wgpu lists only wgpu devices");
    };
    let setup = set_up(selected).map_err(|error| no_device(&error.to_string()))?;
    let adapter = setup.adapter.get_info();
    let limits = setup.device.limits();
    Ok(OpenDevice {
        device: Device::new(device),
        largest_tensor_bytes: usize::try_from(limits.max_storage_buffer_binding_size).ok(),
        description: DeviceDescription {
            name: adapter.name,
            driver: Some(format!("{} {}", adapter.driver, adapter.driver_info)),
            memory_bytes: memory_bytes(&setup.adapter),
            is_software: adapter.device_type == wgpu::DeviceType::Cpu,
        },
    })
}

fn set_up(device: &WgpuDevice) -> Result<WgpuSetup, WgpuInitError> {
    try_init_setup::<AutoGraphicsApi>(device, RuntimeOptions::try_default()?)
}

/// The size of the device's memory. Only Vulkan reports it.
#[cfg(any(target_os = "linux", target_os = "windows"))]
fn memory_bytes(adapter: &wgpu::Adapter) -> Option<u64> {
    // VK_MEMORY_HEAP_DEVICE_LOCAL_BIT
    const OWN: u32 = 1;
    // SAFETY: the handles are only queried, neither kept nor destroyed.
    #[allow(unsafe_code, reason = "wgpu itself does not report the memory size")]
    let memory = unsafe {
        let adapter = adapter.as_hal::<wgpu::hal::api::Vulkan>()?;
        let instance = adapter.shared_instance().raw_instance();
        instance.get_physical_device_memory_properties(adapter.raw_physical_device())
    };
    let heaps = memory.memory_heaps_as_slice().iter();
    let own = heaps.filter(|heap| heap.flags.as_raw() & OWN != 0);
    own.map(|heap| heap.size).max()
}

#[cfg(not(any(target_os = "linux", target_os = "windows")))]
fn memory_bytes(_: &wgpu::Adapter) -> Option<u64> {
    None
}

fn no_device(problem: &str) -> BackendError {
    BackendError::NoDevice {
        name: "wgpu",
        problem: problem.lines().next().unwrap_or_default().to_owned(),
        remedy: if cfg!(target_os = "linux") {
            "install a Vulkan driver, such as Debian's mesa-vulkan-drivers"
        } else {
            "update the graphics driver"
        },
    }
}
