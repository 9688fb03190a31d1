//! Replays the committed inputs without the fuzzer, for the crates' tests.

use std::fs;
use std::path::Path;

/// Checks all seeds and findings of a target.
#[expect(clippy::print_stdout, reason = "shows which input failed")]
pub fn all(target: &str, check: fn(&[u8])) {
    // Tests run in their crate's folder.
    let root = Path::new("../../fuzz");
    let mut count = 0;
    for folder in ["seeds", "found"].map(|kind| root.join(kind).join(target)) {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.expect("a readable folder").path();
            println!("{}", path.display());
            check(&fs::read(path).expect("a readable file"));
            count += 1;
        }
    }
    assert!(count > 0, "nothing to replay for {target}");
}
