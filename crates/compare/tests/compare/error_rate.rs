//! Error rates of the verdict over randomly drawn groups.

use compare::statistics::{ALPHA, Failed, Verdict};
use compare::{Sample, verdicts};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand_distr::{Distribution, Normal};

const DRAWS: u32 = 4000;

/// Accuracies around a mean, rounded to whole examples of a thousand as on a test set. Seeds count from
/// `first`.
fn draw(count: usize, first: u64, mean: f64, random: &mut StdRng) -> (Sample, Failed) {
    let accuracy = Normal::new(mean, 0.01).unwrap();
    let values = (first..).zip(accuracy.sample_iter(random)).take(count);
    let sample = Sample {
        values: values
            .map(|(seed, value)| (seed, (1000.0 * value).round() / 1000.0))
            .collect(),
        resolution: 0.001,
    };
    let none = Failed {
        failed: 0,
        runs: count,
    };
    (sample, none)
}

/// Counts the draws that get one of the verdicts, and checks that swapping the groups mirrors each.
/// The group's seeds start at `first`, the baseline's at 0.
fn counted(counts: [usize; 2], first: u64, apart: f64, wanted: &[Verdict], margin: f64) -> u32 {
    let mut random = StdRng::seed_from_u64(counts[0] as u64 + first);
    let mut found = 0;
    for _ in 0..DRAWS {
        let a = draw(counts[0], 0, 0.9, &mut random);
        let b = draw(counts[1], first, 0.9 + apart, &mut random);
        let both = [[a.clone(), b.clone()], [b, a]];
        let [seen, exchanged] = both.map(|pair| verdicts(&[pair], margin, ALPHA)[0]);
        let mirrored = match seen {
            Verdict::Better => Verdict::Worse,
            Verdict::Worse => Verdict::Better,
            Verdict::Equivalent | Verdict::Undecided => seen,
        };
        assert_eq!(exchanged, mirrored);
        found += u32::from(wanted.contains(&seen));
    }
    found
}

/// The limit for a rate of 5 % over the draws: three standard deviations above the expected count.
fn five_per_cent() -> u32 {
    let draws = f64::from(DRAWS);
    (0.05 * draws + 3.0 * (0.05 * 0.95 * draws).sqrt()) as u32
}

#[test]
fn groups_of_one_lot_are_seldom_told_apart() {
    for count in [[2, 2], [3, 3], [5, 5], [8, 8], [2, 10], [3, 12]] {
        for first in [0, 100] {
            let wrong = counted(count, first, 0.0, &[Verdict::Better, Verdict::Worse], 0.0);
            assert!(
                wrong <= five_per_cent(),
                "{wrong} of {DRAWS} with {count:?} from {first}"
            );
        }
    }
}

#[test]
fn groups_as_far_apart_as_the_margin_are_seldom_equivalent() {
    for count in [[2, 2], [3, 3], [5, 5], [8, 8], [2, 10], [3, 12]] {
        for first in [0, 100] {
            let wrong = counted(count, first, 0.02, &[Verdict::Equivalent], 0.02);
            assert!(
                wrong <= five_per_cent(),
                "{wrong} of {DRAWS} with {count:?} from {first}"
            );
        }
    }
}

#[test]
fn what_is_there_is_found() {
    for first in [0, 100] {
        let found = counted([8, 8], first, 0.03, &[Verdict::Better], 0.002);
        assert!(found > DRAWS * 9 / 10, "{found} of {DRAWS}");
        let found = counted([8, 8], first, 0.0, &[Verdict::Equivalent], 0.02);
        assert!(found > DRAWS * 9 / 10, "{found} of {DRAWS}");
    }
}
