use std::io::{Read, Result};

/// Everything that a reader gives; `None` if it gives more than `most` bytes, of which no more are read.
/// Files may be large, endless or grow while they are read.
///
/// # Errors
///
/// If reading fails.
pub fn read_at_most(reader: impl Read, most: u64) -> Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    reader
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endless_input_is_not_read() {
        assert_eq!(read_at_most(&b"abc"[..], 3).unwrap().unwrap(), b"abc");
        assert_eq!(read_at_most(&b"abcd"[..], 3).unwrap(), None);
        assert_eq!(read_at_most(std::io::repeat(0), 1 << 16).unwrap(), None);
    }
}
