//! How many threads to compute with.

use std::error::Error;
use std::num::NonZeroUsize;

use config::Plan;
use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

use crate::exit;

/// Floating-point operations per training step above which a second thread helps: a matrix product of a
/// few microseconds is finished before its parts are handed out. Measured on two cores: at 64 M (the
/// perceptrons) a second thread costs a quarter of the speed, at 500 M it makes no difference, at 2 G it
/// gains a fifth.
const WORTH_SHARING: f64 = 1e9;

/// The threads to run a plan on: as many as wanted, or else as many as suit it. The number does not
/// change the results.
pub fn pool(wanted: Option<NonZeroUsize>, plan: &Plan) -> anyhow::Result<ThreadPool> {
    let threads = threads(wanted, plan)?;
    let builder = ThreadPoolBuilder::new().num_threads(threads);
    builder.build().map_err(|error| NoThread::of(error).into())
}

/// Starts the threads shared by everything outside of a run: one per core, or this one alone if the system
/// starts no others.
pub fn start() -> anyhow::Result<()> {
    // There is one attempt at the shared ones; left to itself, it ends the program if it fails.
    let shared = match ThreadPoolBuilder::new().build() {
        Ok(_) => ThreadPoolBuilder::new(),
        Err(_) => ThreadPoolBuilder::new().num_threads(1).use_current_thread(),
    };
    let started = shared.build_global();
    started.map_err(|error| NoThread::of(error).into())
}

/// The system starts no further thread.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoThread(String);

impl NoThread {
    fn of(error: ThreadPoolBuildError) -> Self {
        Self(none(&error))
    }
}

/// Says that no thread could be started, with the system's reason and the remedy.
pub fn none(error: &dyn Error) -> String {
    let reason = error
        .source()
        .map_or_else(|| error.to_string(), ToString::to_string);
    format!(
        "no thread can be started: {reason}; end other programs, or raise the limit (ulimit -u)"
    )
}

/// Sets the size of the pool that ndarray's matrix products use. There is one for all plans, set before
/// anything computes: it is as large as the largest plan needs.
pub fn size_ndarrays_pool(wanted: Option<NonZeroUsize>, plans: &[Plan]) -> anyhow::Result<()> {
    let mut most = 1;
    for plan in plans {
        most = most.max(threads(wanted, plan)?);
    }
    // SAFETY: the threads that exist by now wait for work or for a signal. None reads the environment.
    #[allow(unsafe_code, reason = "the variable is the pool's only setting")]
    unsafe {
        std::env::set_var("MATMUL_NUM_THREADS", most.to_string());
    }
    Ok(())
}

fn threads(wanted: Option<NonZeroUsize>, plan: &Plan) -> std::io::Result<usize> {
    match wanted {
        Some(threads) => Ok(threads.get().min(most()?)),
        None => suiting(plan),
    }
}

/// Threads per core that may be asked for. More would only wait for one another.
const MOST_PER_CORE: usize = 4;

/// The most threads or processes that a person may ask for.
fn most() -> std::io::Result<usize> {
    Ok(std::thread::available_parallelism()?.get() * MOST_PER_CORE)
}

/// As many threads or processes as the option asks for, or as the machine can use if that is fewer,
/// with a word.
pub fn limited(wanted: NonZeroUsize, option: &str) -> std::io::Result<NonZeroUsize> {
    let most = NonZeroUsize::new(most()?).unwrap_or(NonZeroUsize::MIN);
    if wanted > most {
        exit::say(&format!(
            "{option} {wanted} is more than this machine can use; {most} it is"
        ));
    }
    Ok(wanted.min(most))
}

/// The number of threads that is fastest for a plan: one, or one per core.
pub fn suiting(plan: &Plan) -> std::io::Result<usize> {
    let is_short = |spec| plan.step_flops(&spec) < WORTH_SHARING;
    if plan.spec().is_some_and(is_short) {
        return Ok(1);
    }
    Ok(std::thread::available_parallelism()?.get())
}
