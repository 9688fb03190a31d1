//! What is chosen as the best of many by a figure looks better in that figure than it is.

use random::{Purpose, Stream};

use super::looks::normals;
use super::mean;

/// A candidate's runs: the figure that the choice goes by, larger for better, and the test figure.
pub type Candidate = Vec<(f64, f64)>;

/// How much too good the figures of the chosen one are expected to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Optimism {
    /// Of the figure that the choice goes by.
    pub chosen_by: f64,
    /// Of the test figure, which shares some of the luck.
    pub test: f64,
}

const DRAWS: usize = 4000;

/// The optimism of the best candidate, by a parametric bootstrap over seeds: means are drawn around those
/// of the candidates, with the spread of their seeds, and the best is chosen again. What the means differ
/// by because of the seeds alone is taken out of them before (James and Stein 1961), or the candidates
/// would seem to differ more than they do.
///
/// `None` if no candidate has two runs, so that nothing is known of the spread.
pub fn optimism(candidates: &[Candidate]) -> Option<Optimism> {
    let candidates: Vec<&Candidate> = candidates.iter().filter(|runs| !runs.is_empty()).collect();
    let (mut freedom, mut variance, mut covariance) = (0, 0.0, 0.0);
    let mut means = Vec::new();
    for runs in &candidates {
        let (by, test): (Vec<f64>, Vec<f64>) = runs.iter().copied().unzip();
        let (by, test) = (mean(&by)?, mean(&test)?);
        for (own, tested) in *runs {
            variance += (own - by).powi(2);
            covariance += (own - by) * (tested - test);
        }
        freedom += runs.len() - 1;
        means.push(by);
    }
    if freedom == 0 {
        return None;
    }
    variance /= freedom as f64;
    covariance /= freedom as f64;
    let errors: Vec<f64> = candidates
        .iter()
        .map(|runs| (variance / runs.len() as f64).sqrt())
        .collect();
    let middle = mean(&means)?;
    let around = means
        .iter()
        .map(|each| (each - middle).powi(2))
        .sum::<f64>();
    let seen = around / (means.len() as f64 - 1.0).max(1.0);
    let of_seeds = errors.iter().map(|error| error.powi(2)).sum::<f64>() / errors.len() as f64;
    let kept = if seen > 0.0 {
        (1.0 - of_seeds / seen).max(0.0)
    } else {
        0.0
    };
    let shrunk: Vec<f64> = means
        .iter()
        .map(|each| middle + kept * (each - middle))
        .collect();
    let noise = normals(
        &Stream::new(0, Purpose::Simulation, 0, 1),
        DRAWS * shrunk.len(),
    );
    let gains = noise.chunks_exact(shrunk.len()).map(|noise| {
        let drawn = noise
            .iter()
            .zip(&errors)
            .map(|(noise, error)| noise * error);
        let best = drawn
            .zip(&shrunk)
            .max_by(|(a, one), (b, other)| (*one + a).total_cmp(&(*other + b)));
        best.map_or(0.0, |(noise, _)| noise)
    });
    let chosen_by = gains.sum::<f64>() / DRAWS as f64;
    let shared = if variance > 0.0 {
        covariance / variance
    } else {
        0.0
    };
    Some(Optimism {
        chosen_by,
        test: shared * chosen_by,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Candidates whose means are equal but for their seeds: the optimism is that of the largest of
    /// normal numbers, 1.16296 for five (Harter 1961, doi:10.1093/biomet/48.1-2.151).
    #[test]
    fn the_best_of_equals_is_too_good_by_the_expected_maximum() {
        let runs = |shift: f64| -> Candidate {
            [-1.0, 0.0, 1.0]
                .map(|own| (shift + own, 0.5 * own))
                .to_vec()
        };
        let equal: Vec<Candidate> = (0..5).map(|_| runs(0.0)).collect();
        let found = optimism(&equal).unwrap();
        let expected = 1.162_96 / 3f64.sqrt();
        assert!((found.chosen_by / expected - 1.0).abs() < 0.03, "{found:?}");
        assert!((found.test - 0.5 * found.chosen_by).abs() < 1e-12);
        let apart: Vec<Candidate> = (0..5).map(|index| runs(100.0 * f64::from(index))).collect();
        assert!(optimism(&apart).unwrap().chosen_by.abs() < 0.05);
        assert_eq!(optimism(&[vec![(1.0, 1.0)], vec![(2.0, 2.0)]]), None);
        assert_eq!(optimism(&[]), None);
    }
}
