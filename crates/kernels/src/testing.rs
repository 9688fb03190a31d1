//! What several tests need.

use burn::tensor::{Device, Tensor, TensorData};

/// Numbers between -1 and 1.
pub(crate) fn numbers<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    let count: usize = shape.iter().product();
    let numbers = (0..count).map(|place| ((place * 37 + 11) % 101) as f32 / 50.0 - 1.0);
    Tensor::from_data(
        TensorData::new(numbers.collect::<Vec<f32>>(), shape),
        device,
    )
}

pub(crate) fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let data = tensor.into_data();
    data.try_into_vec().expect("a tensor of 32-bit floats")
}

/// Does the work on a thread whose team has so many threads.
pub(crate) fn with_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    pool.build().expect("threads").install(work)
}

/// Checks that numbers agree up to rounding.
#[track_caller]
pub(crate) fn assert_close(found: &[Vec<f32>], expected: &[Vec<f32>]) {
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            let scale = expected.abs().max(1.0);
            assert!(
                (found - expected).abs() < 1e-4 * scale,
                "{found} {expected}"
            );
        }
    }
}
