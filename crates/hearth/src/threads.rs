//! How many threads to compute with.

use std::error::Error;
use std::num::NonZeroUsize;

use config::Plan;
use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

use crate::exit;

/// Floating-point operations per training step that keep a thread busy. It takes a microsecond to hand a part
/// of a kernel to a thread, and a step has a dozen kernels. Measured on two cores: at 64 M (the perceptrons), a
/// second thread saves a third of the time.
const STEP_OF_A_THREAD: f64 = 1e7;

/// The same for ndarray, whose matrix products wake sleeping threads: at 64 M a second one costs a quarter of
/// the speed, at 500 M it makes no difference, at 2 G it gains a fifth.
const STEP_OF_NDARRAYS_THREAD: f64 = 5e8;

/// The threads to run a plan on: as many as wanted, or else as many as suit it. The number does not
/// change the results.
pub fn pool(wanted: Option<NonZeroUsize>, plan: &Plan) -> anyhow::Result<ThreadPool> {
    let threads = threads(wanted, plan, STEP_OF_A_THREAD)?;
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
        most = most.max(threads(wanted, plan, STEP_OF_NDARRAYS_THREAD)?);
    }
    // SAFETY: the threads that exist by now wait for work or for a signal. None reads the environment.
    #[allow(unsafe_code, reason = "the variable is the pool's only setting")]
    unsafe {
        std::env::set_var("MATMUL_NUM_THREADS", most.to_string());
    }
    Ok(())
}

fn threads(wanted: Option<NonZeroUsize>, plan: &Plan, step: f64) -> std::io::Result<usize> {
    match wanted {
        Some(threads) => Ok(threads.get().min(most()?)),
        None => busy(plan, step),
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

/// The number of threads that is fastest for a plan.
pub fn suiting(plan: &Plan) -> std::io::Result<usize> {
    busy(plan, STEP_OF_A_THREAD)
}

/// The number of threads that a plan keeps busy, if `step` operations keep one: at least one, at most one per
/// core. All cores if the operations are not known.
fn busy(plan: &Plan, step: f64) -> std::io::Result<usize> {
    let cores = std::thread::available_parallelism()?.get();
    Ok(match plan.spec() {
        Some(spec) => ((plan.step_flops(&spec) / step) as usize).clamp(1, cores),
        None => cores,
    })
}
