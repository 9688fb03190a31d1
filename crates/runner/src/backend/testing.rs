use super::Backend;

/// Wgpu, for tests; nothing where no adapter is found, which is said. With `HEARTH_REQUIRE_WGPU` set
/// that is a failure.
pub(super) fn wgpu() -> Option<Backend> {
    let backend = Backend::Wgpu(None);
    match backend.open() {
        Ok(_) => Some(backend),
        Err(error) => {
            assert!(std::env::var_os("HEARTH_REQUIRE_WGPU").is_none(), "{error}");
            eprintln!("skipped: {error}");
            None
        }
    }
}
