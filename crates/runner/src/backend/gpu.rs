use burn::backend::CubeDevice;

use super::{Backend, BackendError};

/// The device with a number.
pub(super) fn numbered(
    devices: Vec<CubeDevice>,
    number: usize,
    backend: Backend,
) -> Result<CubeDevice, BackendError> {
    let found = devices.len();
    let device = devices.into_iter().nth(number);
    device.ok_or(BackendError::NoSuchDevice { backend, found })
}
