//! Which members of a sweep with successive halving go on. It follows from what their runs have saved, so it is
//! the same wherever they run.

use config::{Halving, Sweep};
use present::count;

use super::SweepArguments;
use super::tasks::{Score, Task};
use crate::exit::{BadInput, Unavailable};

/// How far the choice has come.
pub(super) struct Standing {
    /// For each member, the epoch after which it was given up, if it was.
    pub given_up: Vec<Option<usize>>,
    /// The first rung that is not done by all of its members; the last if all are.
    pub rung: usize,
    /// The runs that it lacks.
    pub missing: usize,
}

/// A sweep's tasks in a rung, with the epoch until which they are trained.
pub(super) fn tasks<'a>(
    sweep: &'a Sweep,
    arguments: &'a SweepArguments,
    halving: &Halving,
    rung: usize,
) -> anyhow::Result<Vec<Task<'a>>> {
    let tasks = Task::all(sweep, arguments)?;
    let standing = standing_of(&tasks, halving, rung)?;
    if standing.rung < rung {
        let missing = count(standing.missing, "run");
        let problem = format!(
            "rung {rung} begins when all of rung {} are done, which lacks {missing}; see `hearth sweep status`",
            standing.rung
        );
        return Err(Unavailable::new(problem).into());
    }
    Ok(left(tasks, halving, &standing))
}

/// The tasks of the rung that the choice has come to, with the epoch until which they are trained.
pub(super) fn left<'a>(
    tasks: Vec<Task<'a>>,
    halving: &Halving,
    standing: &Standing,
) -> Vec<Task<'a>> {
    let is_last = standing.rung + 1 == halving.rungs.len();
    let until = (!is_last).then_some(halving.rungs[standing.rung].epochs);
    let left = tasks
        .into_iter()
        .filter(|task| standing.given_up[task.place].is_none());
    left.map(|task| task.left_after(until)).collect()
}

/// How far the choice has come, over all rungs.
pub(super) fn standing(tasks: &[Task], halving: &Halving) -> anyhow::Result<Standing> {
    standing_of(tasks, halving, halving.rungs.len() - 1)
}

/// How far the choice has come, up to a rung.
fn standing_of(tasks: &[Task], halving: &Halving, last: usize) -> anyhow::Result<Standing> {
    // In the order of the members, each of which has a run.
    let of_members: Vec<&[Task]> = tasks
        .chunk_by(|one, other| one.place == other.place)
        .collect();
    let mut given_up = vec![None; of_members.len()];
    let mut left: Vec<usize> = (0..of_members.len()).collect();
    for (rung, place_of) in halving.rungs[..last].iter().zip(0..) {
        let mut scores = Vec::new();
        let mut missing = 0;
        for &member in &left {
            let (score, lacks) = mean(of_members[member], halving, rung.epochs)?;
            scores.push(score);
            missing += lacks;
        }
        if missing > 0 {
            return Ok(Standing {
                given_up,
                rung: place_of,
                missing,
            });
        }
        let best = halving.best(place_of, &scores);
        let next: Vec<usize> = best.into_iter().map(|place| left[place]).collect();
        for member in left {
            if !next.contains(&member) {
                given_up[member] = Some(rung.epochs);
            }
        }
        left = next;
    }
    Ok(Standing {
        given_up,
        rung: last,
        missing: 0,
    })
}

/// The mean of the metric over a member's runs, `None` if one diverged, and the number of runs that have not come
/// so far.
fn mean(tasks: &[Task], halving: &Halving, epochs: usize) -> anyhow::Result<(Option<f64>, usize)> {
    let (mut sum, mut runs, mut missing, mut has_diverged) = (0.0, 0, 0, false);
    for task in tasks {
        match task.score(halving.metric, epochs)? {
            Some(Score::Value(value)) => sum += value,
            Some(Score::Diverged) => has_diverged = true,
            Some(Score::Unmeasured) => {
                let metric = halving.metric;
                let problem = format!(
                    "{}: no {metric}, by which members are chosen; hold out validation examples",
                    task.name()
                );
                return Err(BadInput::new(problem).into());
            }
            None => missing += 1,
        }
        runs += 1;
    }
    Ok((
        (!has_diverged).then_some(sum / f64::from(runs.max(1))),
        missing,
    ))
}
