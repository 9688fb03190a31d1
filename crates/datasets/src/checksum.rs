use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::DataError;

/// A hash in hexadecimal.
pub(crate) fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The SHA-256 of a file in hexadecimal. The file is read in pieces.
pub(crate) fn sha256_of(path: &Path) -> Result<String, DataError> {
    let file = File::open(path).map_err(DataError::io(path))?;
    Hashed::new(file).finish().map_err(DataError::io(path))
}

/// Hashes what is read through it, so that a hash and a content are of the same bytes.
pub(crate) struct Hashed<R> {
    file: R,
    hash: Sha256,
}

impl<R: Read> Hashed<R> {
    pub fn new(file: R) -> Self {
        let hash = Sha256::new();
        Self { file, hash }
    }

    /// Reads the rest and returns the SHA-256 of everything in hexadecimal.
    pub fn finish(mut self) -> std::io::Result<String> {
        std::io::copy(&mut self, &mut std::io::sink())?;
        Ok(hex(&self.hash.finalize()))
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.hash.update(&buffer[..count]);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_longer_than_the_buffer_has_the_hash_of_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long");
        let bytes: Vec<u8> = (0..200_000_u32).map(|number| number as u8).collect();
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(sha256_of(&path).unwrap(), hex(&Sha256::digest(&bytes)));
    }
}
