//! What the sources of a person's own data have in common.

use std::collections::{BTreeMap, HashMap};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use spec::Split;

use crate::error::DataError;
use crate::files;
use crate::split::HoldOut;
use crate::table::value::quoted;

/// The most classes.
pub(crate) const MOST_CLASSES: usize = 1000;

/// The name of data in results: the stem of the file or the folder's name, or that of the folder
/// above if it only says `train`.
pub(crate) fn name(path: &Path) -> String {
    let stem = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let stem = name.split('.').next().unwrap_or_default();
        stem.to_owned()
    };
    let own = stem(path);
    let above = path.parent().map(stem).unwrap_or_default();
    match own.as_str() {
        "train" | "training" | "" if !above.is_empty() => above,
        "" => "own data".to_owned(),
        _ => own,
    }
}

/// The classes in order: by number if all of them are numbers, otherwise by text.
pub(crate) fn sorted_classes(mut classes: Vec<String>) -> Vec<String> {
    classes.sort_unstable();
    let numbers: Option<Vec<f64>> = classes.iter().map(|class| class.parse().ok()).collect();
    if let Some(numbers) = numbers {
        let mut numbered: Vec<(f64, String)> = numbers.into_iter().zip(classes).collect();
        numbered.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        return numbered.into_iter().map(|(_, class)| class).collect();
    }
    classes
}

/// Numbers classes in the order in which they come.
#[derive(Debug, Default)]
pub(crate) struct ClassNumbers {
    numbers: HashMap<String, u16>,
}

impl ClassNumbers {
    /// The number of a class; `None` if there would be more than [`MOST_CLASSES`].
    pub fn number(&mut self, class: &str) -> Option<u16> {
        match self.numbers.get(class) {
            Some(&number) => Some(number),
            None if self.numbers.len() == MOST_CLASSES => None,
            None => {
                let number = self.numbers.len() as u16;
                self.numbers.insert(class.to_owned(), number);
                Some(number)
            }
        }
    }

    /// The classes in order, and the place of each number among them.
    pub fn sorted(self) -> (Vec<String>, Vec<u16>) {
        let classes = sorted_classes(self.numbers.keys().cloned().collect());
        let mut places = vec![0; classes.len()];
        for (class, place) in classes.iter().zip(0..) {
            places[usize::from(self.numbers[class])] = place;
        }
        (classes, places)
    }
}

/// The problem with a class too many.
pub(crate) fn too_many_classes() -> String {
    format!("over {MOST_CLASSES} classes; is it the right label?")
}

/// A folder's folders, one per class.
pub(crate) struct ClassFolders {
    /// The names, sorted.
    pub classes: Vec<String>,
    /// The folder of each class.
    pub paths: Vec<PathBuf>,
    /// Files of the system, which are passed over.
    pub skipped: usize,
}

/// Finds the folders of the classes. `key` names the folder in the config.
///
/// # Errors
///
/// If there is no such folder, if it holds files that belong to no class, or if a name is not UTF-8.
pub(crate) fn class_folders(path: &Path, key: &'static str) -> Result<ClassFolders, DataError> {
    let entries = match std::fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let path = path.to_owned();
            return Err(DataError::NotFound { path, key });
        }
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            let problem = "not a folder; name one with a folder per class";
            return Err(DataError::own(path, problem));
        }
        Err(error) => return Err(DataError::io(path)(error)),
    };
    let mut folders = BTreeMap::new();
    let mut skipped = 0;
    for entry in entries {
        let entry = entry.map_err(DataError::io(path))?;
        let (name, place) = (entry.file_name(), entry.path());
        if files::is_systems(&name.to_string_lossy()) {
            skipped += 1;
            continue;
        }
        if !place.is_dir() {
            let problem = "a file beside the classes' folders; put it into one or remove it";
            return Err(DataError::own(&place, problem));
        }
        let name = name.into_string().map_err(|_| {
            DataError::own(
                &place,
                "the name of a class is not UTF-8; rename the folder",
            )
        })?;
        folders.insert(name, place);
    }
    let names = sorted_classes(folders.keys().cloned().collect());
    let paths = names.iter().map(|name| folders[name].clone()).collect();
    Ok(ClassFolders {
        classes: names,
        paths,
        skipped,
    })
}

/// Checks the number of classes; `what` names their place.
///
/// # Errors
///
/// If there are fewer than two or more than [`MOST_CLASSES`].
pub(crate) fn check_classes(path: &Path, what: &str, classes: &[String]) -> Result<(), DataError> {
    let problem = match classes {
        [] => format!("{what} has no class"),
        [only] => format!(
            "{what} has the one class {}; a classifier needs at least two",
            quoted(only)
        ),
        _ if classes.len() > MOST_CLASSES => format!(
            "{what} has {} classes, over {MOST_CLASSES}; is it the right place?",
            classes.len()
        ),
        _ => return Ok(()),
    };
    Err(DataError::own(path, problem))
}

/// The split of each training example.
///
/// # Errors
///
/// If examples are to be held out for the test, and the fraction of so few is none.
pub(crate) fn splits(
    path: &Path,
    hold_out: &HoldOut,
    labels: &[u16],
) -> Result<Vec<Split>, DataError> {
    let splits = hold_out.splits(labels);
    for (fraction, key, split) in [
        (hold_out.test, "test_fraction", Split::Test),
        (
            hold_out.validation,
            "validation_fraction",
            Split::Validation,
        ),
    ] {
        if fraction > 0.0 && !splits.contains(&split) {
            let problem = format!(
                "{key} {fraction} of {} examples is none; raise it or add examples",
                labels.len()
            );
            return Err(DataError::own(path, problem));
        }
    }
    Ok(splits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_are_named_after_their_file_or_folder() {
        for (path, expected) in [
            ("wine.csv", "wine"),
            ("../data/mails.jsonl.gz", "mails"),
            ("pets/train", "pets"),
            ("pets/train.csv", "pets"),
            ("train", "train"),
            ("/x/flowers/", "flowers"),
            ("..", "own data"),
        ] {
            assert_eq!(name(Path::new(path)), expected);
        }
    }

    #[test]
    fn numbers_are_sorted_as_numbers() {
        let sorted = |classes: &[&str]| sorted_classes(classes.iter().map(|&c| c.into()).collect());
        assert_eq!(sorted(&["10", "9", "1"]), ["1", "9", "10"]);
        assert_eq!(sorted(&["b", "10", "9"]), ["10", "9", "b"]);
    }
}
