//! The IDX format of the MNIST files: a magic number with the element type and the number of
//! dimensions, then the dimensions as big-endian 32-bit numbers, then the elements.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use crate::error::DataError;
use crate::unzip::Unzip;

/// More than any known set has. It keeps a bad header from taking all memory.
const MOST_EXAMPLES: usize = 1_000_000;

pub(crate) fn open(path: &Path) -> Result<File, DataError> {
    File::open(path).map_err(DataError::io(path))
}

/// Reads images of `size`, rows and columns. Returns their pixels, `[examples, rows, columns]`.
///
/// `path` is the file's name in errors. The content may be gzipped.
///
/// # Errors
///
/// If the content is not such a file, is damaged or too large, or its images have another size.
pub fn images(file: impl Read, path: &Path, size: [usize; 2]) -> Result<Vec<u8>, DataError> {
    let (mut reader, dimensions) = header_of::<3>(file, path)?;
    let [examples, found @ ..] = dimensions;
    if found != size {
        let [rows, columns] = found;
        let problem = format!(
            "images of {rows} x {columns} pixels, not {} x {}",
            size[0], size[1]
        );
        return Err(DataError::malformed(path, problem));
    }
    elements(path, &mut reader, examples * size[0] * size[1])
}

/// Reads labels, `[examples]`, each from 0 and below `classes`.
///
/// `path` is the file's name in errors. The content may be gzipped.
///
/// # Errors
///
/// If the content is not such a file, is damaged or too large, or a label is out of range.
pub fn labels(file: impl Read, path: &Path, classes: usize) -> Result<Vec<u8>, DataError> {
    let (mut reader, [examples]) = header_of::<1>(file, path)?;
    let labels = elements(path, &mut reader, examples)?;
    let of_no_class = |&label: &u8| usize::from(label) >= classes;
    match labels.iter().position(of_no_class) {
        Some(index) => {
            let (label, last) = (labels[index], classes - 1);
            let problem = format!("label {label} of example {index} is not 0 to {last}");
            Err(DataError::malformed(path, problem))
        }
        None => Ok(labels),
    }
}

/// Reads the header. Returns the reader, now at the elements, and the dimensions.
fn header_of<'a, const D: usize>(
    file: impl Read + 'a,
    path: &Path,
) -> Result<(Box<dyn Read + 'a>, [usize; D]), DataError> {
    // By the content: browsers unpack files and keep the name, or the other way round.
    let mut file = BufReader::new(file);
    let start = file.fill_buf().map_err(DataError::unreadable(path))?;
    let mut reader: Box<dyn Read + 'a> = if start.starts_with(&[0x1f, 0x8b]) {
        Box::new(Unzip::new(file))
    } else {
        Box::new(file)
    };
    let mut number = || {
        let mut bytes = [0; 4];
        let read = reader.read_exact(&mut bytes);
        read.map_err(DataError::unreadable(path))?;
        Ok(u32::from_be_bytes(bytes))
    };
    // Type 8 is unsigned bytes.
    let expected = 0x0800 + D as u32;
    let magic = number()?;
    if magic != expected {
        let problem = format!("not an IDX file of this kind: magic number {magic}, not {expected}");
        return Err(DataError::malformed(path, problem));
    }
    let mut dimensions = [0; D];
    for dimension in &mut dimensions {
        *dimension = number()? as usize;
    }
    if dimensions[0] > MOST_EXAMPLES {
        let problem = format!("{} examples, over {MOST_EXAMPLES}", dimensions[0]);
        return Err(DataError::malformed(path, problem));
    }
    Ok((reader, dimensions))
}

fn elements(path: &Path, reader: &mut dyn Read, expected: usize) -> Result<Vec<u8>, DataError> {
    let mut bytes = Vec::new();
    reader
        .take(expected as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(DataError::unreadable(path))?;
    if bytes.len() < expected {
        let problem = format!("truncated: {} of {expected} bytes of data", bytes.len());
        return Err(DataError::malformed(path, problem));
    }
    if bytes.len() > expected {
        let problem = format!("more than the {expected} bytes of data in its header");
        return Err(DataError::malformed(path, problem));
    }
    Ok(bytes)
}

/// The bytes of a header, for tests.
#[cfg(test)]
pub(crate) fn header(magic: u32, dimensions: &[u32]) -> Vec<u8> {
    std::iter::once(&magic)
        .chain(dimensions)
        .flat_map(|number| number.to_be_bytes())
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn labels(values: &[u8]) -> Vec<u8> {
        let mut bytes = header(2049, &[values.len() as u32]);
        bytes.extend(values);
        bytes
    }

    pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read_labels(name: &str, bytes: &[u8]) -> Result<Vec<u8>, String> {
        super::labels(bytes, Path::new(name), 10).map_err(|error| error.to_string())
    }

    fn read_images(name: &str, bytes: &[u8]) -> Result<Vec<u8>, String> {
        super::images(bytes, Path::new(name), [28, 28]).map_err(|error| error.to_string())
    }

    #[test]
    fn reads_plain_and_gzipped_files() {
        let bytes = labels(&[7, 0, 9]);
        assert_eq!(read_labels("labels", &bytes).unwrap(), [7, 0, 9]);
        for name in ["labels.gz", "labels"] {
            assert_eq!(read_labels(name, &gzip(&bytes)).unwrap(), [7, 0, 9]);
        }

        let mut bytes = header(2051, &[2, 28, 28]);
        bytes.extend([3; 2 * 784]);
        assert_eq!(read_images("images", &bytes).unwrap(), [3; 2 * 784]);
    }

    #[test]
    fn errors_name_the_problem() {
        let good = labels(&[1, 2, 3, 4, 5]);
        let zipped = gzip(&labels(&[1; 5000]));
        let mut long = good.clone();
        long.push(0);
        let cases: [(&str, Vec<u8>, &str); 9] = [
            ("empty", Vec::new(), "truncated"),
            ("short", good[..10].to_vec(), "truncated: 2 of 5 bytes"),
            ("long", long, "more than the 5 bytes"),
            ("magic", header(2051, &[5]), "magic number 2051, not 2049"),
            ("huge", header(2049, &[u32::MAX]), "over 1000000"),
            ("label", labels(&[0, 1, 10]), "label 10 of example 2"),
            ("cut.gz", zipped[..zipped.len() - 12].to_vec(), "truncated"),
            (
                "text.gz",
                b"<html>not found</html>".to_vec(),
                "magic number",
            ),
            ("bad.gz", b"\x1f\x8b\x07 and more".to_vec(), "unreadable"),
        ];
        for (name, bytes, expected) in cases {
            let error = read_labels(name, &bytes).unwrap_err();
            assert!(error.contains(expected) && error.contains(name), "{error}");
            assert!(error.ends_with("; download it again"), "{error}");
        }
        let error = read_images("wide", &header(2051, &[1, 28, 29])).unwrap_err();
        assert!(error.contains("28 x 29 pixels"), "{error}");
    }
}
