use burn::tensor::Device;

use super::device::{DeviceDescription, OpenDevice};
use crate::host;

/// Opens the device of a CPU backend. Its description is that of this computer.
pub(super) fn open(device: Device) -> OpenDevice {
    let host = host::host();
    OpenDevice {
        device,
        largest_tensor_bytes: None,
        description: DeviceDescription {
            name: host.cpu,
            driver: None,
            memory_bytes: Some(host.memory_bytes),
            is_software: false,
        },
    }
}
