use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::error::RecordError;
use crate::measured::Epoch;
use crate::own::OwnFolder;
use crate::provenance::EpochTiming;
use crate::run_folder::RunFolder;

/// One line of `metrics.jsonl`: the scores of an epoch and the time it took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochLine {
    /// The scores.
    #[serde(flatten)]
    pub epoch: Epoch,
    /// The time.
    #[serde(flatten)]
    pub timing: EpochTiming,
}

/// `metrics.jsonl`, open for writing: one line per epoch, written when the epoch ends.
#[derive(Debug)]
pub struct MetricsLog {
    path: PathBuf,
    file: File,
}

impl MetricsLog {
    /// Creates the file with the lines of `epochs`, replacing an existing one.
    pub(crate) fn create(folder: &OwnFolder, epochs: &[EpochLine]) -> Result<Self, RecordError> {
        let path = folder.path_of(RunFolder::METRICS);
        let file = folder.file(RunFolder::METRICS)?;
        file.set_len(0).map_err(RecordError::io(&path))?;
        let mut log = Self { path, file };
        for line in epochs {
            log.append(line)?;
        }
        Ok(log)
    }

    /// The number of whole lines in a run's file; 0 if it cannot be read.
    pub(crate) fn lines_in(folder: &OwnFolder) -> usize {
        let Ok(Some(file)) = folder.find_file(RunFolder::METRICS) else {
            return 0;
        };
        let bytes = BufReader::new(file).bytes().map_while(Result::ok);
        bytes.filter(|&byte| byte == b'\n').count()
    }

    /// Appends the line of an epoch.
    ///
    /// # Errors
    ///
    /// If the line cannot be written.
    pub fn append(&mut self, line: &EpochLine) -> Result<(), RecordError> {
        let mut json = serde_json::to_vec(line).map_err(RecordError::malformed(&self.path))?;
        json.push(b'\n');
        self.file
            .write_all(&json)
            .map_err(RecordError::io(&self.path))
    }
}
