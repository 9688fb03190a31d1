/// Numbers that are still to be set, each of them: to set them to zero before takes a twentieth of a step.
#[allow(unsafe_code, clippy::uninit_vec, reason = "zeros would be overwritten")]
pub(crate) fn unset(count: usize) -> Vec<f32> {
    let mut values = Vec::with_capacity(count);
    // SAFETY: as many have been allocated. The callers have each of them written before it is read.
    unsafe {
        values.set_len(count);
    }
    values
}
