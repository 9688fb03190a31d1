//! The files of a person's own data.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use spec::read_at_most;
use walkdir::WalkDir;

use crate::error::DataError;

/// The files in a folder and below it.
#[derive(Debug, Default)]
pub struct Below {
    /// Sorted by path.
    pub files: Vec<PathBuf>,
    /// Hidden files, and files that systems leave behind, which are passed over.
    pub skipped: usize,
}

/// Files and folders that systems and programs leave behind, in lower case.
const LEFT_BEHIND: [&str; 4] = ["thumbs.db", "desktop.ini", "__macosx", "$recycle.bin"];

/// Whether a name is hidden, or one that systems leave behind: `.DS_Store`, `._x`, `Thumbs.db`,
/// `desktop.ini`, `__MACOSX`.
pub(crate) fn is_systems(name: &str) -> bool {
    name.starts_with('.') || LEFT_BEHIND.contains(&name.to_lowercase().as_str())
}

/// Finds all files in a folder and below it. Links are followed.
///
/// # Errors
///
/// If a folder cannot be read, a link leads back to a folder that contains it, or something is no plain
/// file, for instance a pipe.
pub fn below(folder: &Path) -> Result<Below, DataError> {
    let mut below = Below::default();
    let mut entries = WalkDir::new(folder)
        .follow_links(true)
        .sort_by_file_name()
        .into_iter();
    while let Some(entry) = entries.next() {
        let entry = entry.map_err(|error| unreadable(folder, error))?;
        let is_systems = entry.depth() > 0 && is_systems(&entry.file_name().to_string_lossy());
        if entry.file_type().is_dir() {
            if is_systems {
                below.skipped += 1;
                entries.skip_current_dir();
            }
        } else if is_systems {
            below.skipped += 1;
        } else if entry.file_type().is_file() {
            below.files.push(entry.into_path());
        } else {
            // Reading a pipe would wait for a writer.
            let problem = "not a plain file; remove it";
            return Err(DataError::own(entry.path(), problem));
        }
    }
    Ok(below)
}

fn unreadable(folder: &Path, error: walkdir::Error) -> DataError {
    let path = error.path().unwrap_or(folder).to_owned();
    if error.loop_ancestor().is_some() {
        return DataError::own(
            &path,
            "a link that leads back to a folder above it; remove it",
        );
    }
    match error.into_io_error() {
        // Found in its folder, so it is a link.
        Some(error) if error.kind() == ErrorKind::NotFound && path.is_symlink() => {
            DataError::own(&path, "a link to nothing; remove it")
        }
        Some(error) => DataError::io(&path)(error),
        None => DataError::own(&path, "cannot be read; remove it"),
    }
}

/// A file's content, unzipped if its name ends in `.gz`.
pub(crate) fn opened(path: &Path) -> Result<Box<dyn Read + Send>, DataError> {
    let file = File::open(path).map_err(DataError::io(path))?;
    if path.extension().is_some_and(|extension| extension == "gz") {
        Ok(Box::new(MultiGzDecoder::new(file)))
    } else {
        Ok(Box::new(file))
    }
}

/// The most bytes of a text.
pub const MOST_BYTES: u64 = 16 << 20;

/// Reads a file as one text. A byte order mark is no part of it.
///
/// # Errors
///
/// If the file cannot be read, is no UTF-8 or over 16 MiB.
pub fn read_text(path: &Path) -> Result<String, DataError> {
    let file = File::open(path).map_err(DataError::io(path))?;
    let read = read_at_most(file, MOST_BYTES).map_err(DataError::io(path))?;
    let bytes = read.ok_or_else(|| {
        let problem = format!("a text of over {MOST_BYTES} bytes; split it");
        DataError::own(path, problem)
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        DataError::own(
            path,
            format!("not UTF-8 from byte {place} on; save it as UTF-8"),
        )
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_systems_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in [
            "b/2.png",
            "a.png",
            ".DS_Store",
            "b/._2.png",
            "b/Thumbs.db",
            "Desktop.ini",
            "__MACOSX/b/2.png",
            ".git/config",
        ] {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let below = below(root).unwrap();
        assert_eq!(below.files, [root.join("a.png"), root.join("b/2.png")]);
        assert_eq!(below.skipped, 6);
    }

    #[cfg(unix)]
    #[test]
    fn bad_links_are_refused() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        symlink(folder.path(), folder.path().join("loop")).unwrap();
        let error = below(folder.path()).unwrap_err().to_string();
        assert!(
            error.ends_with("loop: a link that leads back to a folder above it; remove it"),
            "{error}"
        );
        std::fs::remove_file(folder.path().join("loop")).unwrap();
        symlink("nowhere", folder.path().join("dangling")).unwrap();
        let error = below(folder.path()).unwrap_err().to_string();
        assert!(
            error.ends_with("dangling: a link to nothing; remove it"),
            "{error}"
        );
    }

    #[test]
    fn texts_are_utf8() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.txt");
        std::fs::write(&path, "\u{feff}good").unwrap();
        assert_eq!(read_text(&path).unwrap(), "good");
        std::fs::write(&path, b"na\xefve").unwrap();
        let error = read_text(&path).unwrap_err().to_string();
        assert!(
            error.ends_with("t.txt: not UTF-8 from byte 2 on; save it as UTF-8"),
            "{error}"
        );
    }
}
