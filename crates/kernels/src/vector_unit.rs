use pulp::Arch;

/// The vector instructions that the host's loops use on this CPU: `AVX-512`, `AVX2`, `NEON` or `no
/// vector instructions`.
pub fn vector_unit() -> &'static str {
    match Arch::new() {
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        Arch::V4(_) => "AVX-512",
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        Arch::V3(_) => "AVX2",
        #[cfg(target_arch = "aarch64")]
        Arch::Neon(_) => "NEON",
        Arch::Scalar => NONE,
        // Pulp may add vector units in any release.
        _ => NONE,
    }
}

const NONE: &str = "no vector instructions";

/// Whether this CPU has vector instructions, and with them fused multiplications and additions.
#[cfg(feature = "flex")]
pub(crate) fn has_vectors() -> bool {
    vector_unit() != NONE
}
