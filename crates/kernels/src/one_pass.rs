//! Updates of whole tensors in one pass over their values, for rules that work entry by entry.

use burn::tensor::{Device, Tensor, TensorData};

use crate::team;

/// Values that are worth a further thread.
const WORTH_SHARING: usize = 1 << 14;

/// Whether a device's tensors are in the host's memory, where [`in_one_pass`] pays off.
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "Burn's features decide which variants exist"
)]
pub fn is_on_host(device: &Device) -> bool {
    match device.clone().without_autodiff().as_dispatch() {
        #[cfg(feature = "gpu")]
        burn::backend::DispatchDevice::Cube(_) => false,
        _ => true,
    }
}

/// Updates tensors of the same shape entry by entry, with the widest vectors of the CPU and, for
/// large tensors, on all threads.
///
/// `update` gets the same chunk of every tensor and changes it in place. The outputs are the tensors
/// in their order. Mark `update` with `#[inline(always)]`, or it is not vectorised.
///
/// Written in tensor operations, an optimizer reads and writes every parameter a dozen times on the
/// CPU backends. Taking the values out and putting them back copies nothing there. A GPU's backend
/// fuses the operations into one pass itself.
///
/// # Panics
///
/// If a tensor is not of 32-bit floats, the only type hearth trains with.
pub fn in_one_pass<const D: usize, const N: usize>(
    tensors: [Tensor<D>; N],
    update: impl Fn([&mut [f32]; N]) + Copy + Sync,
) -> [Tensor<D>; N] {
    let device = tensors[0].device();
    let mut data = tensors.map(Tensor::into_data);
    update_all(data.each_mut().map(values), update);
    data.map(|data| Tensor::from_data(data, &device))
}

/// The number, or zero if it is subnormal.
///
/// A number that only decays ends up subnormal, such as a weight under a penalty whose inputs are
/// all zero, and a CPU computes with those a hundred times slower. TensorFlow flushes them to zero,
/// too.
#[inline(always)]
pub fn normal(number: f32) -> f32 {
    if number.abs() < f32::MIN_POSITIVE {
        0.0
    } else {
        number
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
    let threads = (size / WORTH_SHARING).clamp(1, team::threads());
    let share = size.div_ceil(threads).max(1);
    let mut chunks = tensors.map(|tensor| tensor.chunks_mut(share));
    let parts = (0..size.div_ceil(share)).map(|_| {
        let part = chunks.each_mut().map(Iterator::next);
        part.map(|chunk| chunk.expect("of the same size"))
    });
    team::for_each(parts.collect(), |part| {
        pulp::Arch::new().dispatch(
            #[inline(always)]
            || update(part),
        );
    });
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn only_subnormal_numbers_become_zero() {
        for number in [1.0, -f32::MIN_POSITIVE, f32::MAX, f32::NEG_INFINITY, -0.0] {
            assert_eq!(normal(number), number);
        }
        assert!(normal(f32::NAN).is_nan());
        for number in [f32::MIN_POSITIVE / 2.0, -1e-44] {
            assert_eq!(normal(number), 0.0);
        }
    }
}
