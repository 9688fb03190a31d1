use record::{Files, MIGRATED_VERSION, Record, SCHEMA_VERSION, digest_of};
use serde_json::{Value, json};

use crate::experiment::Experiment;
use crate::identity::signature;

/// Converts a record of the previous layout to this version's: adds the hashes of the run's files and
/// seals it. The measurements stay the same.
///
/// # Errors
///
/// A message, if the record is of another layout, is damaged, or its config is not valid or not the one
/// of its signature.
pub fn migrated(mut json: Value, files: Files) -> Result<Record, String> {
    let found = json["schema_version"].as_u64();
    if found != Some(u64::from(MIGRATED_VERSION)) {
        return Err(format!("not a record of schema {MIGRATED_VERSION}"));
    }
    let experiment: Experiment = serde_path_to_error::deserialize(&json["config"])
        .map_err(|error| format!("config.{}: {}", error.path(), error.inner()))?;
    json["schema_version"] = json!(SCHEMA_VERSION);
    json["files"] = json!(files);
    json["seal"] = json!("");
    let record: Record = serde_json::from_value(json).map_err(|error| error.to_string())?;
    let result = &record.result;
    let digest = digest_of(result).map_err(|error| error.to_string())?;
    let own = signature(&experiment, &result.data, result.initial_weights.as_deref());
    if digest != record.digest {
        Err("digest mismatch: the file was changed or damaged".to_owned())
    } else if own != record.signature {
        Err("its config was changed after the run".to_owned())
    } else {
        Ok(record.sealed())
    }
}
