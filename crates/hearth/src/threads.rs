use std::num::NonZeroUsize;

use config::Plan;
use rayon::{ThreadPool, ThreadPoolBuilder};
use runner::step_flops;

/// Floating-point operations of a training step from which on a second thread gains anything: a
/// matrix product of a few microseconds is finished before its parts are handed out. Measured on
/// two cores: 64 M (the perceptrons) lose a quarter of their speed to a second thread, 500 M
/// are as fast with one as with two, 2 G gain a fifth.
const WORTH_SHARING: f64 = 1e9;

/// The threads that a plan is run on: as many as wanted, or else as suit it. The results are the
/// same for any.
pub fn pool(wanted: Option<NonZeroUsize>, plan: &Plan) -> anyhow::Result<ThreadPool> {
    let threads = threads(wanted, plan)?;
    Ok(ThreadPoolBuilder::new().num_threads(threads).build()?)
}

/// The matrix products of ndarray have a pool of their own, once for all plans and before anything
/// computes: as large as the largest plan's.
pub fn size_ndarrays_pool(wanted: Option<NonZeroUsize>, plans: &[Plan]) -> anyhow::Result<()> {
    let mut most = 1;
    for plan in plans {
        most = most.max(threads(wanted, plan)?);
    }
    // SAFETY: no other thread is there yet to read the environment.
    #[allow(unsafe_code, reason = "the variable is the pool's only setting")]
    unsafe {
        std::env::set_var("MATMUL_NUM_THREADS", most.to_string());
    }
    Ok(())
}

fn threads(wanted: Option<NonZeroUsize>, plan: &Plan) -> std::io::Result<usize> {
    match wanted {
        Some(threads) => Ok(threads.get()),
        None => suiting(plan),
    }
}

/// As many threads as a plan gains from.
pub fn suiting(plan: &Plan) -> std::io::Result<usize> {
    match step_flops(plan) < WORTH_SHARING {
        true => Ok(1),
        false => Ok(std::thread::available_parallelism()?.get()),
    }
}
