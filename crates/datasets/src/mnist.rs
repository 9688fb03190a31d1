//! MNIST as its authors published it: 60,000 training and 10,000 test images.
//!
//! LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition"
//! (1998). Other IDX files of the same shape, Fashion-MNIST for instance, may lie in a named
//! folder under the same names; their digests tell them apart in results.
//!
//! burn-dataset is not used: its IDX reader is part of a download that has no checksum and panics
//! without a network, and its `vision` feature nearly doubles the packages.

use std::path::{Path, PathBuf};

use crate::checksum::sha256_of;
use crate::published::{Published, server};
use crate::{DataError, Dataset, ImageSet, Location, Progress, Verified, cache, idx};

/// The mirror that Burn's own data set uses; `HEARTH_MNIST_URL` names another.
const MIRROR: &str = "https://storage.googleapis.com/cvdf-datasets/mnist";

const TRAIN_IMAGES: Published = Published {
    name: "train-images-idx3-ubyte.gz",
    bytes: 9_912_422,
    sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    sha256_unpacked: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
};
const TRAIN_LABELS: Published = Published {
    name: "train-labels-idx1-ubyte.gz",
    bytes: 28_881,
    sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    sha256_unpacked: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
};
const TEST_IMAGES: Published = Published {
    name: "t10k-images-idx3-ubyte.gz",
    bytes: 1_648_877,
    sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    sha256_unpacked: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
};
const TEST_LABELS: Published = Published {
    name: "t10k-labels-idx1-ubyte.gz",
    bytes: 4_542,
    sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    sha256_unpacked: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
};
const FILES: [&Published; 4] = [&TRAIN_IMAGES, &TRAIN_LABELS, &TEST_IMAGES, &TEST_LABELS];

/// Reads the data set; from the cache's location it is downloaded first where it is missing or
/// damaged.
///
/// # Errors
///
/// When a file is missing, damaged, of another shape or format, or cannot be downloaded.
pub fn load(
    location: &Location,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<Dataset<ImageSet>, DataError> {
    let folder = match location {
        Location::Folder(folder) => folder.join("mnist"),
        Location::Cache => fetch(on_progress)?,
    };
    read(&folder)
}

/// Downloads what the cache lacks, and gives the cache's folder.
///
/// # Errors
///
/// When a download fails; what was there stays.
pub fn fetch(on_progress: &mut dyn FnMut(Progress)) -> Result<PathBuf, DataError> {
    let folder = cache::folder()?.join("mnist");
    let mirror = server("HEARTH_MNIST_URL", MIRROR);
    for file in FILES {
        file.fetch(&folder, &mirror, on_progress)?;
    }
    Ok(folder)
}

/// Reads all four files, downloads nothing.
///
/// # Errors
///
/// As for [`load`]; a cache that was never filled counts as missing.
pub fn verify(location: &Location) -> Result<Vec<Verified>, DataError> {
    let folder = match location {
        Location::Folder(folder) => folder.join("mnist"),
        Location::Cache => cache::folder()?.join("mnist"),
    };
    let dataset = read(&folder)?;
    let examples = [&dataset.train, &dataset.train, &dataset.test, &dataset.test];
    let verified = FILES.iter().zip(examples).map(|(file, set)| {
        let path = locate(&folder, file)?;
        let sha256 = sha256_of(&path)?;
        Ok(Verified {
            examples: set.examples(),
            original: file.is(&sha256),
            sha256,
            path,
        })
    });
    verified.collect()
}

fn read(folder: &Path) -> Result<Dataset<ImageSet>, DataError> {
    Ok(Dataset {
        name: "mnist",
        train: read_set(folder, &TRAIN_IMAGES, &TRAIN_LABELS)?,
        test: read_set(folder, &TEST_IMAGES, &TEST_LABELS)?,
    })
}

fn read_set(folder: &Path, images: &Published, labels: &Published) -> Result<ImageSet, DataError> {
    let images = locate(folder, images)?;
    let labels = locate(folder, labels)?;
    let pixels = idx::read_images(&images)?;
    let values = idx::read_labels(&labels)?;
    let count = pixels.len() / crate::images::PIXELS;
    if count != values.len() {
        let problem = format!(
            "{} labels for the {count} images of {}",
            values.len(),
            images.display()
        );
        return Err(DataError::malformed(&labels, problem));
    }
    if count == 0 {
        return Err(DataError::malformed(&images, "no images"));
    }
    Ok(ImageSet::new(pixels, values))
}

/// The file's path, unzipped or gzipped.
fn locate(folder: &Path, file: &Published) -> Result<PathBuf, DataError> {
    let plain = folder.join(unzipped(file));
    let zipped = folder.join(file.name);
    match (plain.is_file(), zipped.is_file()) {
        (true, _) => Ok(plain),
        (false, true) => Ok(zipped),
        (false, false) => Err(DataError::Missing {
            path: plain,
            remedy: "put the four MNIST files there, gzipped or not",
        }),
    }
}

fn unzipped(file: &Published) -> &'static str {
    file.name.trim_end_matches(".gz")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::idx::header;
    use crate::images::PIXELS;

    /// A data folder with as many images and labels as asked for in both splits.
    fn folder(images: u32, labels: u32) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("mnist")).unwrap();
        for file in FILES {
            let bytes = if file.name.contains("images") {
                let mut bytes = header(2051, &[images, 28, 28]);
                bytes.resize(bytes.len() + images as usize * PIXELS, 1);
                bytes
            } else {
                let mut bytes = header(2049, &[labels]);
                bytes.resize(bytes.len() + labels as usize, 4);
                bytes
            };
            std::fs::write(folder.path().join("mnist").join(unzipped(file)), bytes).unwrap();
        }
        folder
    }

    fn load_folder(path: &Path) -> Result<Dataset<ImageSet>, String> {
        load(&Location::Folder(path.to_owned()), &mut |_| ()).map_err(|error| error.to_string())
    }

    #[test]
    fn reads_a_folder_of_other_idx_files() {
        let folder = folder(3, 3);
        let dataset = load_folder(folder.path()).unwrap();
        assert_eq!(dataset.train.labels(), [4, 4, 4]);
        let location = Location::Folder(folder.path().to_owned());
        let verified = verify(&location).unwrap();
        assert!(
            verified
                .iter()
                .all(|file| file.examples == 3 && !file.original)
        );
    }

    #[test]
    fn refuses_a_folder_that_is_incomplete_or_disagrees() {
        let missing = folder(3, 3);
        std::fs::remove_file(missing.path().join("mnist").join(unzipped(&TEST_LABELS))).unwrap();
        for (folder, expected) in [
            (folder(3, 2), "2 labels for the 3 images"),
            (folder(0, 0), "no images"),
            (missing, "t10k-labels-idx1-ubyte: not there"),
        ] {
            let error = load_folder(folder.path()).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn the_real_files_are_what_was_published() {
        let Some(folder) = std::env::var_os("HEARTH_DATA_DIR") else {
            println!("skipped: HEARTH_DATA_DIR is not set");
            return;
        };
        let location = Location::Folder(folder.into());
        let verified = verify(&location).unwrap();
        let counts: Vec<usize> = verified.iter().map(|file| file.examples).collect();
        assert_eq!(counts, [60_000, 60_000, 10_000, 10_000]);
        assert!(verified.iter().all(|file| file.original));

        // Per-class counts of the published set, and the usual mean of a pixel.
        let dataset = load(&location, &mut |_| ()).unwrap();
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
            .pixels()
            .iter()
            .map(|&pixel| u64::from(pixel))
            .sum();
        let mean = sum as f64 / dataset.train.pixels().len() as f64 / 255.0;
        assert!((mean - 0.1307).abs() < 1e-4, "{mean}");
    }
}
