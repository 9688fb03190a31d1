//! How often a test set was looked at. The best of many is best by chance, too.

use std::collections::BTreeMap;
use std::fmt;

use present::{count, score_difference};
use record::{Metric, Quantity, Record};

use crate::statistics::{Candidate, optimism};

/// The tested runs on one test set.
#[derive(Clone, Debug, PartialEq)]
pub struct TestSetUse {
    /// The data set's name.
    pub source: String,
    /// The number of test examples.
    pub examples: usize,
    /// The runs that were tested on them.
    pub runs: usize,
    /// The distinct configs of these runs.
    pub configs: usize,
    /// How much the best mean accuracy is expected to be too high, because it is the best; `None` if no
    /// config has two seeds.
    pub optimism: Option<f64>,
}

impl TestSetUse {
    /// The uses of each test set that more than one config was tested on.
    pub fn among<'a>(records: impl IntoIterator<Item = &'a Record>) -> Vec<Self> {
        let mut by_digest: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
        for record in records {
            if record.result.test.is_some() {
                let digest = record.result.data.test.digest.as_str();
                by_digest.entry(digest).or_default().push(record);
            }
        }
        let uses = by_digest.into_values().map(|records| Self::of(&records));
        uses.filter(|usage| usage.configs > 1).collect()
    }

    fn of(records: &[&Record]) -> Self {
        let accuracy = Metric::default();
        let mut candidates: BTreeMap<&str, Candidate> = BTreeMap::new();
        for record in records {
            let runs = candidates.entry(&record.signature).or_default();
            if !record.learnt_nothing() {
                runs.extend(accuracy.of(record).map(|value| (value, value)));
            }
        }
        let configs = candidates.len();
        let candidates: Vec<Candidate> = candidates.into_values().collect();
        let data = &records[0].result.data;
        Self {
            source: data.source.clone(),
            examples: data.test.examples,
            runs: records.len(),
            configs,
            optimism: optimism(&candidates).map(|optimism| optimism.chosen_by),
        }
    }
}

impl fmt::Display for TestSetUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            source, configs, ..
        } = self;
        let (runs, examples) = (
            count(self.runs, "run"),
            count(self.examples, "test example"),
        );
        write!(
            f,
            "{runs} of {configs} configs were tested on the same {examples} of {source}: the best of {configs} \
             is best by chance, too"
        )?;
        match self.optimism {
            Some(optimism) if optimism < 0.000_05 => {
                f.write_str(", here by less than 0.01 points, as it is far ahead")
            }
            Some(optimism) => {
                let points = score_difference(Quantity::Accuracy, optimism);
                let points = points.trim_start_matches('+');
                write!(
                    f,
                    ", its mean accuracy being too high by about {points} points"
                )
            }
            None => Ok(()),
        }
    }
}
