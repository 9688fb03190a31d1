//! The test set of a finished run, from what is at hand: nothing is downloaded to look at examples.

use compare::Run;
use config::Plan;
use datasets::{Data, DataError, Dataset, Location, Places};
use record::RunFolder;

use crate::arguments::DataDirArgument;

/// Where to look for data without downloading any.
pub fn at_hand(named: &DataDirArgument) -> Location {
    match named.location() {
        Location::Cache | Location::Offline => Location::Offline,
        folder @ Location::Folder(_) => folder,
    }
}

/// More examples are not read to look at a few.
const MOST_EXAMPLES: usize = 200_000;

/// The data of a run, or why they are not shown.
pub fn data_of(run: &Run, location: &Location) -> Result<Dataset, String> {
    let record = &run.record;
    let data = &record.result.data;
    let held_out = data.validation.as_ref().map_or(0, |split| split.examples);
    if data.train.examples + held_out + data.test.examples > MOST_EXAMPLES {
        return Err("the data set is too large to read for them".to_owned());
    }
    let config_folder = RunFolder::at(run.path.clone()).config_folder(record);
    let plan =
        Plan::of(record, config_folder, &record.experiment).map_err(|error| error.to_string())?;
    let source = &plan.experiment().data;
    let name = source.name();
    let places = Places {
        published: location,
        config_folder: plan.folder(),
    };
    source.load(&places, &mut |_| ()).map_err(|error| {
        let is_published = Data::published().iter().any(|(known, _)| *known == name);
        if is_published && matches!(error, DataError::Missing { .. }) {
            format!(
                "they are not on this machine. `hearth data fetch {name}` downloads them, \
                 --data-dir names a folder that has them"
            )
        } else {
            error.to_string()
        }
    })
}
