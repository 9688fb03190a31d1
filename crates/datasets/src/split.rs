//! Which examples are held out of a person's own data.

use std::collections::HashSet;

use random::{Purpose, Stream};
use spec::Split;

use crate::examples::Examples;

/// How much of a person's own data is held out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HoldOut {
    /// The fraction for the test, 0 to below 1.
    pub test: f64,
    /// The fraction of the rest for validation, 0 to below 1.
    pub validation: f64,
    /// The seed of the choice.
    pub seed: u64,
}

impl HoldOut {
    /// The split of each example.
    ///
    /// Each split gets its share of every class. The choice is a pure function of the seed and of the
    /// labels in their order, so runs with other seeds share it.
    pub fn splits(&self, labels: &[u16]) -> Vec<Split> {
        let mut splits = vec![Split::Train; labels.len()];
        hold_out(&mut splits, labels, self.test, Split::Test, self.seed);
        let validation = self.validation;
        hold_out(
            &mut splits,
            labels,
            validation,
            Split::Validation,
            self.seed,
        );
        splits
    }
}

/// Moves a fraction of the training examples to another split.
///
/// It moves the rounded fraction of all; which classes the odd ones come from is decided by the
/// largest remainders. Every class keeps at least one example.
fn hold_out(splits: &mut [Split], labels: &[u16], fraction: f64, to: Split, seed: u64) {
    if fraction == 0.0 {
        return;
    }
    let classes = labels.iter().max().map_or(0, |&last| usize::from(last) + 1);
    let mut by_class: Vec<Vec<usize>> = vec![Vec::new(); classes];
    for (index, &label) in labels.iter().enumerate() {
        if splits[index] == Split::Train {
            by_class[usize::from(label)].push(index);
        }
    }
    let which = match to {
        Split::Train => 0,
        Split::Validation => 1,
        Split::Test => 2,
    };
    let words = Stream::new(seed, Purpose::Split, which, 0).words(labels.len());
    let counts: Vec<usize> = by_class.iter().map(Vec::len).collect();
    for (mut members, quota) in by_class.into_iter().zip(quotas(&counts, fraction)) {
        members.sort_unstable_by_key(|&index| (words[index], index));
        for &index in &members[..quota] {
            splits[index] = to;
        }
    }
}

/// The number of examples to hold out of each class.
fn quotas(counts: &[usize], fraction: f64) -> Vec<usize> {
    let exact = |count: usize| fraction * count as f64;
    let mut quotas: Vec<usize> = counts.iter().map(|&count| exact(count) as usize).collect();
    let total = exact(counts.iter().sum()).round() as usize;
    let mut by_remainder: Vec<usize> = (0..counts.len()).collect();
    // Stable, so equal remainders go by class.
    by_remainder.sort_by(|&one, &other| {
        let remainder = |class: usize| exact(counts[class]).fract();
        remainder(other).total_cmp(&remainder(one))
    });
    let missing = total.saturating_sub(quotas.iter().sum());
    let can_spare = |class: &usize| quotas[*class] + 1 < counts[*class];
    let chosen: Vec<usize> = by_remainder
        .into_iter()
        .filter(can_spare)
        .take(missing)
        .collect();
    for class in chosen {
        quotas[class] += 1;
    }
    quotas
}

/// Examples divided by their splits, each in the original order.
pub(crate) struct Divided {
    pub train: Examples,
    /// `None` if no examples are held out.
    pub validation: Option<Examples>,
    pub test: Examples,
}

impl Divided {
    pub fn new(examples: Examples, splits: &[Split]) -> Self {
        let of = |split: Split| {
            let all = splits.iter().enumerate();
            let chosen: Vec<usize> = all
                .filter(|&(_, &other)| other == split)
                .map(|(index, _)| index)
                .collect();
            examples.select(&chosen)
        };
        Self {
            validation: Some(of(Split::Validation)).filter(|held| !held.is_empty()),
            test: of(Split::Test),
            train: if splits.iter().all(|&split| split == Split::Train) {
                examples
            } else {
                of(Split::Train)
            },
        }
    }
}

/// The number of test examples whose input is also an input of `train`.
pub(crate) fn duplicates(train: &Examples, test: &Examples) -> usize {
    in_both(train.input_hashes(), test.input_hashes())
}

/// The number of test hashes that are also training hashes.
pub(crate) fn in_both(
    train: impl Iterator<Item = u128>,
    test: impl Iterator<Item = u128>,
) -> usize {
    let known: HashSet<u128> = train.collect();
    test.filter(|hash| known.contains(hash)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::Inputs;

    fn labels(counts: &[usize]) -> Vec<u16> {
        let classes = counts.iter().zip(0..);
        classes
            .flat_map(|(&count, class)| vec![class; count])
            .collect()
    }

    fn hold_out(test: f64, validation: f64, seed: u64) -> HoldOut {
        HoldOut {
            test,
            validation,
            seed,
        }
    }

    fn by_class(labels: &[u16], splits: &[Split], split: Split) -> Vec<usize> {
        let classes = usize::from(*labels.iter().max().unwrap()) + 1;
        let mut counts = vec![0; classes];
        for (&label, &other) in labels.iter().zip(splits) {
            counts[usize::from(label)] += usize::from(other == split);
        }
        counts
    }

    #[test]
    fn every_class_gives_its_share() {
        let labels = labels(&[100, 50, 10, 1]);
        let splits = hold_out(0.2, 0.25, 0).splits(&labels);
        assert_eq!(by_class(&labels, &splits, Split::Test), [20, 10, 2, 0]);
        // A quarter of the remaining 80, 40, 8 and 1.
        assert_eq!(
            by_class(&labels, &splits, Split::Validation),
            [20, 10, 2, 0]
        );
        // 3 of 15: the remainders are equal, so the first classes give the odd ones.
        assert_eq!(quotas(&[3; 5], 0.2), [1, 1, 1, 0, 0]);
        // Never the last example of a class.
        assert_eq!(quotas(&[1, 1, 2], 0.9), [0, 0, 1]);
        assert_eq!(quotas(&[7, 8], 0.0), [0, 0]);
    }

    #[test]
    fn the_choice_depends_on_the_seed_alone() {
        let labels = labels(&[60, 40]);
        let splits = hold_out(0.3, 0.2, 0).splits(&labels);
        assert_eq!(hold_out(0.3, 0.2, 0).splits(&labels), splits);
        assert_ne!(hold_out(0.3, 0.2, 1).splits(&labels), splits);
        // Holding out for validation does not change the test set.
        let of = |splits: &[Split], split| -> Vec<usize> {
            (0..100).filter(|&index| splits[index] == split).collect()
        };
        let test = of(&splits, Split::Test);
        assert_eq!(
            of(&hold_out(0.3, 0.0, 0).splits(&labels), Split::Test),
            test
        );
        // A golden value: a change would give every person another test set.
        assert_eq!(test[..6], [5, 7, 12, 13, 14, 16]);
        assert_eq!(
            of(&splits, Split::Validation)[..6],
            [11, 21, 34, 39, 41, 47]
        );
    }

    #[test]
    fn divides_in_order_and_counts_what_stands_in_both() {
        use Split::{Test, Train, Validation};
        let examples = Examples::new(Inputs::Bytes(vec![5, 6, 7, 5, 8]), vec![0, 1, 0, 1, 1], 1);
        let divided = Divided::new(examples, &[Train, Test, Train, Test, Validation]);
        assert_eq!(divided.train.bytes().unwrap(), [5, 7]);
        assert_eq!(divided.test.bytes().unwrap(), [6, 5]);
        assert_eq!(divided.validation.unwrap().labels(), [1]);
        assert_eq!(duplicates(&divided.train, &divided.test), 1);
    }
}
