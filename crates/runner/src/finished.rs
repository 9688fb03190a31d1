use std::path::Path;

use burn::tensor::kind::Basic;
use burn::tensor::{Device, Float, Int, Tensor, TensorData};
use datasets::{Location, PIXELS, Progress, Vocabulary};
use record::{Record, RunFolder, Scores};

use crate::backend::guarded;
use crate::data::{Data, Loaded};
use crate::evaluate::{Answer, evaluate};
use crate::model::{Input, Job, Network, with_network};
use crate::penalty::Penalty;
use crate::{Backend, RunError, weights};
use config::{ModelConfig, Plan};

/// A finished run and its trained model.
pub struct FinishedRun {
    folder: RunFolder,
    record: Record,
    plan: Plan,
    /// The content of the weights file.
    weights: Vec<u8>,
}

/// A part of a run's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Train,
    Validation,
    Test,
}

/// How a model does on a part of its data.
#[derive(Clone, Debug, PartialEq)]
pub struct PartEvaluation {
    pub scores: Scores,
    /// Example by example.
    pub answers: Vec<Answer>,
}

/// What a model makes of an input.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    pub class: usize,
    /// Of each class.
    pub probabilities: Vec<f64>,
}

impl FinishedRun {
    /// # Errors
    ///
    /// When the folder holds no finished run, or one that was changed or is of another version.
    pub fn open(path: &Path) -> Result<Self, RunError> {
        let folder = RunFolder::at(path.to_owned());
        let Some(record) = folder.read()? else {
            return Err(RunError::Unfinished {
                folder: path.to_owned(),
            });
        };
        let origin = path.join("result.json").display().to_string();
        let plan = Plan::of(&record, &origin)?;
        let weights = std::fs::read(folder.model()).map_err(|error| RunError::Weights {
            path: folder.model(),
            problem: error.to_string(),
        })?;
        Ok(Self {
            folder,
            record,
            plan,
            weights,
        })
    }

    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The names of the classes, in their order.
    pub fn classes(&self) -> &'static [&'static str] {
        match self.plan.experiment().model {
            ModelConfig::HiddenMlp(_) | ModelConfig::DropoutMlp(_) => {
                &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
            }
            ModelConfig::EmbeddingClassifier(_) => &["negative", "positive"],
        }
    }

    /// Whether the model reads texts; otherwise it reads images.
    pub fn reads_texts(&self) -> bool {
        matches!(
            self.plan.experiment().model,
            ModelConfig::EmbeddingClassifier(_)
        )
    }

    /// Measures the model on a part of the run's data.
    ///
    /// # Errors
    ///
    /// When backend or data cannot be had, the data are not the run's, or the weights do not fit.
    pub fn evaluate(
        &self,
        part: Part,
        backend: Backend,
        location: &Location,
        on_download: &mut dyn FnMut(Progress),
    ) -> Result<PartEvaluation, RunError> {
        let open = backend.open()?;
        let experiment = self.plan.experiment();
        guarded(backend, || {
            let data = Loaded::load(&experiment.data, location, &open, on_download)?;
            if *data.record() != self.record.result.data {
                return Err(RunError::OtherData {
                    folder: self.folder.path().to_owned(),
                });
            }
            let job = EvaluateJob { run: self, part };
            self.with_network(&open.device, data.into(), job)
        })?
    }

    /// Answers for images of 28 x 28 pixels each, one after another.
    ///
    /// # Errors
    ///
    /// When the backend cannot be had or the weights do not fit.
    ///
    /// # Panics
    ///
    /// If the model reads texts.
    pub fn predict_images(
        &self,
        pixels: &[u8],
        backend: Backend,
    ) -> Result<Vec<Prediction>, RunError> {
        let device = backend.open()?.device;
        let values: Vec<f32> = pixels
            .iter()
            .map(|&pixel| f32::from(pixel) / 255.0)
            .collect();
        let shape = [values.len() / PIXELS, PIXELS];
        let inputs = TensorData::new(values, shape);
        guarded(backend, || {
            let inputs = Input::Images(Tensor::<2, Float>::from_data(inputs, &device));
            self.with_network(&device, inputs, PredictJob { run: self })
        })?
    }

    /// Answers for texts, encoded as the run's reviews were.
    ///
    /// # Errors
    ///
    /// When the backend or the run's vocabulary cannot be had, or the weights do not fit.
    ///
    /// # Panics
    ///
    /// If the model reads images.
    pub fn predict_texts(
        &self,
        texts: &[String],
        backend: Backend,
    ) -> Result<Vec<Prediction>, RunError> {
        let device = backend.open()?.device;
        let vocabulary = self.vocabulary()?;
        let length = self.plan.encoding().sequence_length;
        let tokens: Vec<i32> = texts
            .iter()
            .flat_map(|text| vocabulary.encode(text, length))
            .collect();
        let shape = [texts.len(), length];
        let inputs = TensorData::new(tokens, shape);
        guarded(backend, || {
            let inputs = Input::Texts(Tensor::<2, Int>::from_data(inputs, &device));
            self.with_network(&device, inputs, PredictJob { run: self })
        })?
    }

    fn vocabulary(&self) -> Result<Vocabulary, RunError> {
        let path = self.folder.vocabulary();
        let problem = |problem: String| RunError::Weights {
            path: path.clone(),
            problem,
        };
        let text = std::fs::read_to_string(&path).map_err(|error| problem(error.to_string()))?;
        let vocabulary =
            Vocabulary::from_text(&text).map_err(|error| problem(error.to_string()))?;
        let size = self.plan.encoding().vocabulary_size;
        match vocabulary.len() > size {
            true => Err(problem(format!(
                "{} ids, the model has {size}",
                vocabulary.len()
            ))),
            false => Ok(vocabulary),
        }
    }

    fn with_network<J: Job>(&self, device: &Device, input: Input<J>, job: J) -> J::Output {
        with_network(&self.plan, self.record.seed, device, input, job)
    }

    fn trained<M: Network>(&self, model: M) -> Result<M, RunError> {
        weights::load(model, &self.weights).map_err(|problem| RunError::Weights {
            path: self.folder.model(),
            problem,
        })
    }
}

struct EvaluateJob<'a> {
    run: &'a FinishedRun,
    part: Part,
}

impl Job for EvaluateJob<'_> {
    type Input<K: Basic> = Data<K>;
    type Output = Result<PartEvaluation, RunError>;

    fn on<M: Network>(self, model: M, data: Data<M::Kind>) -> Self::Output {
        let model = self.run.trained(model)?;
        let split = match self.part {
            Part::Train => &data.train,
            Part::Test => &data.test,
            Part::Validation => match &data.validation {
                Some(split) => split,
                None => {
                    return Err(RunError::NoValidation {
                        folder: self.run.folder.path().to_owned(),
                    });
                }
            },
        };
        let penalty = Penalty::new(&self.run.plan.experiment().training);
        let evaluated = evaluate(&model, split, penalty);
        Ok(PartEvaluation {
            scores: evaluated.scores,
            answers: evaluated.answers,
        })
    }
}

struct PredictJob<'a> {
    run: &'a FinishedRun,
}

/// Inputs to a batch: changes no answer.
const BATCH: usize = 1000;

impl Job for PredictJob<'_> {
    type Input<K: Basic> = Tensor<2, K>;
    type Output = Result<Vec<Prediction>, RunError>;

    fn on<M: Network>(self, model: M, inputs: Tensor<2, M::Kind>) -> Self::Output {
        let model = self.run.trained(model)?;
        let mut predictions = Vec::new();
        let [count, _] = inputs.dims();
        for start in (0..count).step_by(BATCH) {
            let batch = inputs.clone().narrow(0, start, BATCH.min(count - start));
            let logits = model.logits(batch);
            let answers = M::LOSS.answers(logits.clone());
            let probabilities = M::LOSS.probabilities(logits);
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
    }
}
