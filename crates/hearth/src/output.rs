//! Files that commands write for a person.

use std::io::Write;
use std::path::Path;

use record::{printable, write_output};

use crate::exit::Usage;

/// Whether `-`, standard output, is named.
pub fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Writes the content to the file, or to `out` for `-`. Otherwise `out` gets a line `said FILE`.
pub fn write(path: &Path, content: &[u8], said: &str, out: &mut dyn Write) -> anyhow::Result<()> {
    if path.as_os_str().is_empty() {
        return Err(Usage::new("the name of the file to write is empty").into());
    }
    if is_stdout(path) {
        out.write_all(content)?;
        return Ok(());
    }
    write_output(path, content)?;
    // A device or pipe may be what `out` writes to, too.
    if path.is_file() {
        writeln!(out, "{said} {}", shown(path))?;
    }
    Ok(())
}

/// A path on one line that does not control the terminal.
pub fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}
