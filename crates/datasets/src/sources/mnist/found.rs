//! Finding MNIST where people and programs keep it.

use std::path::{Path, PathBuf};

use super::{CLASSES, FILES, Halves, SIDE, npz};
use crate::error::DataError;
use crate::examples::{Examples, Inputs};
use crate::idx;
use crate::published::PublishedFile;

/// The files of a copy of MNIST.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Images and labels of the training half, then of the test half.
    Idx([PathBuf; 4]),
    /// Keras's archive.
    Npz(PathBuf),
}

/// Folders below a data folder that may hold the files: hearth's own, the folder itself, torchvision's.
const PLACES: [&str; 6] = [
    "mnist",
    "",
    "MNIST/raw",
    "raw",
    "mnist/MNIST/raw",
    "mnist/raw",
];
/// Keras's archive.
const NPZ: &str = "mnist.npz";

impl Found {
    /// Finds the files in a data folder, in one of the usual folders below it, or below its only folder
    /// that has one.
    ///
    /// # Errors
    ///
    /// If there are none, or not all four.
    pub fn below(root: &Path) -> Result<Self, DataError> {
        let mut begun = None;
        for place in PLACES {
            let folder = root.join(place);
            match Self::within(&folder) {
                Ok(Some(found)) => return Ok(found),
                Ok(None) => {}
                Err(error) => begun = begun.or(Some(error)),
            }
        }
        // Some files are there, so the others are what is missing.
        if let Some(error) = begun {
            return Err(error);
        }
        let mut found = children(root).into_iter().flat_map(|child| {
            let places = PLACES.map(|place| child.join(place));
            places
                .into_iter()
                .filter_map(|folder| Self::within(&folder).ok()?)
        });
        match (found.next(), found.next()) {
            (Some(only), None) => Ok(only),
            _ => Err(missing(&root.join("mnist").join(plain(FILES[0])))),
        }
    }

    /// The files in a folder; `None` if there are none.
    fn within(folder: &Path) -> Result<Option<Self>, DataError> {
        let files = FILES.map(|file| named(folder, file));
        if files.iter().any(Option::is_some) {
            let mut paths = Vec::new();
            for (file, path) in FILES.into_iter().zip(files) {
                paths.push(path.ok_or_else(|| missing(&folder.join(plain(file))))?);
            }
            return Ok(paths.try_into().ok().map(Self::Idx));
        }
        let archive = folder.join(NPZ);
        Ok(archive.is_file().then_some(Self::Npz(archive)))
    }

    /// Reads the examples.
    pub fn read(&self) -> Result<Halves, DataError> {
        match self {
            Self::Idx([train_images, train_labels, test_images, test_labels]) => Ok(Halves {
                train: read_half(train_images, train_labels)?,
                test: read_half(test_images, test_labels)?,
            }),
            Self::Npz(path) => {
                let file = std::fs::File::open(path).map_err(DataError::io(path))?;
                npz::from_npz(std::io::BufReader::new(file), path)
            }
        }
    }
}

fn read_half(images: &Path, labels: &Path) -> Result<Examples, DataError> {
    let pixels = idx::images(idx::open(images)?, images, [SIDE, SIDE])?;
    let values = idx::labels(idx::open(labels)?, labels, CLASSES)?;
    half(pixels, values, images, labels)
}

/// The examples of these images and labels; the paths name them in errors.
pub(super) fn half(
    pixels: Vec<u8>,
    labels: Vec<u8>,
    images_path: &Path,
    labels_path: &Path,
) -> Result<Examples, DataError> {
    let count = pixels.len() / (SIDE * SIDE);
    if count != labels.len() {
        let problem = format!(
            "{} labels for the {count} images of {}",
            labels.len(),
            images_path.display()
        );
        return Err(DataError::malformed(labels_path, problem));
    }
    if count == 0 {
        return Err(DataError::malformed(images_path, "no images"));
    }
    let labels = labels.into_iter().map(u16::from).collect();
    Ok(Examples::new(Inputs::Bytes(pixels), labels, SIDE * SIDE))
}

fn plain(file: &PublishedFile) -> &'static str {
    file.name.trim_end_matches(".gz")
}

/// The file in a folder under one of its names: gzipped or not, and with a dot, as the gzipped file
/// calls its content and unpacking programs call the file.
fn named(folder: &Path, file: &PublishedFile) -> Option<PathBuf> {
    let plain = plain(file);
    let dotted = plain.replace("-idx", ".idx");
    let names = [plain, &dotted].map(|name| [name.to_owned(), format!("{name}.gz")]);
    let mut paths = names.into_iter().flatten().map(|name| folder.join(name));
    paths.find(|path| path.is_file())
}

fn missing(path: &Path) -> DataError {
    DataError::Missing {
        path: path.to_owned(),
        remedy: "put the four MNIST files there (gzipped or not), or Keras's mnist.npz",
    }
}

/// The folders in a folder.
fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_found_where_programs_put_them() {
        for (place, name) in [
            ("mnist", "train-images-idx3-ubyte.gz"),
            ("mnist", "train-images.idx3-ubyte"),
            ("", "train-images-idx3-ubyte"),
            ("MNIST/raw", "train-images-idx3-ubyte"),
            ("data/mnist", "train-images.idx3-ubyte.gz"),
            ("data/MNIST/raw", "train-images-idx3-ubyte"),
            ("datasets", "mnist.npz"),
            ("mnist", "mnist.npz"),
        ] {
            let root = tempfile::tempdir().unwrap();
            let folder = root.path().join(place);
            std::fs::create_dir_all(&folder).unwrap();
            let names = [
                ("train", "images", "3"),
                ("train", "labels", "1"),
                ("t10k", "images", "3"),
                ("t10k", "labels", "1"),
            ]
            .map(|(half, what, dimensions)| {
                name.replace("train", half)
                    .replace("images", what)
                    .replace("idx3", &format!("idx{dimensions}"))
            });
            for name in &names {
                std::fs::write(folder.join(name), "").unwrap();
            }
            let expected = if name == NPZ {
                Found::Npz(folder.join(NPZ))
            } else {
                Found::Idx(names.map(|name| folder.join(name)))
            };
            assert_eq!(
                Found::below(root.path()).unwrap(),
                expected,
                "{place} {name}"
            );
        }
    }

    #[test]
    fn two_copies_below_are_no_answer() {
        let root = tempfile::tempdir().unwrap();
        for place in ["a", "b"] {
            std::fs::create_dir(root.path().join(place)).unwrap();
            std::fs::write(root.path().join(place).join(NPZ), "").unwrap();
        }
        let error = Found::below(root.path()).unwrap_err().to_string();
        assert!(
            error.contains("mnist/train-images-idx3-ubyte: not found; put the four"),
            "{error}"
        );
    }
}
