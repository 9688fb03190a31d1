//! MNIST as its authors published it: 60,000 training and 10,000 test images.
//!
//! LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition"
//! (1998). A named folder may hold other IDX files of the same shape under the same names, for
//! instance Fashion-MNIST. Results tell them apart by their digests.
//!
//! burn-dataset is not used: its IDX reader is part of a download without checksums that panics if
//! there is no network, and its `vision` feature nearly doubles the number of dependencies.

mod found;
mod npz;

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use spec::{DataSpec, Fraction};

use self::found::Found;
pub use self::npz::from_npz;
use crate::checksum::sha256_of;
use crate::dataset::Dataset;
use crate::error::DataError;
use crate::examples::Examples;
use crate::preprocessing::Preprocessing;
use crate::progress::Progress;
use crate::published::{PublishedFile, server};
use crate::source::{Location, Places, Published, Source, Validation, Verified};
use crate::{cache, described, settings};

/// Images of handwritten digits, 28 x 28 pixels: 60,000 for training, 10,000 for the test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mnist {
    /// The fraction of the training set, from its end, to hold out for validation.
    #[serde(default = "settings::validation_fraction")]
    pub validation_fraction: Fraction,
}

impl Source for Mnist {
    fn spec(&self) -> Option<DataSpec> {
        Some(described::digits(SIDE))
    }

    fn validation(&self) -> Validation {
        Validation::HeldOut(self.validation_fraction.get())
    }

    fn load(
        &self,
        places: &Places,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Dataset, DataError> {
        if *places.published == Location::Cache {
            Files.fetch(on_progress)?;
        }
        let Halves { mut train, test } = Found::below(&root(places.published)?)?.read()?;
        let validation = train.hold_out_last(self.validation_fraction.get())?;
        Ok(Dataset {
            name: "mnist".to_owned(),
            spec: described::digits(SIDE),
            train,
            validation,
            test,
            preprocessing: Preprocessing::None,
            noticed: None,
            splits: None,
        })
    }

    fn published() -> Option<&'static dyn Published> {
        Some(&Files)
    }
}

/// Rows and columns of an image.
const SIDE: usize = 28;
/// The number of classes, the ten digits.
const CLASSES: usize = 10;

/// The mirror that Burn's own data set uses. `HEARTH_MNIST_URL` overrides it.
const MIRROR: &str = "https://storage.googleapis.com/cvdf-datasets/mnist";

const TRAIN_IMAGES: PublishedFile = PublishedFile {
    name: "train-images-idx3-ubyte.gz",
    bytes: 9_912_422,
    sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    sha256_unpacked: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
};
const TRAIN_LABELS: PublishedFile = PublishedFile {
    name: "train-labels-idx1-ubyte.gz",
    bytes: 28_881,
    sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    sha256_unpacked: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
};
const TEST_IMAGES: PublishedFile = PublishedFile {
    name: "t10k-images-idx3-ubyte.gz",
    bytes: 1_648_877,
    sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    sha256_unpacked: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
};
const TEST_LABELS: PublishedFile = PublishedFile {
    name: "t10k-labels-idx1-ubyte.gz",
    bytes: 4_542,
    sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    sha256_unpacked: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
};
const FILES: [&PublishedFile; 4] = [&TRAIN_IMAGES, &TRAIN_LABELS, &TEST_IMAGES, &TEST_LABELS];

/// The folder in which data sets are looked for.
fn root(location: &Location) -> Result<PathBuf, DataError> {
    match location {
        Location::Folder(folder) => Ok(folder.clone()),
        Location::Cache | Location::Offline => cache::folder(),
    }
}

struct Files;

impl Published for Files {
    fn fetch(&self, on_progress: &mut dyn FnMut(Progress)) -> Result<PathBuf, DataError> {
        let folder = root(&Location::Cache)?.join("mnist");
        let mirror = server("HEARTH_MNIST_URL", MIRROR);
        for file in FILES {
            file.fetch(&folder, &mirror, on_progress)?;
        }
        Ok(folder)
    }

    fn verify(&self, location: &Location) -> Result<Vec<Verified>, DataError> {
        let found = Found::below(&root(location)?)?;
        let Halves { train, test } = found.read()?;
        let verified = |path: &Path, examples: usize, is_published: &dyn Fn(&str) -> bool| {
            let sha256 = sha256_of(path)?;
            Ok(Verified {
                examples,
                original: is_published(&sha256),
                sha256,
                path: path.to_owned(),
            })
        };
        match &found {
            Found::Idx(paths) => {
                let examples = [&train, &train, &test, &test].map(Examples::len);
                let files = FILES.into_iter().zip(paths).zip(examples);
                let verified = files.map(|((file, path), examples)| {
                    verified(path, examples, &|sha256| file.is(sha256))
                });
                verified.collect()
            }
            Found::Npz(path) => {
                let examples = train.len() + test.len();
                let is_published = |sha256: &str| sha256 == KERAS_SHA256;
                Ok(vec![verified(path, examples, &is_published)?])
            }
        }
    }
}

/// The SHA-256 of Keras's `mnist.npz`, as its source gives it.
const KERAS_SHA256: &str = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1";

/// The published halves.
#[derive(Debug)]
pub struct Halves {
    /// 60,000 examples in the published set.
    pub train: Examples,
    /// 10,000 examples in the published set.
    pub test: Examples,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::idx::header;

    /// A data folder with so many images and labels in each split.
    fn folder(images: u32, labels: u32) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("mnist")).unwrap();
        for file in FILES {
            let bytes = if file.name.contains("images") {
                let mut bytes = header(2051, &[images, 28, 28]);
                bytes.resize(bytes.len() + images as usize * SIDE * SIDE, 1);
                bytes
            } else {
                let mut bytes = header(2049, &[labels]);
                bytes.resize(bytes.len() + labels as usize, 4);
                bytes
            };
            std::fs::write(
                folder
                    .path()
                    .join("mnist")
                    .join(file.name.trim_end_matches(".gz")),
                bytes,
            )
            .unwrap();
        }
        folder
    }

    fn load_folder(path: &Path) -> Result<Dataset, String> {
        let config: Mnist = serde_json::from_str("{}").unwrap();
        let location = Location::Folder(path.to_owned());
        let places = Places {
            published: &location,
            config_folder: Path::new("."),
        };
        let loaded = config.load(&places, &mut |_| ());
        loaded.map_err(|error| error.to_string())
    }

    #[test]
    fn reads_a_folder_of_other_idx_files() {
        let folder = folder(3, 3);
        let dataset = load_folder(folder.path()).unwrap();
        assert_eq!(dataset.train.labels(), [4, 4, 4]);
        let location = Location::Folder(folder.path().to_owned());
        let verified = Files.verify(&location).unwrap();
        assert!(
            verified
                .iter()
                .all(|file| file.examples == 3 && !file.original)
        );
    }

    #[test]
    fn refuses_a_folder_that_is_incomplete_or_disagrees() {
        let missing = folder(3, 3);
        std::fs::remove_file(missing.path().join("mnist").join("t10k-labels-idx1-ubyte")).unwrap();
        for (folder, expected) in [
            (folder(3, 2), "2 labels for the 3 images"),
            (folder(0, 0), "no images"),
            (missing, "t10k-labels-idx1-ubyte: not found; put the four"),
        ] {
            let error = load_folder(folder.path()).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn the_real_files_are_the_published_ones() {
        let Some(folder) = std::env::var_os("HEARTH_DATA_DIR") else {
            println!("skipped: HEARTH_DATA_DIR is not set");
            return;
        };
        let location = Location::Folder(folder.into());
        let verified = Files.verify(&location).unwrap();
        let counts: Vec<usize> = verified.iter().map(|file| file.examples).collect();
        assert_eq!(counts, [60_000, 60_000, 10_000, 10_000]);
        assert!(verified.iter().all(|file| file.original));

        // The published set's counts per class and its well-known mean pixel.
        let dataset = Found::below(&root(&location).unwrap())
            .unwrap()
            .read()
            .unwrap();
        let count = |digit| {
            let labels = dataset.test.labels().iter();
            labels.filter(|&&label| label == digit).count()
        };
        assert_eq!(
            (0..10).map(count).collect::<Vec<_>>(),
            [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
        );
        let sum: u64 = dataset
            .train
            .bytes()
            .unwrap()
            .iter()
            .map(|&pixel| u64::from(pixel))
            .sum();
        let mean = sum as f64 / (60_000 * SIDE * SIDE) as f64 / 255.0;
        assert!((mean - 0.1307).abs() < 1e-4, "{mean}");
    }
}
