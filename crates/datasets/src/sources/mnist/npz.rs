//! Keras's copy of MNIST: an archive of NumPy arrays.

use std::io::{Read, Seek};
use std::path::Path;

use npyz::NpyFile;
use zip::ZipArchive;
use zip::result::ZipError;

use super::found::half;
use super::{CLASSES, Halves, SIDE};
use crate::error::DataError;

/// More examples than any known set has. It keeps a bad header from taking all memory.
const MOST_EXAMPLES: u64 = 1_000_000;

/// Reads the arrays `x_train`, `y_train`, `x_test` and `y_test` of bytes. `path` is the archive's name in
/// errors.
///
/// # Errors
///
/// If the content is no such archive, is damaged or too large, or a label is out of range.
pub fn from_npz(file: impl Read + Seek, path: &Path) -> Result<Halves, DataError> {
    let mut archive = ZipArchive::new(file)
        .map_err(|error| DataError::malformed(path, format!("unreadable: {error}")))?;
    let mut read = |images: &str, labels: &str| {
        let pixels = array(&mut archive, path, images, &[SIDE as u64, SIDE as u64])?;
        let labels = array(&mut archive, path, labels, &[])?;
        if let Some(label) = labels.iter().find(|&&label| usize::from(label) >= CLASSES) {
            let problem = format!("label {label} is not 0 to {}", CLASSES - 1);
            return Err(DataError::malformed(path, problem));
        }
        half(pixels, labels, path, path)
    };
    Ok(Halves {
        train: read("x_train", "y_train")?,
        test: read("x_test", "y_test")?,
    })
}

/// The bytes of an array of examples of this shape.
fn array<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    path: &Path,
    name: &str,
    shape: &[u64],
) -> Result<Vec<u8>, DataError> {
    let malformed = |problem: String| DataError::malformed(path, format!("{name}: {problem}"));
    let unreadable = |error: std::io::Error| malformed(format!("unreadable: {error}"));
    let file = archive.by_name(&format!("{name}.npy"));
    let file = file.map_err(|error| {
        malformed(if matches!(error, ZipError::FileNotFound) {
            "not in the archive".to_owned()
        } else {
            format!("unreadable: {error}")
        })
    })?;
    let array = NpyFile::new(file).map_err(unreadable)?;
    let fits = |found: &[u64]| match found {
        [examples, rest @ ..] => *examples <= MOST_EXAMPLES && rest == shape,
        [] => false,
    };
    if !fits(array.shape()) || array.order() != npyz::Order::C {
        let problem = format!(
            "an array of {:?}, not of examples of {shape:?}",
            array.shape()
        );
        return Err(malformed(problem));
    }
    let kind = array.dtype();
    let bytes = array.try_data::<u8>();
    let bytes = bytes.map_err(|_| malformed(format!("numbers of type {kind:?}, not bytes")))?;
    bytes.collect::<Result<_, _>>().map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use std::io::Write;

    use npyz::WriterBuilder;
    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    /// An archive of so many training and test examples.
    fn archive(counts: [u64; 2], labels: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut file = ZipWriter::new(Cursor::new(Vec::new()));
        let mut add = |name: &str, shape: &[u64], values: Vec<u8>| {
            let name = format!("{name}.npy");
            file.start_file(name, SimpleFileOptions::default()).unwrap();
            let mut array = Vec::new();
            let writer = npyz::WriteOptions::new().default_dtype().shape(shape);
            let mut writer = writer.writer(&mut array).begin_nd().unwrap();
            writer.extend(values).unwrap();
            writer.finish().unwrap();
            file.write_all(&array).unwrap();
        };
        for (name, count) in ["x_train", "x_test"].into_iter().zip(counts) {
            let pixels = (0..count * 784).map(|index| index as u8);
            add(name, &[count, 28, 28], pixels.collect());
        }
        for (name, values) in labels {
            add(name, &[values.len() as u64], values.clone());
        }
        file.finish().unwrap().into_inner()
    }

    fn read(bytes: &[u8]) -> Result<Halves, String> {
        let halves = from_npz(Cursor::new(bytes), Path::new("mnist.npz"));
        halves.map_err(|error| error.to_string())
    }

    #[test]
    fn halves_are_read() {
        let whole = archive(
            [3, 2],
            &[("y_train", vec![1, 9, 0]), ("y_test", vec![4, 4])],
        );
        let halves = read(&whole).unwrap();
        assert_eq!(halves.train.labels(), [1, 9, 0]);
        assert_eq!(halves.test.bytes().unwrap().len(), 2 * 784);
        assert_eq!(halves.test.bytes().unwrap()[..3], [0, 1, 2]);
    }

    #[test]
    fn errors_name_the_array() {
        let whole = archive(
            [3, 2],
            &[("y_train", vec![1, 9, 0]), ("y_test", vec![4, 4])],
        );
        for (bytes, says) in [
            (Vec::new(), "mnist.npz: unreadable: "),
            (whole[..whole.len() / 2].to_vec(), "mnist.npz: unreadable: "),
            (
                archive([1, 1], &[]),
                "mnist.npz: y_train: not in the archive",
            ),
            (
                archive([1, 1], &[("y_train", vec![10]), ("y_test", vec![4])]),
                "mnist.npz: label 10 is not 0",
            ),
            (
                archive([1, 1], &[("y_train", vec![1, 1]), ("y_test", vec![4])]),
                "mnist.npz: 2 labels for the 1",
            ),
        ] {
            let error = read(&bytes).unwrap_err();
            assert!(error.starts_with(says), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
}
