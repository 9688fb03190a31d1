use std::fmt;
use std::str::FromStr;

use burn::tensor::Device;

/// What computes. No part of an experiment's identity: a flag chooses it, the record states it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backend {
    /// Burn's own CPU backend, the default: kept up to date upstream, and the faster one.
    #[default]
    Flex,
    /// The `ndarray` crate on the CPU. Deprecated upstream and gone from Burn 0.23; kept because
    /// it is asked for, and as a second opinion on the first one's numbers.
    NdArray,
}

/// Why a backend cannot be had.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackendError {
    #[error("unknown backend `{name}`, known: {}", Backend::names())]
    Unknown { name: String },
    #[error("backend `{name}` is not in this build of hearth; build it with `--features {name}`")]
    NotCompiledIn { name: &'static str },
}

impl Backend {
    const ALL: [Self; 2] = [Self::Flex, Self::NdArray];

    pub fn name(self) -> &'static str {
        match self {
            Self::Flex => "flex",
            Self::NdArray => "ndarray",
        }
    }

    fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }

    /// Whether the same seed gives the same bits, for any number of threads.
    pub fn deterministic(self) -> bool {
        match self {
            Self::Flex | Self::NdArray => true,
        }
    }

    /// # Errors
    ///
    /// When the backend is not compiled in.
    pub fn device(self) -> Result<Device, BackendError> {
        match self {
            #[cfg(feature = "flex")]
            Self::Flex => Ok(Device::flex()),
            #[cfg(feature = "ndarray")]
            #[allow(deprecated, reason = "see the variant's documentation")]
            Self::NdArray => Ok(Device::ndarray()),
            #[cfg(not(all(feature = "flex", feature = "ndarray")))]
            missing => Err(BackendError::NotCompiledIn {
                name: missing.name(),
            }),
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Backend {
    type Err = BackendError;

    fn from_str(name: &str) -> Result<Self, BackendError> {
        let found = Self::ALL.into_iter().find(|backend| backend.name() == name);
        found.ok_or_else(|| BackendError::Unknown {
            name: name.to_owned(),
        })
    }
}
