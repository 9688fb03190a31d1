//! Weights: safetensors files.

use record::Tensors;

use super::sentence;

/// Checks that a file is refused with a one-line error, or that its tensors are written back
/// unchanged.
pub fn check(data: &[u8]) {
    let tensors = match Tensors::from_bytes(data) {
        Ok(tensors) => tensors,
        Err(problem) => return sentence::check(&problem),
    };
    let bytes = tensors.to_bytes();
    let again = Tensors::from_bytes(&bytes).expect("the file just written");
    // Compared as bits, since NaN is not equal to itself.
    assert_eq!(again.to_bytes(), bytes);
    let values = values(tensors);
    assert_eq!(self::values(again), values);
    let count: usize = values.iter().map(|(_, _, values)| values.len()).sum();
    assert!(count * size_of::<f32>() <= data.len());
    for (name, shape, values) in values {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "{name}");
    }
}

fn values(mut tensors: Tensors) -> Vec<(String, Vec<usize>, Vec<u32>)> {
    let names: Vec<String> = tensors.names().map(str::to_owned).collect();
    let taken = names.into_iter().filter_map(|name| {
        let found = tensors.take(&name)?;
        let bits = found.values.iter().map(|value| value.to_bits()).collect();
        Some((name, found.shape, bits))
    });
    taken.collect()
}
