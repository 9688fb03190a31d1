use std::fmt;

use record::Record;

use config::{Bounds, Metric, Plan};

/// An expectation of the config that a run does not meet.
#[derive(Clone, Debug, PartialEq)]
pub struct Unmet {
    metric: Metric,
    /// Nothing where the run has no such figure: it diverged.
    value: Option<f64>,
    bounds: Bounds,
}

/// Holds a finished run against the config's `expect`.
pub fn unmet_expectations(plan: &Plan, record: &Record) -> Vec<Unmet> {
    let expected = plan.experiment().expect.iter();
    expected
        .map(|(&metric, &bounds)| Unmet {
            metric,
            value: value(metric, record),
            bounds,
        })
        .filter(Unmet::is_unmet)
        .collect()
}

fn value(metric: Metric, record: &Record) -> Option<f64> {
    let result = &record.result;
    let test = result.test.as_ref();
    let last = result.epochs.last().filter(|_| result.diverged.is_none());
    let validation = last.and_then(|epoch| epoch.validation);
    match metric {
        Metric::TestAccuracy => test.map(|test| test.accuracy),
        Metric::TestLoss => test.map(|test| test.loss),
        Metric::TrainAccuracy => last.map(|epoch| epoch.train.accuracy),
        Metric::TrainLoss => last.map(|epoch| epoch.train.loss),
        Metric::ValidationAccuracy => validation.map(|scores| scores.accuracy),
        Metric::ValidationLoss => validation.map(|scores| scores.loss),
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
            return formatter.write_str("is not there: the run diverged");
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
