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
