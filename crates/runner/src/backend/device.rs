use burn::tensor::Device;

/// A device that is ready for tensors.
#[derive(Clone)]
pub(crate) struct OpenDevice {
    /// Burn's handle.
    pub device: Device,
    /// The largest tensor that a kernel can address, in bytes; `None` if only memory limits it.
    pub largest_tensor_bytes: Option<usize>,
    /// The description that `hearth doctor` shows.
    pub description: DeviceDescription,
}

/// The description of a device, as reported by its driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceDescription {
    /// The product name.
    pub name: String,
    /// Name and version of the driver; `None` for a CPU.
    pub driver: Option<String>,
    /// The size of the device's memory; `None` if the driver does not report it.
    pub memory_bytes: Option<u64>,
    /// Whether the CPU emulates the device.
    pub is_software: bool,
}
