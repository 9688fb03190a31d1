/// The Shapley values of changes (Shapley 1953): the share of each in what all of them make, averaged over
/// every order in which they can be made. They add up to the difference between all and none.
///
/// `values[set]` is the figure with the changes whose bits are set in `set`: two to the power of the
/// number of changes.
///
/// # Panics
///
/// If the number of values is no power of two.
pub fn shapley(values: &[f64]) -> Vec<f64> {
    assert!(
        values.len().is_power_of_two(),
        "a value for each set of changes"
    );
    let changes = values.len().ilog2() as usize;
    // The share of orders in which a change comes right after the set: |S|! (n - |S| - 1)! / n!.
    let weight = |size: usize| {
        let choices = (1..=size).fold(1.0, |product, k| product * (changes - k) as f64 / k as f64);
        1.0 / (changes as f64 * choices)
    };
    (0..changes)
        .map(|change| {
            let without = (0..values.len()).filter(|set| set >> change & 1 == 0);
            without
                .map(|set| {
                    let gain = values[set | 1 << change] - values[set];
                    weight(set.count_ones() as usize) * gain
                })
                .sum()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean over all orders, by the definition.
    fn by_orders(values: &[f64], changes: usize) -> Vec<f64> {
        fn visit(
            values: &[f64],
            set: usize,
            left: &[usize],
            orders: &mut f64,
            sums: &mut [f64],
            gains: &mut Vec<(usize, f64)>,
        ) {
            if left.is_empty() {
                *orders += 1.0;
                for &(change, gain) in gains.iter() {
                    sums[change] += gain;
                }
            }
            for &change in left {
                let after = set | 1 << change;
                let rest: Vec<usize> = left.iter().copied().filter(|&one| one != change).collect();
                gains.push((change, values[after] - values[set]));
                visit(values, after, &rest, orders, sums, gains);
                gains.pop();
            }
        }
        let (mut orders, mut sums) = (0.0, vec![0.0; changes]);
        let all: Vec<usize> = (0..changes).collect();
        visit(values, 0, &all, &mut orders, &mut sums, &mut Vec::new());
        sums.iter().map(|sum| sum / orders).collect()
    }

    #[test]
    fn values_are_means_over_all_orders() {
        for changes in 0..=4 {
            let values: Vec<f64> = (0..1 << changes)
                .map(|set| f64::from((set * set * 7 + 3 * set) % 11))
                .collect();
            let found = shapley(&values);
            for (found, expected) in found.iter().zip(by_orders(&values, changes)) {
                assert!(
                    (found - expected).abs() < 1e-12,
                    "{changes}: {found} {expected}"
                );
            }
            let sum: f64 = found.iter().sum();
            assert!((sum - (values[values.len() - 1] - values[0])).abs() < 1e-12);
        }
    }
}
