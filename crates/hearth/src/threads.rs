use std::num::NonZeroUsize;

use runner::{Plan, step_flops};

/// Floating-point operations of a training step from which on a second thread gains anything: a
/// matrix product of a few microseconds is finished before its parts are handed out. Measured on
/// two cores: 64 M (the perceptrons) lose a quarter of their speed to a second thread, 500 M
/// are as fast with one as with two, 2 G gain a fifth.
const WORTH_SHARING: f64 = 1e9;

/// Sizes the thread pools of the backends, before anything computes, and gives their size: as
/// wanted, or else as suits the largest plan. The results are the same for any.
pub fn configure(wanted: Option<NonZeroUsize>, plans: &[Plan]) -> anyhow::Result<usize> {
    let worth_sharing = plans.iter().any(|plan| step_flops(plan) >= WORTH_SHARING);
    let threads = match wanted {
        Some(threads) => threads.get(),
        None if worth_sharing => std::thread::available_parallelism()?.get(),
        None => 1,
    };
    // Flex.
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()?;
    // The matrix products of ndarray have a pool of their own, which only listens to this.
    // SAFETY: no other thread reads the environment: Rayon's threads are idle, and the handler of
    // signals is not started yet.
    #[allow(unsafe_code, reason = "the variable is the pool's only setting")]
    unsafe {
        std::env::set_var("MATMUL_NUM_THREADS", threads.to_string());
    }
    Ok(threads)
}
