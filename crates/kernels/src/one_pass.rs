use rayon::prelude::*;

/// Values to a task: the pass over them takes some ten times as long as handing them out.
const TASK: usize = 1 << 17;

/// Updates tensors of the same size entry by entry, with the widest vectors there are and, where
/// they are large, on all threads.
pub(crate) fn in_one_pass<const N: usize>(
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
