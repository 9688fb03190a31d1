//! Confusion matrices, summed over the seeds of an experiment.

use std::cmp::Reverse;

use record::Confusion;

use crate::experiment::Experiment;

/// The sum over the seeds; `None` if no run was tested. Skips matrices that cannot be added to the
/// first, which occur only in corrupt records.
pub(crate) fn over_seeds(experiment: &Experiment) -> Option<Confusion> {
    let mut all = experiment.tests().map(|test| &test.confusion);
    let first = all.next().filter(|first| first.classes() > 0)?.clone();
    Some(all.fold(first, |sum, other| sum.checked_add(other).unwrap_or(sum)))
}

/// The misclassifications as `(class, answer, count)`, most frequent first.
pub(crate) fn mistakes(confusion: &Confusion) -> Vec<(usize, usize, usize)> {
    let rows = confusion.counts().iter().enumerate();
    let cells = rows.flat_map(|(class, row)| {
        let row = row.iter().enumerate();
        row.map(move |(answer, &count)| (class, answer, count))
    });
    let wrong = cells.filter(|&(class, answer, count)| class != answer && count > 0);
    let mut wrong: Vec<_> = wrong.collect();
    wrong.sort_by_key(|&(.., count)| Reverse(count));
    wrong
}

/// The shade of a cell of the matrix, from 0 to 5: correct answers relative to the size of their
/// class, wrong answers relative to the most frequent mistake.
pub(crate) fn shade(confusion: &Confusion, class: usize, answer: usize) -> usize {
    let part = if class == answer {
        confusion.recall(class).unwrap_or(0.0)
    } else {
        let count = confusion.counts()[class][answer];
        let most = mistakes(confusion).first().map_or(1, |&(.., most)| most);
        (count as f64 / most as f64).sqrt()
    };
    (5.0 * part).ceil() as usize
}
