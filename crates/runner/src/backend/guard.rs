use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::{Mutex, PoisonError};

use super::error::BackendError;
use super::name::Backend;

/// The message of the first thread that panicked.
static PROBLEM: Mutex<Option<String>> = Mutex::new(None);

/// Runs `work`, which uses the backend. If a GPU fails, for instance because it runs out of memory,
/// Burn panics on the thread that serves the GPU. This function turns the panic into an error.
///
/// # Errors
///
/// If a GPU backend panics.
pub(crate) fn guarded<T>(backend: Backend, work: impl FnOnce() -> T) -> Result<T, BackendError> {
    if !backend.is_gpu() {
        return Ok(work());
    }
    let usual = take_hook();
    set_hook(Box::new(note));
    let done = catch_unwind(AssertUnwindSafe(work));
    set_hook(usual);
    let problem = PROBLEM
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    done.map_err(|_| BackendError::Failed {
        backend,
        problem: problem.unwrap_or_else(|| "no reason given".to_owned()),
    })
}

fn note(panic: &PanicHookInfo) {
    let said = panic.payload_as_str().unwrap_or_default();
    let line = said.lines().find(|line| !line.trim().is_empty());
    let mut problem = PROBLEM.lock().unwrap_or_else(PoisonError::into_inner);
    problem.get_or_insert_with(|| line.unwrap_or_default().trim().to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_on_a_gpu_becomes_a_one_line_error() {
        let backend = Backend::Wgpu(Some(1));
        let failed: Result<(), _> = guarded(backend, || panic!("\nout of memory\nat a place"));
        let error = failed.unwrap_err();
        let problem = "out of memory".to_owned();
        assert_eq!(error, BackendError::Failed { backend, problem });
        assert!(error.to_string().contains("wgpu:1"));
        assert!(!error.to_string().contains('\n'));
        // The next call does not see the old message.
        assert_eq!(guarded(backend, || 3), Ok(3));
    }
}
