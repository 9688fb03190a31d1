use std::io::Write;
use std::path::{Path, PathBuf};

use etcetera::{BaseStrategy, choose_base_strategy};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::error::DataError;

/// Hearth's folder in the user's cache folder: `$XDG_CACHE_HOME/hearth`, or `~/.cache/hearth`.
pub(crate) fn folder() -> Result<PathBuf, DataError> {
    let strategy = choose_base_strategy().map_err(|_| DataError::NoCache)?;
    Ok(strategy.cache_dir().join("hearth"))
}

/// Writes a file completely or not at all. Creates the folder if needed.
pub(crate) fn write_whole(path: &Path, parts: &[&[u8]]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = NamedTempFile::new_in(folder)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.persist(path)?;
    Ok(())
}

/// Bytes of a SHA-256.
const HASH: usize = 32;

/// A file of bytes in the cache, behind their SHA-256.
pub(crate) struct CachedBytes {
    path: PathBuf,
}

impl CachedBytes {
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// The bytes; `None` if the file is missing or damaged.
    pub fn read(&self) -> Option<Vec<u8>> {
        let mut bytes = std::fs::read(&self.path).ok()?;
        let hash = bytes.get(..HASH)?;
        if *hash != *Sha256::digest(&bytes[HASH..]) {
            return None;
        }
        bytes.drain(..HASH);
        Some(bytes)
    }

    /// Writes the file; see [`write_whole`].
    pub fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        write_whole(&self.path, &[&Sha256::digest(bytes), bytes])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/bytes.bin");
        let cached = CachedBytes::at(path.clone());
        assert_eq!(cached.read(), None);
        cached.write(b"pixels").unwrap();
        assert_eq!(cached.read().unwrap(), b"pixels");
        let whole = std::fs::read(&path).unwrap();
        for damaged in [&whole[..whole.len() - 1], &whole[..10], b""] {
            std::fs::write(&path, damaged).unwrap();
            assert_eq!(cached.read(), None);
        }
    }
}
