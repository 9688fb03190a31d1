//! Tests that are repeated as seeds are added.
//!
//! Each look at growing groups is another chance of a wrong verdict: looking after 5, 10, 20 and 30 seeds
//! at 5 % finds a difference between equals in 13 % of the cases. So the looks are planned, and each tests
//! at a lower level, the same for all (Pocock 1977, doi:10.1093/biomet/64.2.191).

use rayon::prelude::*;
use statrs::distribution::ContinuousCDF;

use random::{Purpose, Stream};

use super::ALPHA;
use super::t_test::student;

/// The numbers of seeds after which one looks. A rarer look later costs little: the seeds have to double
/// to show much that was not there before.
const PLANNED: [usize; 6] = [5, 10, 20, 30, 50, 100];

/// The planned looks up to `most` seeds, the last of which is at `most`. A look that fewer than five
/// seeds would separate from the last is left out.
pub fn planned_looks(most: usize) -> Vec<usize> {
    let before = PLANNED.into_iter().filter(|&look| look + 5 <= most);
    before.chain([most]).collect()
}

/// How many simulated sequences of runs the level is taken from: the error rate is 5 % up to ±0.04 points.
const SEQUENCES: u32 = 400_000;
/// Sequences of one stream.
const CHUNK: u32 = 2_000;

/// The level at which each look tests, so that over all looks a difference between equals is found with
/// a probability of [`ALPHA`]: the quantile of the smallest p-value of a sequence. The sequences are of
/// normally distributed differences, and always the same ones.
///
/// `after` are the numbers of seeds at the looks: ascending, the first at least 2.
pub fn level_of_looks(after: &[usize]) -> f64 {
    let &[.., most] = after else { return ALPHA };
    if after.len() == 1 {
        return ALPHA;
    }
    let students: Vec<_> = after.iter().map(|&n| student(n as f64 - 1.0)).collect();
    let smallest_p = |values: &[f64]| {
        let looks = after.iter().zip(&students).map(|(&count, student)| {
            let values = &values[..count];
            let n = count as f64;
            let mean = values.iter().sum::<f64>() / n;
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            2.0 * student.sf(mean.abs() / (squares / (n - 1.0) / n).sqrt())
        });
        looks.fold(1.0, f64::min)
    };
    let chunks = (0..SEQUENCES / CHUNK).into_par_iter();
    let mut smallest: Vec<f64> = chunks
        .flat_map_iter(|chunk| {
            let stream = Stream::new(0, Purpose::Simulation, chunk, 0);
            let normals = normals(&stream, most * CHUNK as usize);
            let sequences = normals.chunks_exact(most).map(smallest_p);
            sequences.collect::<Vec<f64>>()
        })
        .collect();
    let wrong = (ALPHA * f64::from(SEQUENCES)) as usize;
    *smallest.select_nth_unstable_by(wrong, f64::total_cmp).1
}

/// Normally distributed numbers (Box and Muller 1958).
pub(super) fn normals(stream: &Stream, count: usize) -> Vec<f64> {
    let words = stream.words(count.next_multiple_of(2));
    let uniform = |word: u32| (f64::from(word) + 0.5) / 2f64.powi(32);
    words
        .chunks_exact(2)
        .flat_map(|pair| {
            let radius = (-2.0 * uniform(pair[0]).ln()).sqrt();
            let angle = std::f64::consts::TAU * uniform(pair[1]);
            [radius * angle.cos(), radius * angle.sin()]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_apart_and_end_at_the_most_seeds() {
        for (most, looks) in [
            (2, vec![2]),
            (9, vec![9]),
            (10, vec![5, 10]),
            (24, vec![5, 10, 24]),
            (30, vec![5, 10, 20, 30]),
            (120, vec![5, 10, 20, 30, 50, 100, 120]),
        ] {
            assert_eq!(planned_looks(most), looks);
        }
    }
}
