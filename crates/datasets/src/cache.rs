use std::path::PathBuf;

use etcetera::{BaseStrategy, choose_base_strategy};

use crate::error::DataError;

/// Hearth's folder in the user's cache folder: `$XDG_CACHE_HOME/hearth`, or `~/.cache/hearth`.
pub(crate) fn folder() -> Result<PathBuf, DataError> {
    let strategy = choose_base_strategy().map_err(|_| DataError::NoCache)?;
    Ok(strategy.cache_dir().join("hearth"))
}
