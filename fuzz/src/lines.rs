//! JSON Lines of texts. The first byte says whether the file is gzipped.

use super::own;

/// Checks that lines are refused with a one-line error, or give valid examples.
pub fn check(data: &[u8]) {
    let Some((mode, file)) = data.split_first() else {
        return;
    };
    let name = ["t.jsonl", "t.jsonl.gz"][usize::from(mode & 1)];
    let config = format!(
        r#"{{ "texts": {{ "train": "{name}", "vocabulary_size": 12, "sequence_length": 5, "test_fraction": 0.3 }} }}"#
    );
    own::check(name, file, &config);
}
