//! Keras's archive of MNIST.

use std::io::Cursor;
use std::path::Path;

use datasets::sources::mnist::from_npz;

use super::sentence;

/// Checks that an archive is refused with a one-line error, or gives valid examples.
pub fn check(data: &[u8]) {
    match from_npz(Cursor::new(data), Path::new("mnist.npz")) {
        Ok(halves) => {
            for half in [&halves.train, &halves.test] {
                assert_eq!(half.bytes().map(<[u8]>::len), Some(784 * half.len()));
                assert!(half.labels().iter().all(|&label| label < 10));
            }
        }
        Err(error) => sentence::check(&error.to_string()),
    }
}
