use super::name::Backend;

/// The reason that a backend cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackendError {
    /// There is no backend with this name.
    #[error(
        "unknown backend `{name}`, known: {}; wgpu:1 is the second GPU",
        Backend::ALL.map(Backend::name).join(", ")
    )]
    Unknown {
        /// The name as given.
        name: String,
    },
    /// This build does not contain the backend.
    #[error("backend `{name}` is not in this build of hearth; build it with `--features {name}`")]
    NotCompiledIn {
        /// The backend's name, which is also the name of the feature.
        name: &'static str,
    },
    /// The backend found no device.
    #[error("backend `{name}` found no device: {problem}; {remedy}, or choose --backend flex")]
    NoDevice {
        /// The backend's name, without a number.
        name: &'static str,
        /// The driver's message on one line.
        problem: String,
        /// What the user can do, as an instruction.
        remedy: &'static str,
    },
    /// The backend has no device with this number.
    #[error(
        "backend `{backend}`: no such device, found {found}, numbered from 0; see `hearth doctor`"
    )]
    NoSuchDevice {
        /// The backend with the requested number.
        backend: Backend,
        /// The number of devices found.
        found: usize,
    },
    /// The backend failed during a computation.
    #[error(
        "backend `{backend}` failed: {problem}; if it ran out of memory, lower \
         training.batch_size or choose --backend flex"
    )]
    Failed {
        /// The backend, with the device's number if one was given.
        backend: Backend,
        /// The first line of the backend's message.
        problem: String,
    },
}
