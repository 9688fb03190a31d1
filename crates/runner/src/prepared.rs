use std::fs::File;
use std::path::PathBuf;

use config::Plan;
use datasets::{Examples, Location, Places, Preprocessing, Progress, Validation};
use record::DataSplit;
use spec::{DataSpec, Layer, read_at_most};

use crate::RunError;

/// A plan with its data and initial weights loaded. All runs of the plan share it.
#[derive(Debug)]
pub struct Prepared {
    plan: Plan,
    signature: String,
    pub(crate) spec: DataSpec,
    pub(crate) train: Examples,
    /// The examples held out from the training set; `None` if there are none.
    pub(crate) validation: Option<Examples>,
    pub(crate) validates_on_test: bool,
    pub(crate) test: Examples,
    pub(crate) preprocessing: Preprocessing,
    /// The summary of the data in the record.
    pub(crate) data: record::DataSummary,
    pub(crate) initial: Option<InitialWeights>,
}

impl Prepared {
    /// Loads the data and the initial weights of a plan.
    ///
    /// # Errors
    ///
    /// If the data or weights cannot be loaded, the model does not accept the data, or no examples
    /// are left to train on.
    pub fn new(
        plan: Plan,
        location: &Location,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, RunError> {
        let source = &plan.experiment().data;
        let places = Places {
            published: location,
            config_folder: plan.folder(),
        };
        let dataset = source.load(&places, on_progress)?;
        plan.check_data(&dataset.spec)?;
        let validates_on_test = source.validation() == Validation::TestSet;
        let test = described(&dataset.test);
        let data = record::DataSummary {
            source: dataset.name,
            train: described(&dataset.train),
            validation: if validates_on_test {
                Some(test.clone())
            } else {
                dataset.validation.as_ref().map(described)
            },
            test,
            names: dataset
                .noticed
                .map(|_| names(&dataset.spec, &dataset.preprocessing)),
            noticed: dataset.noticed,
        };
        let weights = plan.experiment().training.initial_weights.as_deref();
        let weights = weights.map(|path| plan.folder().join(path));
        let most = most_bytes(&plan.layers(&dataset.spec));
        let initial = weights.map(|path| InitialWeights::read(path, most));
        let initial = initial.transpose()?;
        let digest = initial.as_ref().map(|initial| initial.digest.as_str());
        Ok(Self {
            signature: plan.signature(&data, digest),
            spec: dataset.spec,
            train: dataset.train,
            validation: dataset.validation,
            validates_on_test,
            test: dataset.test,
            preprocessing: dataset.preprocessing,
            data,
            initial,
            plan,
        })
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The identity of the plan's runs, independent of their names: a hash of config, data and
    /// initial weights.
    pub fn signature(&self) -> &str {
        &self.signature
    }

    /// The summary of the data in the record.
    pub fn data(&self) -> &record::DataSummary {
        &self.data
    }

    pub(crate) fn initial_digest(&self) -> Option<&str> {
        self.initial.as_ref().map(|initial| initial.digest.as_str())
    }

    /// The shape of the examples and the names of the classes, as found in the data.
    pub fn spec(&self) -> &DataSpec {
        &self.spec
    }
}

/// The hash of the classes' names and of the preprocessing.
fn names(spec: &DataSpec, preprocessing: &Preprocessing) -> String {
    let preprocessing = match preprocessing {
        Preprocessing::None => String::new(),
        Preprocessing::Vocabulary(words) => words.to_text(),
        Preprocessing::Columns(columns) => {
            serde_json::to_string(columns).expect("columns are JSON")
        }
    };
    record::sha256(format!("{:?} {preprocessing}", spec.classes).as_bytes())
}

fn described(examples: &Examples) -> DataSplit {
    DataSplit {
        examples: examples.len(),
        tokens: examples.words(),
        digest: examples.digest(),
    }
}

/// The most bytes of the weights of a network: 32-bit floats. With each trainable parameter there is at most
/// one that is not, as in batch normalisation. The names take less than the rest.
fn most_bytes(layers: &[Layer]) -> u64 {
    let parameters: usize = layers.iter().map(Layer::parameters).sum();
    (4 << 20) + 8 * parameters as u64
}

/// The weights file that a config starts from.
#[derive(Debug)]
pub(crate) struct InitialWeights {
    pub path: PathBuf,
    pub bytes: Vec<u8>,
    /// The file's hash.
    pub digest: String,
}

impl InitialWeights {
    fn read(path: PathBuf, most: u64) -> Result<Self, RunError> {
        match File::open(&path).and_then(|file| read_at_most(file, most)) {
            Err(source) => Err(RunError::InitialWeightsIo { path, source }),
            Ok(None) => Err(RunError::InitialWeights {
                path,
                problem: "larger than the weights of this model".to_owned(),
            }),
            Ok(Some(bytes)) => Ok(Self {
                digest: record::sha256(&bytes),
                path,
                bytes,
            }),
        }
    }
}
