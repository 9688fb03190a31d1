/// A uniform number in `[0, 1)` from a random word: a multiple of 2^-24, the finest even spacing that
/// `f32` has over that range.
pub fn unit(word: u32) -> f32 {
    (word >> 8) as f32 * (1.0 / (1 << 24) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Purpose, Stream};

    #[test]
    fn units_fill_the_interval_evenly() {
        let count = 100_000;
        let words = Stream::new(0, Purpose::InitialWeights, 0, 0).words(count);
        let values: Vec<f64> = words.iter().map(|&word| f64::from(unit(word))).collect();
        assert!(values.iter().all(|value| (0.0..1.0).contains(value)));
        let mean = values.iter().sum::<f64>() / count as f64;
        let variance = values
            .iter()
            .map(|value| (value - mean).powi(2))
            .sum::<f64>()
            / count as f64;
        assert!((mean - 0.5).abs() < 0.004, "mean {mean}");
        assert!((variance - 1.0 / 12.0).abs() < 0.002, "variance {variance}");
        assert_eq!(unit(u32::MAX), 1.0 - f32::EPSILON / 2.0);
    }
}
