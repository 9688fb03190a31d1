//! What holds for a person's own tables and texts, whatever their files contain.

use std::fs;
use std::path::Path;

use datasets::{Data, Dataset, Inputs, Location, Places};

use super::sentence;

/// Reads a file with a config twice. Checks that it is refused with a one-line error, or gives the same
/// valid examples each time.
pub fn check(name: &str, content: &[u8], config: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join(name), content).expect("a writable folder");
    let data: Data = serde_json::from_str(config).expect("a config");
    let load = || read(&data, folder.path());
    let dataset = match load() {
        Ok(dataset) => dataset,
        Err(said) => return sentence::check(&said),
    };
    assert_eq!(load().as_ref(), Ok(&dataset));
    let classes = dataset.spec.classes.len();
    assert!((2..=1000).contains(&classes));
    let examples = [
        Some(&dataset.train),
        dataset.validation.as_ref(),
        Some(&dataset.test),
    ];
    for examples in examples.into_iter().flatten() {
        assert!(!examples.is_empty());
        assert_eq!(examples.width(), dataset.spec.features());
        assert!(
            examples
                .labels()
                .iter()
                .all(|&label| usize::from(label) < classes)
        );
        match examples.inputs() {
            Inputs::Numbers(numbers) => assert!(numbers.iter().all(|number| number.is_finite())),
            Inputs::Tokens(tokens) => {
                let ids = dataset.spec.vocabulary().expect("texts") as i32;
                assert!(tokens.iter().all(|id| (0..ids).contains(id)));
            }
            Inputs::Bytes(_) => unreachable!("neither a table nor texts"),
        }
    }
    // A description and the first examples of whatever was read.
    let described = dataset.description();
    assert!((0.0..=1.0).contains(&described.chance));
    let _ = dataset.first_examples(classes);
}

fn read(data: &Data, folder: &Path) -> Result<Dataset, String> {
    let places = Places {
        published: &Location::Offline,
        config_folder: folder,
    };
    data.load(&places, &mut |_| ())
        .map_err(|error| error.to_string())
}
