use std::str::FromStr;

use super::error::BackendError;
use super::name::Backend;

impl FromStr for Backend {
    type Err = BackendError;

    fn from_str(text: &str) -> Result<Self, BackendError> {
        let unknown = || BackendError::Unknown {
            name: text.to_owned(),
        };
        let (name, number) = match text.split_once(':') {
            None => (text, None),
            Some((name, number)) => (name, Some(number.parse().map_err(|_| unknown())?)),
        };
        let backend = Self::ALL.into_iter().find(|backend| backend.name() == name);
        let backend = match number {
            None => backend,
            Some(number) => backend.and_then(|backend| backend.numbered(number)),
        };
        backend.ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_through_text() {
        for name in ["flex", "ndarray", "wgpu", "wgpu:0", "cuda:12"] {
            assert_eq!(name.parse::<Backend>().unwrap().to_string(), name);
        }
        assert_eq!("wgpu:1".parse::<Backend>().unwrap().label(), "wgpu1");
        for name in ["", "gpu", "flex:0", "wgpu:", "wgpu:-1", "wgpu:x", "Flex"] {
            let error = name.parse::<Backend>().unwrap_err();
            assert!(matches!(error, BackendError::Unknown { .. }), "{name}");
        }
    }

    #[test]
    fn every_backend_is_parsed_from_its_name() {
        for backend in Backend::ALL {
            assert_eq!(backend.name().parse(), Ok(backend));
        }
    }
}
