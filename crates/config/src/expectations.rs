use std::fmt;

use record::{Metric, Record};

use crate::experiment::Bounds;
use crate::plan::Plan;

/// A bound of the config's `expect` that a run violates. Its text says by how much.
#[derive(Clone, Debug, PartialEq)]
pub struct Unmet {
    metric: Metric,
    /// `None` if the run diverged.
    value: Option<f64>,
    bounds: Bounds,
}

impl Plan {
    /// The expectations of the config that a finished run violates.
    pub fn unmet(&self, record: &Record) -> Vec<Unmet> {
        let expected = self.experiment().expect.iter();
        expected
            .map(|(&metric, &bounds)| Unmet {
                metric,
                value: metric.of(record),
                bounds,
            })
            .filter(Unmet::is_unmet)
            .collect()
    }
}

impl Unmet {
    fn is_unmet(&self) -> bool {
        let Some(value) = self.value else { return true };
        self.bounds.at_least.is_some_and(|least| value < least)
            || self.bounds.at_most.is_some_and(|most| value > most)
    }
}

impl fmt::Display for Unmet {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "{} ", self.metric)?;
        let Some(value) = self.value else {
            return formatter.write_str("was not measured: the run diverged");
        };
        match self.bounds {
            Bounds {
                at_least: Some(least),
                ..
            } if value < least => write!(
                formatter,
                "is {value:.5}, expected at least {least}: short by {:.5}",
                least - value
            ),
            Bounds { at_most, .. } => {
                let most = at_most.unwrap_or(f64::INFINITY);
                write!(
                    formatter,
                    "is {value:.5}, expected at most {most}: over by {:.5}",
                    value - most
                )
            }
        }
    }
}
