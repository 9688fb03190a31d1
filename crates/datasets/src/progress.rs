/// The progress of a download, or of reading many files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// What is being read: a file's name, or a few words.
    pub task: &'a str,
    /// How much is done.
    pub done: u64,
    /// How much there is to do; `None` if that is unknown.
    pub total: Option<u64>,
    /// What is counted.
    pub unit: Unit,
}

/// What a [`Progress`] counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes of a file.
    Bytes,
    /// Files.
    Files,
}
