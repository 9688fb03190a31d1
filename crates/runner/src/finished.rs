use std::path::{Path, PathBuf};

use burn::tensor::Device;
use catalog::Network;
use config::Plan;
use datasets::{Columns, Inputs, Location, Preprocessing, Progress, Vocabulary};
use record::{Record, RunFolder, Scores};
use spec::{InputSpec, Network as _, Split};

use crate::backend::guarded;
use crate::data::{DeviceExamples, batch};
use crate::evaluate::{Answer, batch_size, batches, evaluate};
use crate::loss::Loss;
use crate::penalty::Penalty;
use crate::prepared::Prepared;
use crate::results::is_of_config;
use crate::{Backend, RunError, weights};

/// A finished run and its trained model.
pub struct FinishedRun {
    folder: RunFolder,
    record: Record,
    plan: Plan,
    /// The content of the weights file.
    weights: Vec<u8>,
}

/// A model's performance on a split of its data.
#[derive(Clone, Debug, PartialEq)]
pub struct SplitEvaluation {
    /// The scores over all examples.
    pub scores: Scores,
    /// The answer to each example, in order.
    pub answers: Vec<Answer>,
}

/// A model's prediction for one input.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// The predicted class, counted from 0.
    pub class: usize,
    /// The probability of each class, 0 to 1.
    pub probabilities: Vec<f64>,
}

impl FinishedRun {
    /// Opens the run in a folder.
    ///
    /// # Errors
    ///
    /// If the folder holds no finished run, or if the run diverged, was changed or written by another
    /// version.
    pub fn open(path: &Path) -> Result<Self, RunError> {
        let folder = RunFolder::at(path.to_owned());
        let Some(record) = folder.read()? else {
            return Err(RunError::Unfinished {
                folder: path.to_owned(),
            });
        };
        if let Some(at) = record.result.diverged {
            return Err(RunError::Diverged {
                folder: path.to_owned(),
                epoch: at.epoch,
                step: at.step,
            });
        }
        let origin = folder.result().display().to_string();
        let plan = Plan::of(&record, folder.config_folder(&record), &origin)?;
        plan.check_data(&record.spec)?;
        if !is_of_config(&plan, &record) {
            let path = folder.result();
            return Err(RunError::ChangedConfig { path });
        }
        let weights = folder.read_file(RunFolder::MODEL, &record)?;
        Ok(Self {
            folder,
            record,
            plan,
            weights,
        })
    }

    /// The same run with the relative paths of its config starting from another folder, for instance
    /// because the results were copied without the project.
    #[must_use]
    pub fn in_folder(mut self, folder: PathBuf) -> Self {
        self.plan = self.plan.in_folder(folder);
        self
    }

    /// The run's record. Its `spec` describes the inputs and names the classes.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The content of the safetensors file of the trained weights.
    pub fn weights(&self) -> &[u8] {
        &self.weights
    }

    /// Evaluates the model on a split of the run's data.
    ///
    /// # Errors
    ///
    /// If the backend or the data are unavailable, the data differ from the run's, the run has no
    /// such split, or the weights do not fit the model.
    pub fn evaluate(
        &self,
        split: Split,
        backend: Backend,
        location: &Location,
        on_download: &mut dyn FnMut(Progress),
    ) -> Result<SplitEvaluation, RunError> {
        let open = backend.open()?;
        let prepared = Prepared::new(self.plan.without_initial_weights(), location, on_download)?;
        if !prepared.data.is_same_as(&self.record.result.data) {
            return Err(RunError::OtherData {
                folder: self.folder.path().to_owned(),
            });
        }
        let examples = match split {
            Split::Train => &prepared.train,
            Split::Test => &prepared.test,
            Split::Validation if prepared.validates_on_test => &prepared.test,
            Split::Validation => {
                let held_out = prepared.validation.as_ref();
                held_out.ok_or_else(|| RunError::NoValidation {
                    folder: self.folder.path().to_owned(),
                })?
            }
        };
        guarded(backend, || {
            let model = self.model(&open.device)?;
            let layers = self.plan.layers(&self.record.spec);
            let penalty = Penalty::new(&self.plan.experiment().training, &layers);
            let examples = DeviceExamples::new(examples, &open);
            let (batch, loss) = (batch_size(&layers), self.loss());
            let evaluated = evaluate(&model, &examples, batch, loss, penalty.as_ref());
            Ok(SplitEvaluation {
                scores: evaluated.scores,
                answers: evaluated.answers,
            })
        })?
    }

    /// What turns further inputs into the numbers that the model reads.
    ///
    /// # Errors
    ///
    /// If the vocabulary or the columns of the run cannot be read or do not fit its model.
    pub fn preprocessing(&self) -> Result<Preprocessing, RunError> {
        Ok(match self.record.spec.input {
            InputSpec::Tokens { .. } => Preprocessing::Vocabulary(self.vocabulary()?),
            InputSpec::Dense { .. } if self.record.files.columns.is_some() => {
                Preprocessing::Columns(self.columns()?)
            }
            InputSpec::Dense { .. } => Preprocessing::None,
        })
    }

    /// Predicts the classes of inputs, each of as many numbers as the model has features.
    ///
    /// # Errors
    ///
    /// If the backend is unavailable or the weights do not fit the model.
    ///
    /// # Panics
    ///
    /// If the model reads inputs of another kind.
    pub fn predict(&self, inputs: &Inputs, backend: Backend) -> Result<Vec<Prediction>, RunError> {
        let device = backend.open()?.device;
        let width = self.record.spec.features();
        let count = inputs.len() / width;
        guarded(backend, || {
            let (model, loss) = (self.model(&device)?, self.loss());
            let mut predictions = Vec::new();
            let layers = self.plan.layers(&self.record.spec);
            for rows in batches(count, batch_size(&layers)) {
                let logits = model.forward(batch(inputs, rows, width, &device), None);
                let answers = loss.answers(logits.clone());
                let probabilities = loss.probabilities(logits);
                let [_, classes] = probabilities.dims();
                let probabilities: Vec<f64> = probabilities.into_data().iter().collect();
                let answers = answers.into_data();
                let batch = answers.iter::<i64>().zip(probabilities.chunks(classes));
                predictions.extend(batch.map(|(class, probabilities)| Prediction {
                    class: class as usize,
                    probabilities: probabilities.to_vec(),
                }));
            }
            Ok(predictions)
        })?
    }

    fn columns(&self) -> Result<Columns, RunError> {
        let path = self.folder.columns();
        let problem = |problem: String| RunError::Weights {
            path: path.clone(),
            problem,
        };
        let json = self.folder.read_file(RunFolder::COLUMNS, &self.record)?;
        let columns: Columns =
            serde_json::from_slice(&json).map_err(|error| problem(error.to_string()))?;
        columns.check().map_err(problem)?;
        let (found, width) = (columns.width(), self.record.spec.features());
        if found != width {
            let said = format!("its columns make {found} numbers, the model takes {width}");
            return Err(problem(said));
        }
        Ok(columns)
    }

    fn vocabulary(&self) -> Result<Vocabulary, RunError> {
        let path = self.folder.vocabulary();
        let problem = |problem: String| RunError::Weights {
            path: path.clone(),
            problem,
        };
        let text = self.folder.read_file(RunFolder::VOCABULARY, &self.record)?;
        let text = String::from_utf8(text).map_err(|error| problem(error.to_string()))?;
        let vocabulary =
            Vocabulary::from_text(&text).map_err(|error| problem(error.to_string()))?;
        let size = match self.record.spec.input {
            InputSpec::Tokens { vocabulary, .. } => vocabulary,
            InputSpec::Dense { .. } => 0,
        };
        if vocabulary.len() > size {
            let found = vocabulary.len();
            return Err(problem(format!("{found} token ids, the model has {size}")));
        }
        Ok(vocabulary)
    }

    fn loss(&self) -> Loss {
        Loss::of(&self.record.spec)
    }

    /// The trained network.
    fn model(&self, device: &Device) -> Result<Network, RunError> {
        let model = &self.plan.experiment().model;
        let model = model.init(&self.record.spec, self.record.seed, device);
        weights::load(model, &self.weights).map_err(|problem| RunError::Weights {
            path: self.folder.model(),
            problem,
        })
    }
}
