//! A run held against the same run made again.

use record::{Epoch, Evaluation, Measured, Scores};

/// How far a run made again is from what is written of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Verification {
    /// The results are the same to the last bit.
    BitExact,
    /// No figure is further off than the tolerance.
    WithinTolerance {
        /// The largest relative difference.
        largest: f64,
    },
    Differs(Difference),
}

/// The first figure that is further off than the tolerance.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// From 1; none where the figure is of no epoch.
    pub epoch: Option<usize>,
    /// For instance `train.loss`.
    pub what: String,
    pub was: String,
    pub is: String,
}

/// Compares in the order in which the figures came about: data, epochs, test. `tolerance` is relative
/// to the figure written, or absolute where that is below 1.
pub fn verify(written: &Measured, again: &Measured, tolerance: f64) -> Verification {
    if written == again {
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
        let data = |data: &record::Data| {
            let splits = [
                Some(&data.train),
                data.validation.as_ref(),
                Some(&data.test),
            ];
            splits.map(|split| split.map(|split| split.digest.clone()))
        };
        same(None, "data", data(&written.data), data(&again.data))?;
        let weights = |measured: &Measured| measured.initial_weights.clone();
        same(None, "initial weights", weights(written), weights(again))?;
        for (written, again) in written.epochs.iter().zip(&again.epochs) {
            self.epoch(written, again)?;
        }
        same(None, "epochs", written.epochs.len(), again.epochs.len())?;
        same(None, "diverged", written.diverged, again.diverged)?;
        same(None, "best epoch", written.best_epoch, again.best_epoch)?;
        let scores = |test: &Option<Evaluation>| {
            test.as_ref().map(|test| Scores {
                loss: test.loss,
                accuracy: test.accuracy,
                plain_loss: test.plain_loss,
            })
        };
        self.scores(None, "test", scores(&written.test), scores(&again.test))
    }

    fn epoch(&mut self, written: &Epoch, again: &Epoch) -> Result<(), Difference> {
        let epoch = Some(written.epoch);
        self.scores(epoch, "train", Some(written.train), Some(again.train))?;
        self.scores(epoch, "validation", written.validation, again.validation)
    }

    fn scores(
        &mut self,
        epoch: Option<usize>,
        split: &str,
        written: Option<Scores>,
        again: Option<Scores>,
    ) -> Result<(), Difference> {
        same(epoch, split, written.is_some(), again.is_some())?;
        let (Some(written), Some(again)) = (written, again) else {
            return Ok(());
        };
        for (figure, was, is) in [
            ("loss", written.loss, again.loss),
            ("accuracy", written.accuracy, again.accuracy),
        ] {
            let off = (was - is).abs() / was.abs().max(1.0);
            if off > self.tolerance {
                return Err(difference(epoch, &format!("{split}.{figure}"), was, is));
            }
            self.largest = self.largest.max(off);
        }
        Ok(())
    }
}

/// Values that no tolerance helps.
fn same<T: PartialEq + std::fmt::Debug>(
    epoch: Option<usize>,
    what: &str,
    was: T,
    is: T,
) -> Result<(), Difference> {
    match was == is {
        true => Ok(()),
        false => Err(difference(epoch, what, was, is)),
    }
}

fn difference(
    epoch: Option<usize>,
    what: &str,
    was: impl std::fmt::Debug,
    is: impl std::fmt::Debug,
) -> Difference {
    Difference {
        epoch,
        what: what.to_owned(),
        was: format!("{was:?}"),
        is: format!("{is:?}"),
    }
}
