use std::num::NonZeroUsize;

/// Sizes the thread pools of the backends, before anything computes, and gives their size.
pub fn configure(wanted: Option<NonZeroUsize>) -> anyhow::Result<usize> {
    let threads = match wanted {
        Some(threads) => threads,
        None => std::thread::available_parallelism()?,
    };
    let threads = threads.get();
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
