use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use tempfile::Builder;

use crate::error::RecordError;
use crate::own::PARTIAL;

/// Writes a file that a person named. A link is followed, an existing file is replaced completely or
/// not at all and keeps its permissions, and a device or pipe is written to. No folder is created.
///
/// # Errors
///
/// If there is no such folder, or the file cannot be written.
pub fn write_output(path: &Path, content: &[u8]) -> Result<(), RecordError> {
    let write = || -> std::io::Result<()> {
        match std::fs::metadata(path) {
            Ok(there) if there.is_file() => replace(&path.canonicalize()?, content, Some(&there)),
            Ok(there) if there.is_dir() => Err(ErrorKind::IsADirectory.into()),
            // A device or pipe.
            Ok(_) => OpenOptions::new()
                .write(true)
                .open(path)?
                .write_all(content),
            // A link to nothing makes the file that it leads to.
            Err(_) if path.is_symlink() => std::fs::write(path, content),
            Err(_) => replace(path, content, None),
        }
    };
    write().map_err(|error| {
        if error.kind() == ErrorKind::NotFound {
            let path = path.to_owned();
            RecordError::NoFolder { path }
        } else {
            RecordError::io(path)(error)
        }
    })
}

/// Renames a new file to `path`, with the permissions of the old one if there is one.
fn replace(path: &Path, content: &[u8], old: Option<&Metadata>) -> std::io::Result<()> {
    let folder = folder_of(path);
    let mut file = as_created(Builder::new().prefix(PARTIAL)).tempfile_in(folder)?;
    file.write_all(content)?;
    if let Some(old) = old {
        keep_owner(file.as_file(), old);
        file.as_file().set_permissions(old.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(path)?;
    sync_folder(folder)
}

/// The folder that a file is in.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Syncs the folder, so that the new name is on disk too.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

/// Does nothing: this system cannot open folders as files.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// The permissions of any new file: those that the umask leaves. `tempfile` would give its owner's
/// only.
#[cfg(unix)]
fn as_created<'b, 'p, 's>(builder: &'b mut Builder<'p, 's>) -> &'b mut Builder<'p, 's> {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(std::fs::Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn as_created<'b, 'p, 's>(builder: &'b mut Builder<'p, 's>) -> &'b mut Builder<'p, 's> {
    builder
}

/// Gives the file to the owner of the old one, which only a superuser can.
#[cfg(unix)]
fn keep_owner(file: &File, old: &Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    let _ = fchown(file, Some(old.uid()), Some(old.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn an_output_follows_links_and_keeps_its_mode() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mode = |name: &str| {
            let mode = std::fs::metadata(at(name)).unwrap().permissions().mode();
            mode & 0o777
        };
        std::fs::write(at("real"), "old").unwrap();
        std::fs::set_permissions(at("real"), PermissionsExt::from_mode(0o640)).unwrap();
        symlink("real", at("link")).unwrap();
        write_output(&at("link"), b"new").unwrap();
        assert!(at("link").is_symlink());
        assert_eq!(std::fs::read(at("real")).unwrap(), b"new");
        assert_eq!(mode("real"), 0o640);
        symlink("made", at("dangling")).unwrap();
        write_output(&at("dangling"), b"x").unwrap();
        assert_eq!(std::fs::read(at("made")).unwrap(), b"x");
        // As any other program makes files: what the umask leaves of 0o666.
        std::fs::write(at("usual"), "").unwrap();
        write_output(&at("fresh"), b"").unwrap();
        assert_eq!(mode("fresh"), mode("usual"));
    }

    #[cfg(unix)]
    #[test]
    fn an_output_goes_into_a_pipe_or_device() {
        use std::os::unix::fs::FileTypeExt;
        write_output(Path::new("/dev/null"), b"x").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::read(pipe).unwrap()
        });
        write_output(&pipe, b"through").unwrap();
        assert_eq!(reader.join().unwrap(), b"through");
        assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());
    }

    #[test]
    fn an_output_creates_no_folder() {
        let folder = tempfile::tempdir().unwrap();
        let error = write_output(&folder.path().join("typo/report.html"), b"x").unwrap_err();
        assert!(error.to_string().contains("no such folder"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(write_output(folder.path(), b"x").is_err());
    }
}
