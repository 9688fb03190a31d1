//! Compares a run with a repetition of it.

use std::fmt::Display;

use record::{
    DataSummary, Diverged, Epoch, Evaluation, Measured, Metric, Quantity, Record, Scores,
};
use spec::Split;

/// The quantities compared. The plain loss is not among them: it is part of the loss, and records
/// of older versions lack it.
const QUANTITIES: [Quantity; 2] = [Quantity::Loss, Quantity::Accuracy];

/// How closely a repeated run matches its record.
#[derive(Clone, Debug, PartialEq)]
pub enum Verification {
    /// The results and the files of the run are identical to the last bit.
    BitExact,
    /// All values agree within the tolerance.
    WithinTolerance {
        /// The largest difference: relative to recorded values above 1, absolute for others.
        largest: f64,
    },
    /// The results differ.
    Differs(Difference),
}

/// The first value that differs by more than the tolerance.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// From 1; absent if the value does not belong to an epoch.
    pub epoch: Option<usize>,
    /// What differs, for example `train.loss`.
    pub what: String,
    /// The value in the record.
    pub was: String,
    /// The value now.
    pub is: String,
}

/// Compares the results of two records in the order of measurement: data, epochs, test. `tolerance` is
/// the largest difference that counts as equal, relative for values above 1 and absolute for others.
pub fn verify(written: &Record, again: &Record, tolerance: f64) -> Verification {
    let (same_files, written) = (written.files == again.files, &written.result);
    let again = &again.result;
    if written == again && same_files {
        return Verification::BitExact;
    }
    let mut check = Check {
        tolerance,
        largest: 0.0,
    };
    match check.results(written, again) {
        Err(difference) => Verification::Differs(difference),
        Ok(()) => Verification::WithinTolerance {
            largest: check.largest,
        },
    }
}

struct Check {
    tolerance: f64,
    largest: f64,
}

impl Check {
    fn results(&mut self, written: &Measured, again: &Measured) -> Result<(), Difference> {
        for split in Split::ALL {
            let what = format!("the {split} set's digest");
            let digest = |measured| shown(digest(measured, split));
            same(None, &what, digest(&written.data), digest(&again.data))?;
        }
        let weights = |measured: &Measured| shown(measured.initial_weights.as_ref());
        let what = "the initial weights' digest";
        same(None, what, weights(written), weights(again))?;
        for (written, again) in written.epochs.iter().zip(&again.epochs) {
            self.epoch(written, again)?;
        }
        let epochs = |measured: &Measured| measured.epochs.len().to_string();
        same(None, "the number of epochs", epochs(written), epochs(again))?;
        let diverged = |measured: &Measured| {
            let place = measured.diverged;
            shown(place.map(|Diverged { epoch, step }| format!("epoch {epoch}, step {step}")))
        };
        let what = "the place of divergence";
        same(None, what, diverged(written), diverged(again))?;
        let best = |measured: &Measured| shown(measured.best_epoch);
        same(None, "the best epoch", best(written), best(again))?;
        let test = |measured: &Measured| measured.test.as_ref().map(Evaluation::scores);
        self.scores(None, Split::Test, test(written), test(again))
    }

    fn epoch(&mut self, written: &Epoch, again: &Epoch) -> Result<(), Difference> {
        let epoch = Some(written.epoch);
        self.scores(epoch, Split::Train, Some(written.train), Some(again.train))?;
        self.scores(
            epoch,
            Split::Validation,
            written.validation,
            again.validation,
        )
    }

    fn scores(
        &mut self,
        epoch: Option<usize>,
        split: Split,
        written: Option<Scores>,
        again: Option<Scores>,
    ) -> Result<(), Difference> {
        let scored = |scores: Option<Scores>| if scores.is_some() { "measured" } else { "none" };
        let (was, is) = (scored(written), scored(again));
        same(epoch, split.name(), was.to_owned(), is.to_owned())?;
        let (Some(written), Some(again)) = (written, again) else {
            return Ok(());
        };
        for quantity in QUANTITIES {
            let (was, is) = (quantity.of(&written), quantity.of(&again));
            let off = (was - is).abs() / was.abs().max(1.0);
            if off > self.tolerance {
                let metric = Metric::of_kept(split, quantity).to_string();
                return Err(difference(epoch, &metric, was.to_string(), is.to_string()));
            }
            self.largest = self.largest.max(off);
        }
        Ok(())
    }
}

fn digest(data: &DataSummary, split: Split) -> Option<&String> {
    let split = match split {
        Split::Train => Some(&data.train),
        Split::Validation => data.validation.as_ref(),
        Split::Test => Some(&data.test),
    };
    split.map(|split| &split.digest)
}

fn shown(value: Option<impl Display>) -> String {
    value.map_or("none".to_owned(), |value| value.to_string())
}

/// Compares values that must be equal regardless of the tolerance.
fn same(epoch: Option<usize>, what: &str, was: String, is: String) -> Result<(), Difference> {
    if was == is {
        Ok(())
    } else {
        Err(difference(epoch, what, was, is))
    }
}

fn difference(epoch: Option<usize>, what: &str, was: String, is: String) -> Difference {
    Difference {
        epoch,
        what: what.to_owned(),
        was,
        is,
    }
}
