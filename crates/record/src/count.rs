/// Parses a count. Accepts only the form that hearth writes: `00` or `+1` means that the file was
/// edited, which the digest of the parsed values would not detect.
pub(crate) fn count(text: &str) -> Option<usize> {
    let count: usize = text.parse().ok()?;
    (count.to_string() == text).then_some(count)
}
