//! A person's own images: a folder with a folder of images per class.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use sha2::{Digest, Sha256};
use spec::{Count, DataSpec, InputSpec, Noticed, Problem};

use crate::cache::{self, CachedBytes};
use crate::checksum::{hex, sha256_of};
use crate::dataset::Dataset;
use crate::error::DataError;
use crate::examples::{Examples, Inputs};
use crate::picture::{self, Channels, Form};
use crate::preprocessing::Preprocessing;
use crate::progress::{Progress, Unit};
use crate::source::{Places, Source, Validation};
use crate::split::{Divided, duplicates};
use crate::table::value::quoted;
use crate::{files, own, settings};

settings::own_data! {
    /// Images of your own: a folder with a folder per class. PNG, JPEG, WebP, BMP and GIF files of any
    /// size are scaled to fit and centred.
    pub struct Images {
        /// The folder, relative to the config file's folder.
        pub train: PathBuf,
        /// Rows and columns of the images that the model reads.
        pub size: [Count<1, 4096>; 2],
        /// The colours that the model reads: `grey` or `rgb`.
        #[serde(default)]
        pub channels: Channels,
    }
}

impl Source for Images {
    fn check(&self) -> Result<(), Problem> {
        self.check_split()
    }

    fn validation(&self) -> Validation {
        settings::validation(self.validation_fraction, self.validate_on_test)
    }

    fn path_keys(&self) -> &'static [&'static str] {
        &["train", "test"]
    }

    fn load(
        &self,
        places: &Places,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Dataset, DataError> {
        let path = places.config_folder.join(&self.train);
        let train = Folder::of_training(&path)?;
        let test = self.test.as_ref().map(|test| {
            let path = places.config_folder.join(test);
            Folder::of_test(&path, &train.classes)
        });
        let test = test.transpose()?;
        let splits = own::splits(&path, &self.hold_out(), &train.labels)?;

        let folders = [Some(&train), test.as_ref()];
        let all: Vec<&Path> = folders
            .into_iter()
            .flatten()
            .flat_map(|folder| folder.files.iter().map(PathBuf::as_path))
            .collect();
        let mut pixels = self.pixels(&all, on_progress)?;
        let width = self.width();
        let of_test = pixels.split_off(train.files.len() * width);
        let examples =
            |pixels, labels: Vec<u16>| Examples::new(Inputs::Bytes(pixels), labels, width);
        let mut divided = Divided::new(examples(pixels, train.labels), &splits);
        let mut skipped_files = train.skipped;
        if let Some(test) = test {
            divided.test = examples(of_test, test.labels);
            skipped_files += test.skipped;
        }
        let [rows, columns] = self.size.map(Count::get);
        Ok(Dataset {
            name: own::name(&self.train),
            spec: DataSpec {
                input: InputSpec::Dense {
                    shape: vec![rows, columns, self.channels.count()],
                },
                classes: train.classes,
            },
            noticed: Some(Noticed {
                test_in_train: duplicates(&divided.train, &divided.test),
                skipped_files,
                ..Noticed::default()
            }),
            train: divided.train,
            validation: divided.validation,
            test: divided.test,
            preprocessing: Preprocessing::None,
            splits: Some(splits),
        })
    }
}

/// Images that are read before the progress is reported.
const AT_ONCE: usize = 256;
/// Incremented when the decoding of images changes.
const VERSION: u32 = 2;

impl Images {
    /// Values per image.
    fn width(&self) -> usize {
        self.size
            .iter()
            .map(|length| length.get())
            .product::<usize>()
            * self.channels.count()
    }

    /// The pixels of all images, one after another: from the cache if the same files were decoded
    /// before, in the same form.
    fn pixels(
        &self,
        files: &[&Path],
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<u8>, DataError> {
        let mut hash = Sha256::new();
        hash.update(format!("{VERSION} {:?} {:?}", self.size, self.channels));
        in_parallel("checking images", files, on_progress, sha256_of, |sha256| {
            hash.update(sha256);
        })?;
        let folder = cache::folder().ok();
        let cached = folder.map(|folder| {
            let name = format!("{}.bin", hex(&hash.finalize()));
            folder.join("images").join(name)
        });
        let cached = cached.as_deref().map(CachedBytes::at);
        let bytes = files.len() * self.width();
        if let Some(pixels) = cached.as_ref().and_then(CachedBytes::read)
            && pixels.len() == bytes
        {
            return Ok(pixels);
        }
        let form = Form::AsIs {
            size: self.size.map(Count::get),
            channels: self.channels,
        };
        let mut pixels = Vec::with_capacity(bytes);
        let decoded = |path: &Path| picture::read(path, form);
        in_parallel("decoding images", files, on_progress, decoded, |picture| {
            pixels.extend(picture.pixels);
        })?;
        if let Some(cached) = cached {
            // The cache only saves time: if this fails, the images are decoded again.
            let _ = cached.write(&pixels);
        }
        Ok(pixels)
    }
}

/// Reads files on all threads and hands on what comes of them in their order.
fn in_parallel<T: Send>(
    task: &str,
    files: &[&Path],
    on_progress: &mut dyn FnMut(Progress),
    read: impl Fn(&Path) -> Result<T, DataError> + Sync,
    mut use_in_order: impl FnMut(T),
) -> Result<(), DataError> {
    let mut done = 0;
    for files_at_once in files.chunks(AT_ONCE) {
        let read: Vec<Result<T, DataError>> =
            files_at_once.par_iter().map(|path| read(path)).collect();
        for outcome in read {
            use_in_order(outcome?);
        }
        done += files_at_once.len() as u64;
        on_progress(Progress {
            task,
            done,
            total: Some(files.len() as u64),
            unit: Unit::Files,
        });
    }
    Ok(())
}

/// The files of a folder with a folder per class.
struct Folder {
    classes: Vec<String>,
    /// By class, then by path.
    files: Vec<PathBuf>,
    /// The class of each file.
    labels: Vec<u16>,
    /// Files that were passed over.
    skipped: usize,
}

impl Folder {
    fn of_training(path: &Path) -> Result<Self, DataError> {
        let class_folders = own::class_folders(path, "data.images.train")?;
        own::check_classes(path, "the folder", &class_folders.classes)?;
        let folder = Self::read(class_folders)?;
        for (class, label) in folder.classes.iter().zip(0..) {
            if !folder.labels.contains(&label) {
                let problem = "no image in it; add some or remove the folder";
                return Err(DataError::own(&path.join(class), problem));
            }
        }
        Ok(folder)
    }

    /// A folder whose classes are among those of the training folder.
    fn of_test(path: &Path, classes: &[String]) -> Result<Self, DataError> {
        let class_folders = own::class_folders(path, "data.images.test")?;
        let places = class_folders.classes.iter().map(|class| {
            let place = classes.iter().position(|other| other == class);
            place.map(|place| place as u16).ok_or_else(|| {
                let problem = format!("{} is no class of the training folder", quoted(class));
                DataError::own(path, problem)
            })
        });
        let places: Vec<u16> = places.collect::<Result<_, _>>()?;
        let mut folder = Self::read(class_folders)?;
        if folder.files.is_empty() {
            return Err(DataError::own(path, "no image in it; add some"));
        }
        for label in &mut folder.labels {
            *label = places[usize::from(*label)];
        }
        Ok(folder)
    }

    fn read(class_folders: own::ClassFolders) -> Result<Self, DataError> {
        let mut folder = Self {
            files: Vec::new(),
            labels: Vec::new(),
            skipped: class_folders.skipped,
            classes: Vec::new(),
        };
        for (path, label) in class_folders.paths.iter().zip(0..) {
            let below = files::below(path)?;
            folder.skipped += below.skipped;
            folder.labels.extend(vec![label; below.files.len()]);
            folder.files.extend(below.files);
        }
        folder.classes = class_folders.classes;
        Ok(folder)
    }
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, ImageFormat, Luma, Rgb, RgbImage};

    use super::*;
    use crate::source::Location;

    const SIZE: u32 = 4;

    /// An image whose pixels all differ from those of another number.
    fn image(number: u8) -> GrayImage {
        GrayImage::from_fn(SIZE, SIZE, |x, y| {
            Luma([number.wrapping_mul(7) ^ (x + 4 * y) as u8])
        })
    }

    fn folder(images: &[(&str, u8)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, number) in images {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            image(*number)
                .save_with_format(path, ImageFormat::Png)
                .unwrap();
        }
        folder
    }

    fn load(folder: &Path, config: &str) -> Result<Dataset, String> {
        let source: Images = serde_json::from_str(config).unwrap();
        let places = Places {
            published: &Location::Offline,
            config_folder: folder,
        };
        let loaded = source.load(&places, &mut |_| ());
        loaded.map_err(|error| {
            error
                .to_string()
                .replace(&format!("{}/", folder.display()), "")
        })
    }

    const HALVES: &str = r#"{ "train": "train", "test": "test", "size": [4, 4] }"#;
    const IMAGES: [(&str, u8); 7] = [
        ("train/cat/2.png", 2),
        ("train/cat/1.png", 1),
        ("train/ant/x/9.png", 3),
        ("train/ant/b.png", 4),
        ("test/cat/5.png", 5),
        ("test/cat/1-again.png", 1),
        ("test/ant/6.png", 6),
    ];

    #[test]
    fn classes_and_images_are_sorted() {
        let folder = folder(&IMAGES);
        std::fs::write(folder.path().join("train/.DS_Store"), "x").unwrap();
        std::fs::write(folder.path().join("test/cat/Thumbs.db"), "x").unwrap();
        let dataset = load(folder.path(), HALVES).unwrap();
        assert_eq!(dataset.spec.classes, ["ant", "cat"]);
        assert_eq!(dataset.spec.dense_shape().unwrap(), [4, 4, 1]);
        assert_eq!(dataset.train.labels(), [0, 0, 1, 1]);
        let expected: Vec<u8> = [4, 3, 1, 2]
            .into_iter()
            .flat_map(|n| image(n).into_raw())
            .collect();
        assert_eq!(dataset.train.bytes().unwrap(), expected);
        assert_eq!(dataset.test.labels(), [0, 1, 1]);
        let noticed = dataset.noticed.unwrap();
        assert_eq!((noticed.test_in_train, noticed.skipped_files), (1, 2));
        // A second time, from the cache.
        assert_eq!(load(folder.path(), HALVES).unwrap().train, dataset.train);
        // A changed file is decoded again.
        image(8)
            .save(folder.path().join("train/cat/2.png"))
            .unwrap();
        assert_ne!(load(folder.path(), HALVES).unwrap().train, dataset.train);
    }

    #[test]
    fn colours_and_other_sizes_are_read() {
        let folder = folder(&IMAGES);
        let wide = RgbImage::from_pixel(80, 20, Rgb([200, 10, 30]));
        wide.save(folder.path().join("train/cat/2.png")).unwrap();
        let config =
            r#"{ "train": "train", "test_fraction": 0.25, "size": [2, 3], "channels": "rgb" }"#;
        let dataset = load(folder.path(), config).unwrap();
        assert_eq!(dataset.spec.dense_shape().unwrap(), [2, 3, 3]);
        let last = [
            dataset.train.bytes().unwrap(),
            dataset.test.bytes().unwrap(),
        ]
        .concat();
        assert!(
            last.chunks(18)
                .any(|image| image == [200, 10, 30].repeat(6))
        );
        assert_eq!((dataset.train.len(), dataset.test.len()), (3, 1));
    }

    #[test]
    fn errors_name_the_file_and_the_remedy() {
        let with = |name: &str, content: &str| {
            let folder = folder(&IMAGES);
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
            folder
        };
        let without = |name: &str| {
            let folder = folder(&IMAGES);
            std::fs::remove_dir_all(folder.path().join(name)).unwrap();
            folder
        };
        let empty_class = folder(&IMAGES);
        std::fs::create_dir(empty_class.path().join("train/dog")).unwrap();
        let empty_test = without("test/cat");
        std::fs::remove_dir_all(empty_test.path().join("test/ant")).unwrap();
        for (folder, expected) in [
            (
                without("train"),
                "train: not found; data.images.train is relative to",
            ),
            (
                without("test"),
                "test: not found; data.images.test is relative to",
            ),
            (
                without("train/ant"),
                "train: the folder has the one class `cat`; a classifier needs",
            ),
            (
                empty_class,
                "train/dog: no image in it; add some or remove the folder",
            ),
            (empty_test, "test: no image in it; add some"),
            (
                with("test/dog/7.png", ""),
                "test: `dog` is no class of the training folder",
            ),
            (
                with("train/labels.csv", "a"),
                "train/labels.csv: a file beside the classes' folders",
            ),
            (
                with("train/cat/3.png", ""),
                "train/cat/3.png: no picture; use a PNG, JPEG",
            ),
            (
                with("train/cat/notes.txt", "hello"),
                "train/cat/notes.txt: no picture; use",
            ),
        ] {
            let error = load(folder.path(), HALVES).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
}
