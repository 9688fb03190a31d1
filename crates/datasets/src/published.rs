use std::path::{Path, PathBuf};

use crate::cache::sweep;
use crate::checksum::sha256_of;
use crate::download::download;
use crate::error::DataError;
use crate::progress::Progress;

/// A file as its authors published it.
pub(crate) struct PublishedFile {
    pub name: &'static str,
    pub bytes: u64,
    pub sha256: &'static str,
    /// The checksum of the unpacked content.
    pub sha256_unpacked: &'static str,
}

impl PublishedFile {
    /// Whether a file with this checksum is the published one, packed or unpacked.
    pub fn is(&self, sha256: &str) -> bool {
        sha256 == self.sha256 || sha256 == self.sha256_unpacked
    }

    /// The file's path in a folder of the cache. Downloads the file if it is missing or damaged.
    pub fn fetch(
        &self,
        folder: &Path,
        server: &str,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<PathBuf, DataError> {
        sweep(folder);
        self.check_unpacked(folder)?;
        let path = folder.join(self.name);
        if !path.exists() || sha256_of(&path)? != self.sha256 {
            let url = format!("{}/{}", server.trim_end_matches('/'), self.name);
            download(&url, self.sha256, self.bytes, &path, on_progress)?;
        }
        Ok(path)
    }

    /// Refuses another file under the unpacked file's name, which would be read in place of the packed
    /// one.
    fn check_unpacked(&self, folder: &Path) -> Result<(), DataError> {
        let path = folder.join(self.name.trim_end_matches(".gz"));
        if path.is_file() && sha256_of(&path)? != self.sha256_unpacked {
            let problem = "not the published file, whose name it has; remove it";
            return Err(DataError::own(&path, problem));
        }
        Ok(())
    }
}

/// The address to download from: the value of the environment variable, or else `usual`.
pub(crate) fn server(variable: &str, usual: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| usual.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::download::tests::{ABC, serve};

    const FILE: PublishedFile = PublishedFile {
        name: "file.gz",
        bytes: 3,
        sha256: ABC,
        sha256_unpacked: "of the content",
    };

    #[test]
    fn a_missing_or_damaged_file_is_downloaded() {
        let folder = tempfile::tempdir().unwrap();
        for before in [None, Some("abd")] {
            if let Some(before) = before {
                std::fs::write(folder.path().join(FILE.name), before).unwrap();
            }
            let url = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
            let server = url.strip_suffix("file.gz").unwrap();
            let path = FILE.fetch(folder.path(), server, &mut |_| ()).unwrap();
            assert_eq!(std::fs::read(path).unwrap(), b"abc");
        }
        // Now it is intact, so no server is asked.
        FILE.fetch(folder.path(), "nowhere", &mut |_| ()).unwrap();
    }

    #[test]
    fn another_file_beside_the_packed_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file.gz"), "abc").unwrap();
        std::fs::write(folder.path().join("file"), "unpacked and edited").unwrap();
        let error = FILE.fetch(folder.path(), "nowhere", &mut |_| ());
        let error = error.unwrap_err().to_string();
        assert!(error.ends_with("remove it"), "{error}");
    }

    #[test]
    fn packed_and_unpacked_are_the_published_file() {
        assert!(FILE.is(ABC) && FILE.is("of the content") && !FILE.is("of another"));
    }
}
