//! Runs whose results are the same under different seeds.

use std::collections::HashMap;

use record::Status;

use crate::{CompareError, Group, Run};

/// Refuses runs with the same result under different seeds: all losses agree to the last bit, so one
/// is a copy of the other, or nothing in the config is random. Counted twice, one sample would pass
/// for two.
pub(crate) fn refuse<'a>(groups: impl IntoIterator<Item = &'a Group>) -> Result<(), CompareError> {
    let mut seen: HashMap<Vec<u64>, &Run> = HashMap::new();
    for run in groups.into_iter().flat_map(|group| &group.runs) {
        // Runs that end before their first epoch have nothing to agree in.
        if run.record.result.status == Status::Diverged {
            continue;
        }
        let first = *seen.entry(losses(run)).or_insert(run);
        if first.record.seed != run.record.seed && first.record.result == run.record.result {
            return Err(CompareError::Copied {
                first: first.path.clone(),
                second: run.path.clone(),
            });
        }
    }
    Ok(())
}

/// The bits of the losses.
fn losses(run: &Run) -> Vec<u64> {
    let result = &run.record.result;
    let of_epochs = result.epochs.iter().map(|epoch| epoch.train.loss);
    let of_test = result.test.iter().map(|test| test.loss);
    of_epochs.chain(of_test).map(f64::to_bits).collect()
}
