use burn::backend::DispatchDevice;
use burn::tensor::{Device, Tensor, TensorData};
use rayon::prelude::*;

/// Values to a task: the pass over them takes some ten times as long as handing them out.
const TASK: usize = 1 << 17;

/// Whether a device's memory is the host's, within reach of [`in_one_pass`].
pub(crate) fn is_on_host(device: &Device) -> bool {
    match device.clone().without_autodiff().as_dispatch() {
        #[cfg(feature = "gpu")]
        DispatchDevice::Cube(_) => false,
        _ => true,
    }
}

/// Updates tensors of the same shape entry by entry, with the widest vectors there are and, where
/// they are large, on all threads.
///
/// An optimizer written in tensor operations reads and writes every parameter a dozen times on the
/// CPU backends, and taking the values out and putting them back copies nothing there. A GPU's
/// backend makes one pass of the operations itself.
///
/// # Panics
///
/// If a tensor is not of 32-bit floats, the only ones hearth trains with.
pub(crate) fn in_one_pass<const D: usize, const N: usize>(
    tensors: [Tensor<D>; N],
    update: impl Fn([&mut [f32]; N]) + Copy + Sync,
) -> [Tensor<D>; N] {
    let device = tensors[0].device();
    let mut data = tensors.map(Tensor::into_data);
    update_all(data.each_mut().map(values), update);
    data.map(|data| Tensor::from_data(data, &device))
}

/// The number, or zero where it is too small for a 32-bit float of full precision.
///
/// What only decays, a weight under a penalty whose inputs are all zero for one, comes to such
/// numbers, and a CPU computes with them a hundred times slower. TensorFlow, too, takes them for zero.
#[inline(always)]
pub(crate) fn normal(number: f32) -> f32 {
    match number.abs() < f32::MIN_POSITIVE {
        true => 0.0,
        false => number,
    }
}

fn values(data: &mut TensorData) -> &mut [f32] {
    data.as_mut_slice().expect("a tensor of 32-bit floats")
}

fn update_all<const N: usize>(
    tensors: [&mut [f32]; N],
    update: impl Fn([&mut [f32]; N]) + Copy + Sync,
) {
    let size = tensors[0].len();
    let vectorised = |chunk| {
        pulp::Arch::new().dispatch(
            #[inline(always)]
            || update(chunk),
        );
    };
    if size <= TASK {
        return vectorised(tensors);
    }
    let mut chunks = tensors.map(|tensor| tensor.chunks_mut(TASK));
    let tasks: Vec<[&mut [f32]; N]> = (0..size.div_ceil(TASK))
        .map(|_| {
            chunks
                .each_mut()
                .map(|chunks| chunks.next().expect("of the same size"))
        })
        .collect();
    tasks.into_par_iter().for_each(vectorised);
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn only_what_lacks_precision_becomes_zero() {
        for number in [1.0, -f32::MIN_POSITIVE, f32::MAX, f32::NEG_INFINITY, -0.0] {
            assert_eq!(normal(number), number);
        }
        assert!(normal(f32::NAN).is_nan());
        for number in [f32::MIN_POSITIVE / 2.0, -1e-44] {
            assert_eq!(normal(number), 0.0);
        }
    }
}
