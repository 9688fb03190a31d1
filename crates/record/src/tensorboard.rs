//! TensorBoard's event files, which `tensorboard --logdir results` shows.
//!
//! `tb/train` and `tb/validation` hold the curves, under Keras's tags; they grow with each epoch. `tb` holds
//! what the HParams plugin shows: the config, and the test figures. The files say nothing that the record
//! does not, and no record covers them.

mod event;

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use prost::Message;

use self::event::{
    Event, HParams, Json, Kind, Metadata, PluginData, SessionEnd, SessionStart, Summary, Value,
};
use crate::error::RecordError;
use crate::identity::deciding;
use crate::key_path::join_key;
use crate::measured::{Scores, Status};
use crate::metrics_log::EpochLine;
use crate::own::OwnFolder;
use crate::result::Record;

/// The folder of the event files in a run's.
const FOLDER: &str = "tb";
/// TensorBoard reads files with `tfevents` in their names.
const FILE: &str = "events.out.tfevents.hearth";

/// The curves of a run, open for writing.
#[derive(Debug)]
pub(crate) struct Curves {
    train: EventFile,
    validation: EventFile,
}

const SPLITS: [&str; 2] = ["train", "validation"];

/// Removes the event files of an earlier run.
pub(crate) fn remove(run: &OwnFolder) -> Result<(), RecordError> {
    let Some(folder) = run.find_within(FOLDER)? else {
        return Ok(());
    };
    for split in SPLITS {
        if let Some(curve) = folder.find_within(split)? {
            curve.remove(FILE)?;
        }
        folder.remove_folder(split)?;
    }
    folder.remove(FILE)?;
    run.remove_folder(FOLDER)
}

impl Curves {
    pub fn create(run: &OwnFolder) -> Result<Self, RecordError> {
        let folder = run.within(FOLDER)?;
        let [train, validation] = SPLITS;
        Ok(Self {
            train: EventFile::create(&folder.within(train)?)?,
            validation: EventFile::create(&folder.within(validation)?)?,
        })
    }

    /// Adds a point to each curve.
    pub fn append(&mut self, line: &EpochLine) -> Result<(), RecordError> {
        let epoch = &line.epoch;
        let mut train = figures(epoch.train);
        let rate = line.learning_rate;
        train.extend(rate.map(|rate| figure("epoch_learning_rate", rate)));
        self.train.write(epoch.epoch, train)?;
        match epoch.validation {
            Some(scores) => self.validation.write(epoch.epoch, figures(scores)),
            None => Ok(()),
        }
    }
}

/// Writes what the HParams plugin shows of a finished run.
pub(crate) fn write_hparams(run: &OwnFolder, record: &Record) -> Result<(), RecordError> {
    let folder = run.within(FOLDER)?;
    let mut hparams = HashMap::new();
    add("", &deciding(&record.config), &mut hparams);
    hparams.insert("seed".to_owned(), json(Kind::Number(record.seed as f64)));
    let now = now();
    let start = HParams {
        session_start: Some(SessionStart {
            hparams,
            group_name: record.experiment.clone(),
            start_time: now - record.run.total_s,
        }),
        session_end: None,
    };
    let end = HParams {
        session_start: None,
        session_end: Some(SessionEnd {
            status: match record.result.status {
                Status::Completed => 1,
                Status::Diverged => 2,
            },
            end_time: now,
        }),
    };
    let mut file = EventFile::create(&folder)?;
    file.write(0, vec![of_plugin("_hparams_/session_start_info", &start)])?;
    if let Some(test) = &record.result.test {
        let figures = [("test/accuracy", test.accuracy), ("test/loss", test.loss)];
        let figures = figures.map(|(tag, value)| figure(tag, value));
        file.write(0, figures.to_vec())?;
    }
    file.write(0, vec![of_plugin("_hparams_/session_end_info", &end)])
}

/// An event file, open for writing.
#[derive(Debug)]
struct EventFile {
    path: PathBuf,
    file: File,
}

impl EventFile {
    fn create(folder: &OwnFolder) -> Result<Self, RecordError> {
        let path = folder.path_of(FILE);
        let file = folder.file(FILE)?;
        file.set_len(0).map_err(RecordError::io(&path))?;
        let mut created = Self { path, file };
        created.append(&Event {
            wall_time: now(),
            file_version: Some("brain.Event:2".to_owned()),
            ..Event::default()
        })?;
        Ok(created)
    }

    fn write(&mut self, step: usize, value: Vec<Value>) -> Result<(), RecordError> {
        self.append(&Event {
            wall_time: now(),
            step: step as i64,
            file_version: None,
            summary: Some(Summary { value }),
        })
    }

    /// Appends an event in the framing of TFRecord: the length, its checksum, the bytes, their checksum.
    fn append(&mut self, event: &Event) -> Result<(), RecordError> {
        let bytes = event.encode_to_vec();
        let length = (bytes.len() as u64).to_le_bytes();
        let mut framed = Vec::with_capacity(bytes.len() + 16);
        framed.extend(length);
        framed.extend(masked(&length).to_le_bytes());
        framed.extend(&bytes);
        framed.extend(masked(&bytes).to_le_bytes());
        let written = self.file.write_all(&framed);
        written.map_err(RecordError::io(&self.path))
    }
}

/// TFRecord's checksum: CRC-32C, rotated and shifted so that a file of checksums has no trivial one.
fn masked(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes)
        .rotate_right(15)
        .wrapping_add(0xa282_ead8)
}

fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64())
}

fn figure(tag: &str, value: f64) -> Value {
    Value {
        tag: tag.to_owned(),
        simple_value: Some(value as f32),
        metadata: None,
    }
}

fn figures(scores: Scores) -> Vec<Value> {
    let both = [
        ("epoch_loss", scores.loss),
        ("epoch_accuracy", scores.accuracy),
    ];
    both.map(|(tag, value)| figure(tag, value)).to_vec()
}

fn of_plugin(tag: &str, content: &HParams) -> Value {
    Value {
        tag: tag.to_owned(),
        simple_value: None,
        metadata: Some(Metadata {
            plugin_data: Some(PluginData {
                plugin_name: "hparams".to_owned(),
                content: content.encode_to_vec(),
            }),
        }),
    }
}

fn json(kind: Kind) -> Json {
    Json { kind: Some(kind) }
}

/// Adds the keys of a config with the paths to them; lists as texts, and without what is off.
fn add(path: &str, value: &serde_json::Value, hparams: &mut HashMap<String, Json>) {
    let kind = match value {
        serde_json::Value::Object(keys) if !keys.is_empty() => {
            for (key, value) in keys {
                add(&join_key(path, key), value, hparams);
            }
            return;
        }
        serde_json::Value::Null => return,
        serde_json::Value::Bool(on) => Kind::Bool(*on),
        serde_json::Value::Number(number) => Kind::Number(number.as_f64().unwrap_or(f64::NAN)),
        serde_json::Value::String(text) => Kind::Text(text.clone()),
        serde_json::Value::Array(_) | serde_json::Value::Object(_) => Kind::Text(value.to_string()),
    };
    hparams.insert(path.to_owned(), json(kind));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The checksum of 32 zeros is that of RFC 3720, section B.4, masked by TensorFlow's formula (`crc32c.h`).
    #[test]
    fn checksums_are_tensorflows() {
        assert_eq!(crc32c::crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(masked(&[0; 32]), 0x0fd7_fffa);
    }

    #[test]
    fn a_config_is_flat() {
        let config = serde_json::json!({
            "optimizer": { "sgd": { "learning_rate": 0.5, "nesterov": false } },
            "model": { "hidden": [8, 4], "name": "m", "off": null },
            "schedule": {},
        });
        let mut found = HashMap::new();
        add("", &config, &mut found);
        let mut keys: Vec<&str> = found.keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(
            keys,
            [
                "model.hidden",
                "model.name",
                "optimizer.sgd.learning_rate",
                "optimizer.sgd.nesterov",
                "schedule"
            ]
        );
        assert_eq!(found["model.hidden"], json(Kind::Text("[8,4]".to_owned())));
    }
}
