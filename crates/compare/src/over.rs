//! Over which sources of error a difference is tested.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use record::{Metric, Record};
use serde::Serialize;

use crate::Group;
use crate::statistics::TwoWay;

/// The sources of error that a verdict allows for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// Other seeds, on this test set.
    #[default]
    Seeds,
    /// Other seeds, on another test set of the same kind and size.
    SeedsAndExamples,
}

impl fmt::Display for Over {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Seeds => "seeds",
            Self::SeedsAndExamples => "seeds,examples",
        })
    }
}

impl FromStr for Over {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "seeds" => Ok(Self::Seeds),
            "seeds,examples" | "examples,seeds" => Ok(Self::SeedsAndExamples),
            _ => Err("use seeds or seeds,examples".to_owned()),
        }
    }
}

/// Tests two groups of at least two runs each over seeds and test examples. Runs are paired by seed if
/// `pairs`. `None` if there is no spread. All runs were tested on the same examples.
pub(crate) fn seeds_and_examples(
    baseline: &Group,
    group: &Group,
    metric: Metric,
    pairs: bool,
) -> Option<TwoWay> {
    let (first, second) = (answers(baseline, metric), answers(group, metric));
    if !pairs {
        let rows = |all: Vec<(u64, Vec<i8>)>| -> Vec<Vec<i8>> {
            all.into_iter().map(|(_, row)| row).collect()
        };
        return TwoWay::independent(&rows(first), &rows(second));
    }
    let second: BTreeMap<u64, Vec<i8>> = second.into_iter().collect();
    let common = first.into_iter().filter_map(|(seed, row)| {
        let other = second.get(&seed)?;
        Some(row.iter().zip(other).map(|(a, b)| b - a).collect())
    });
    TwoWay::paired(&common.collect::<Vec<Vec<i8>>>())
}

/// The seed of each run that counts, and 1 for each test example that it got right.
fn answers(group: &Group, metric: Metric) -> Vec<(u64, Vec<i8>)> {
    let measured = group.measured(metric).map(|(record, _)| record);
    let bits = |record: &Record| {
        let test = record.result.test.as_ref()?;
        Some(test.correct.iter().map(i8::from).collect())
    };
    measured
        .filter_map(|record| Some((record.seed, bits(record)?)))
        .collect()
}
