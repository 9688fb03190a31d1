//! Standard output, and the files that commands write for a person.

use std::io::{BufWriter, Error, ErrorKind, Result, Write};
use std::path::Path;

use record::{printable, write_output};
use spec::system;

use crate::exit::Usage;

/// Standard output. Once its reader has gone, as `head` does when it has seen enough, what is written is
/// dropped: the command's exit code stands.
pub struct Stdout {
    out: BufWriter<std::io::Stdout>,
    is_gone: bool,
}

impl Stdout {
    /// Not locked: the threads that serve a GPU may be asked to log there.
    pub fn new() -> Self {
        Self {
            out: BufWriter::new(std::io::stdout()),
            is_gone: false,
        }
    }

    fn unless_gone<T>(
        &mut self,
        dropped: T,
        write: impl FnOnce(&mut BufWriter<std::io::Stdout>) -> Result<T>,
    ) -> Result<T> {
        if self.is_gone {
            return Ok(dropped);
        }
        match write(&mut self.out) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.is_gone = true;
                Ok(dropped)
            }
            done => done.map_err(named),
        }
    }
}

/// The error of writing, which does not say where.
pub fn named(error: Error) -> Error {
    Error::new(error.kind(), format!("standard output: {}", system(&error)))
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.unless_gone(bytes.len(), |out| out.write(bytes))
    }

    fn flush(&mut self) -> Result<()> {
        self.unless_gone((), Write::flush)
    }
}

/// Whether `-`, standard output, is named.
pub fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Text for a terminal. Names and texts come from files: their control characters are escaped, so that
/// they cannot control it. Line breaks and tabs stay. The escapes are those of JSON, which stays what it
/// says.
pub struct Text<W>(pub W);

impl<W: Write> Write for Text<W> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        // What is formatted arrives in whole characters.
        match std::str::from_utf8(bytes) {
            Ok(text) if text.chars().any(is_escaped) => {
                let mut plain = String::with_capacity(text.len());
                for character in text.chars() {
                    if is_escaped(character) {
                        plain += &format!("\\u{:04x}", u32::from(character));
                    } else {
                        plain.push(character);
                    }
                }
                self.0.write_all(plain.as_bytes())?;
            }
            Ok(_) | Err(_) => self.0.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        self.0.flush()
    }
}

fn is_escaped(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\r' | '\t')
}

/// Writes the content to the file, or to standard output as it is for `-`. Otherwise `out` gets a line
/// `said FILE`.
pub fn write(path: &Path, content: &[u8], said: &str, out: &mut dyn Write) -> anyhow::Result<()> {
    if path.as_os_str().is_empty() {
        return Err(Usage::new("the name of the file to write is empty").into());
    }
    if is_stdout(path) {
        let mut stdout = Stdout::new();
        stdout.write_all(content)?;
        stdout.flush()?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_does_not_control_the_terminal() {
        let mut out = Text(Vec::new());
        let class = "é\u{1b}[2J\u{9b}";
        write!(out, "a\t{class}\r\n").unwrap();
        assert_eq!(
            String::from_utf8(out.0).unwrap(),
            "a\té\\u001b[2J\\u009b\r\n"
        );
    }
}
