//! Tables. The first byte says how the file ends and what happens to missing values.

use super::own;

/// Checks that a table is refused with a one-line error, or gives valid examples.
pub fn check(data: &[u8]) {
    let Some((mode, file)) = data.split_first() else {
        return;
    };
    let name = ["t.csv", "t.tsv", "t.csv.gz"][usize::from(mode & 3).min(2)];
    let missing = ["refuse", "mean", "drop"][usize::from(mode >> 2 & 3).min(2)];
    let config = format!(
        r#"{{ "table": {{ "train": "{name}", "label": "y", "missing": "{missing}", "test_fraction": 0.3, "validation_fraction": 0.2 }} }}"#
    );
    own::check(name, file, &config);
}
