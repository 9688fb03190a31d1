use record::{MIGRATED_VERSION, Record, SCHEMA_VERSION, digest_of};
use serde_json::{Value, json};

use crate::experiment::Experiment;
use crate::identity::signature;

/// Converts a record of the previous layout to this version's: adds the description of its data and
/// recomputes the signature. The measurements and their digest stay the same.
///
/// # Errors
///
/// A message, if the record is of another layout, is damaged, or its config is not valid.
pub fn migrated(mut json: Value) -> Result<Record, String> {
    let found = json["schema_version"].as_u64();
    if found != Some(u64::from(MIGRATED_VERSION)) {
        return Err(format!("not a record of schema {MIGRATED_VERSION}"));
    }
    let experiment: Experiment = serde_path_to_error::deserialize(&json["config"])
        .map_err(|error| format!("config.{}: {}", error.path(), error.inner()))?;
    let spec = experiment.data.spec().ok_or_else(|| {
        let name = experiment.data.name();
        format!("data.{name}: cannot be described without reading the data")
    })?;
    json["schema_version"] = json!(SCHEMA_VERSION);
    json["spec"] = serde_json::to_value(spec).map_err(|error| error.to_string())?;
    let mut record: Record = serde_json::from_value(json).map_err(|error| error.to_string())?;
    let digest = digest_of(&record.result).map_err(|error| error.to_string())?;
    if digest != record.digest {
        return Err("digest mismatch: the file was changed or damaged".to_owned());
    }
    let result = &record.result;
    record.signature = signature(&experiment, &result.data, result.initial_weights.as_deref());
    Ok(record)
}
