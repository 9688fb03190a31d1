//! Backends: their names, devices and errors. A command-line flag selects the backend.

#[cfg(any(feature = "flex", feature = "ndarray"))]
mod cpu;
#[cfg(feature = "cuda")]
mod cuda;
mod device;
mod error;
mod guard;
mod name;
#[cfg(any(feature = "wgpu", feature = "cuda"))]
mod numbered;
mod open;
#[cfg(all(test, feature = "wgpu"))]
mod parity;
mod parse;
#[cfg(feature = "wgpu")]
mod wgpu;

pub use device::DeviceDescription;
pub(crate) use device::OpenDevice;
pub use error::BackendError;
pub(crate) use guard::guarded;
pub use name::Backend;
