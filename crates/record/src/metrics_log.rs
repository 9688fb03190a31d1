use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::error::RecordError;
use crate::measured::Epoch;
use crate::own::OwnFolder;
use crate::provenance::EpochTiming;
use crate::run_folder::RunFolder;
use crate::tensorboard::Curves;

/// One line of `metrics.jsonl`: the scores of an epoch and the time it took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochLine {
    /// The scores.
    #[serde(flatten)]
    pub epoch: Epoch,
    /// The time.
    #[serde(flatten)]
    pub timing: EpochTiming,
    /// The learning rate of the last step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learning_rate: Option<f64>,
}

/// `metrics.jsonl`, open for writing: one line per epoch, written when the epoch ends. TensorBoard's curves
/// grow with it.
#[derive(Debug)]
pub struct MetricsLog {
    path: PathBuf,
    file: File,
    /// Absent if nobody asked for them.
    curves: Option<Curves>,
}

impl MetricsLog {
    /// Creates the file with the lines of `epochs`, replacing an existing one.
    pub(crate) fn create(folder: &OwnFolder, epochs: &[EpochLine]) -> Result<Self, RecordError> {
        let path = folder.path_of(RunFolder::METRICS);
        let file = folder.file(RunFolder::METRICS)?;
        file.set_len(0).map_err(RecordError::io(&path))?;
        let curves = None;
        let mut log = Self { path, file, curves };
        for line in epochs {
            log.append(line)?;
        }
        Ok(log)
    }

    /// The same log with TensorBoard's curves of the run in `folder`, which begin with `epochs`.
    ///
    /// # Errors
    ///
    /// If the files cannot be written.
    pub fn with_curves(
        self,
        folder: &RunFolder,
        epochs: &[EpochLine],
    ) -> Result<Self, RecordError> {
        let mut curves = Curves::create(&OwnFolder::open(folder.path())?)?;
        for line in epochs {
            curves.append(line)?;
        }
        Ok(Self {
            curves: Some(curves),
            ..self
        })
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
            .map_err(RecordError::io(&self.path))?;
        match &mut self.curves {
            Some(curves) => curves.append(line),
            None => Ok(()),
        }
    }
}
