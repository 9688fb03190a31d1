use burn::backend::CubeDevice;

use super::error::BackendError;
use super::name::Backend;

/// The device with this number.
///
/// # Errors
///
/// If there is no such device. The error states how many devices there are.
pub(super) fn numbered(
    devices: Vec<CubeDevice>,
    number: usize,
    backend: Backend,
) -> Result<CubeDevice, BackendError> {
    let found = devices.len();
    let device = devices.into_iter().nth(number);
    device.ok_or(BackendError::NoSuchDevice { backend, found })
}
