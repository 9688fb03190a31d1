use ndarray::Array2;

/// A matrix of which each entry is still to be set: to set them to zero before takes a twentieth of a step.
#[allow(unsafe_code, clippy::uninit_vec, reason = "zeros would be overwritten")]
pub(crate) fn unset([rows, columns]: [usize; 2]) -> Array2<f32> {
    let count = rows * columns;
    let mut values = Vec::with_capacity(count);
    // SAFETY: as many have been allocated. The callers have each of them written before it is read.
    unsafe {
        values.set_len(count);
    }
    Array2::from_shape_vec([rows, columns], values).expect("as many values as the shape says")
}
