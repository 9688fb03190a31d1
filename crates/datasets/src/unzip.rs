//! Unzipping what others packed.

use std::cell::Cell;
use std::io::{BufRead, Error, Read, Result};
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;

/// How many times its packed size a file may have. Images and texts have 3 to 20 times.
const MOST_GROWTH: u64 = 64;
/// The unpacked bytes from which on that is looked at.
const ALWAYS: u64 = 64 << 20;

/// The content of a gzip stream. One that grows out of all proportion, made to fill the memory, is an
/// error.
pub(crate) struct Unzip<R> {
    unzipped: MultiGzDecoder<Counted<R>>,
    packed: Rc<Cell<u64>>,
    unpacked: u64,
}

impl<R: BufRead> Unzip<R> {
    pub fn new(file: R) -> Self {
        let packed = Rc::new(Cell::new(0));
        let counted = Counted {
            file,
            bytes: packed.clone(),
        };
        Self {
            unzipped: MultiGzDecoder::new(counted),
            packed,
            unpacked: 0,
        }
    }
}

impl<R: BufRead> Read for Unzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let count = self.unzipped.read(buffer)?;
        self.unpacked += count as u64;
        if self.unpacked > ALWAYS && self.unpacked / MOST_GROWTH > self.packed.get() {
            let problem = format!("grows to over {MOST_GROWTH} times its size when it is unpacked");
            return Err(Error::other(problem));
        }
        Ok(count)
    }
}

/// Counts the bytes that are consumed.
struct Counted<R> {
    file: R,
    bytes: Rc<Cell<u64>>,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let count = self.file.read(buffer)?;
        self.bytes.set(self.bytes.get() + count as u64);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        self.file.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.bytes.set(self.bytes.get() + amount as u64);
        self.file.consume(amount);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(byte: impl Fn(usize) -> u8, length: usize) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        let content: Vec<u8> = (0..length).map(byte).collect();
        encoder.write_all(&content).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_grows_out_of_proportion_is_refused() {
        let length = ALWAYS as usize + (1 << 20);
        let unpacked = |packed: &[u8]| std::io::copy(&mut Unzip::new(packed), &mut std::io::sink());
        let error = unpacked(&packed(|_| 0, length)).unwrap_err();
        assert!(error.to_string().contains("over 64 times"), "{error}");
        let varied = |place: usize| (place.wrapping_mul(2_654_435_761) >> 9) as u8 & 0x0f;
        assert_eq!(unpacked(&packed(varied, length)).unwrap(), length as u64);
        assert_eq!(unpacked(&packed(|_| 0, 1 << 20)).unwrap(), 1 << 20);
    }
}
