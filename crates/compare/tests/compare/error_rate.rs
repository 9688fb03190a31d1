//! Error rates of the verdict over randomly drawn groups.

use compare::{Comparison, Group, Options, Verdict};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand_distr::{Distribution, Normal};

use crate::made::accuracies;

const DRAWS: u32 = 4000;

/// Draws an accuracy for each run, rounded to whole examples of a thousand as on a test set.
fn draw(group: &mut Group, mean: f64, random: &mut StdRng) {
    let accuracy = Normal::new(mean, 0.01).unwrap();
    for run in &mut group.runs {
        let examples = (1000.0 * accuracy.sample(random)).round();
        run.record.result.test.as_mut().unwrap().accuracy = examples / 1000.0;
    }
}

/// Counts the draws that get one of the verdicts, and checks that swapping the groups mirrors each.
/// The group's seeds start at `first`, the baseline's at 0.
fn counted(count: usize, first: u64, apart: f64, verdicts: &[Verdict], margin: f64) -> u32 {
    let mut random = StdRng::seed_from_u64(count as u64 + first);
    let options = Options {
        margin: Some(margin),
        ..Options::default()
    };
    let verdict = |a: &Group, b: &Group| {
        let comparison = Comparison::of(vec![a.clone(), b.clone()], &options).unwrap();
        comparison.contrasts[0].verdict
    };
    let mut a = accuracies("a", 0, &vec![900; count]);
    let mut b = accuracies("b", first, &vec![900; count]);
    let mut found = 0;
    for _ in 0..DRAWS {
        draw(&mut a, 0.9, &mut random);
        draw(&mut b, 0.9 + apart, &mut random);
        let seen = verdict(&a, &b);
        let mirrored = match seen {
            Verdict::Better => Verdict::Worse,
            Verdict::Worse => Verdict::Better,
            Verdict::Equivalent | Verdict::Undecided => seen,
        };
        assert_eq!(verdict(&b, &a), mirrored);
        found += u32::from(verdicts.contains(&seen));
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
    for count in [2, 3, 5, 8] {
        for first in [0, 100] {
            let wrong = counted(count, first, 0.0, &[Verdict::Better, Verdict::Worse], 0.0);
            assert!(
                wrong <= five_per_cent(),
                "{wrong} of {DRAWS} with {count} from {first}"
            );
        }
    }
}

#[test]
fn groups_as_far_apart_as_the_margin_are_seldom_equivalent() {
    for count in [2, 3, 5, 8] {
        for first in [0, 100] {
            let wrong = counted(count, first, 0.02, &[Verdict::Equivalent], 0.02);
            assert!(
                wrong <= five_per_cent(),
                "{wrong} of {DRAWS} with {count} from {first}"
            );
        }
    }
}

#[test]
fn what_is_there_is_found() {
    for first in [0, 100] {
        let found = counted(8, first, 0.03, &[Verdict::Better], 0.002);
        assert!(found > DRAWS * 9 / 10, "{found} of {DRAWS}");
        let found = counted(8, first, 0.0, &[Verdict::Equivalent], 0.02);
        assert!(found > DRAWS * 9 / 10, "{found} of {DRAWS}");
    }
}
