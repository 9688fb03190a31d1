use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::{Mutex, PoisonError};

use super::{Backend, BackendError};

/// What the first thread said that panicked.
static PROBLEM: Mutex<Option<String>> = Mutex::new(None);

/// Does something on a backend. A GPU that fails, by running out of memory for instance, makes Burn
/// panic, on whichever thread serves it: here that becomes an error.
///
/// # Errors
///
/// When a GPU's backend panics.
pub(crate) fn guarded<T>(backend: Backend, work: impl FnOnce() -> T) -> Result<T, BackendError> {
    if matches!(backend, Backend::Flex | Backend::NdArray) {
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
        problem: problem.unwrap_or_else(|| "for a reason it does not tell".to_owned()),
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
    fn a_gpus_panic_becomes_an_error_of_one_line() {
        let backend = Backend::Wgpu(Some(1));
        let failed: Result<(), _> = guarded(backend, || panic!("\nout of memory\nat a place"));
        let error = failed.unwrap_err();
        let problem = "out of memory".to_owned();
        assert_eq!(error, BackendError::Failed { backend, problem });
        assert!(error.to_string().contains("wgpu:1"));
        assert!(!error.to_string().contains('\n'));
        // The next one is not told of it.
        assert_eq!(guarded(backend, || 3), Ok(3));
    }
}
