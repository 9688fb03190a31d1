//! The permitted range of every value.

use std::collections::BTreeSet;

use datasets::PIXELS;

use super::ranges::{Problem, above_zero, count, fraction, proper_fraction, refuse, zero_or_more};
use super::{
    Bounds, ConfigError, DataConfig, Experiment, HiddenMlpConfig, Metric, ModelConfig,
    OptimizerConfig, Plan, Schedule, Validation,
};

/// Layers beyond this are a mistake, not a multilayer perceptron.
const MOST_HIDDEN_LAYERS: usize = 64;
const MOST_UNITS: usize = 65_536;
/// Two gigabytes of weights, and as much again for gradients and for each moment.
const MOST_PARAMETERS: usize = 500_000_000;
const MOST_EPOCHS: usize = 100_000;
const MOST_EXAMPLES: usize = 1_000_000;
/// The four ids that are no words, and a word.
const LEAST_VOCABULARY: usize = 5;
const MOST_VOCABULARY: usize = 1_000_000;
const MOST_TOKENS: usize = 10_000;

impl Experiment {
    /// Refuses values out of range; `origin` is the file, and the overrides where there are any.
    ///
    /// # Errors
    ///
    /// The first value that is out of range, with its key and the range.
    pub(super) fn check(self, name: String, origin: &str) -> Result<Plan, ConfigError> {
        let checks = [
            check_data,
            check_model,
            check_optimizer,
            check_training,
            check_schedule,
            check_early_stopping,
            check_seeds,
            check_expect,
        ];
        match checks.iter().try_for_each(|check| check(&self)) {
            Ok(()) => Ok(Plan::new(name, self)),
            Err((key, problem)) => Err(ConfigError::Invalid {
                origin: origin.to_owned(),
                key,
                problem,
            }),
        }
    }
}

fn check_data(experiment: &Experiment) -> Result<(), Problem> {
    match &experiment.data {
        DataConfig::Mnist(data) => {
            fraction("data.mnist.validation_fraction", data.validation_fraction)
        }
        DataConfig::SyntheticDigits(data) => {
            let key = |name| format!("data.synthetic_digits.{name}");
            made_up(key, data.train_examples, data.test_examples)?;
            fraction(key("validation_fraction"), data.validation_fraction)
        }
        DataConfig::Imdb(data) => {
            let key = |name| format!("data.imdb.{name}");
            encoding(key, data.vocabulary_size, data.sequence_length)?;
            review_validation(key, data.validation_fraction, data.validate_on_test)
        }
        DataConfig::SyntheticReviews(data) => {
            let key = |name| format!("data.synthetic_reviews.{name}");
            made_up(key, data.train_examples, data.test_examples)?;
            encoding(key, data.vocabulary_size, data.sequence_length)?;
            review_validation(key, data.validation_fraction, data.validate_on_test)
        }
    }
}

/// The sizes of a set that hearth makes itself.
fn made_up(
    key: impl Fn(&'static str) -> String,
    train_examples: usize,
    test_examples: usize,
) -> Result<(), Problem> {
    count(key("train_examples"), train_examples, 10, MOST_EXAMPLES)?;
    count(key("test_examples"), test_examples, 10, MOST_EXAMPLES)
}

fn encoding(
    key: impl Fn(&'static str) -> String,
    vocabulary_size: usize,
    sequence_length: usize,
) -> Result<(), Problem> {
    count(
        key("vocabulary_size"),
        vocabulary_size,
        LEAST_VOCABULARY,
        MOST_VOCABULARY,
    )?;
    count(key("sequence_length"), sequence_length, 1, MOST_TOKENS)
}

fn review_validation(
    key: impl Fn(&'static str) -> String,
    validation_fraction: f64,
    validate_on_test: bool,
) -> Result<(), Problem> {
    fraction(key("validation_fraction"), validation_fraction)?;
    match validate_on_test && validation_fraction > 0.0 {
        true => Err((
            key("validate_on_test"),
            "validation is on the test set or on a validation_fraction, not both".into(),
        )),
        false => Ok(()),
    }
}

fn check_model(experiment: &Experiment) -> Result<(), Problem> {
    let encoding = experiment.data.encoding();
    match (&experiment.model, encoding) {
        (ModelConfig::HiddenMlp(model), None) => check_hidden_mlp(model),
        (ModelConfig::DropoutMlp(model), None) => {
            hidden("model.dropout_mlp.hidden", &model.hidden)?;
            fraction("model.dropout_mlp.dropout", model.dropout)
        }
        (ModelConfig::EmbeddingClassifier(model), Some(encoding)) => {
            let key = |name| format!("model.embedding_classifier.{name}");
            count(key("embedding"), model.embedding, 1, MOST_UNITS)?;
            fraction(key("embedding_dropout"), model.embedding_dropout)?;
            count(key("hidden"), model.hidden, 1, MOST_UNITS)?;
            fraction(key("hidden_dropout"), model.hidden_dropout)?;
            let table = encoding.vocabulary_size * model.embedding;
            let parameters = table + (model.embedding + 1) * model.hidden;
            few_enough(key("embedding"), &model.embedding.to_string(), parameters)
        }
        (ModelConfig::HiddenMlp(_) | ModelConfig::DropoutMlp(_), Some(_)) => Err((
            "model".into(),
            "a multilayer perceptron takes images and the data are reviews; use \
             embedding_classifier, or data.mnist or data.synthetic_digits"
                .into(),
        )),
        (ModelConfig::EmbeddingClassifier(_), None) => Err((
            "model".into(),
            "embedding_classifier takes reviews and the data are images; use data.imdb or \
             data.synthetic_reviews, or hidden_mlp or dropout_mlp"
                .into(),
        )),
    }
}

fn check_hidden_mlp(model: &HiddenMlpConfig) -> Result<(), Problem> {
    hidden("model.hidden_mlp.hidden", &model.hidden)?;
    let Some(norm) = model.batch_norm else {
        return Ok(());
    };
    fraction("model.hidden_mlp.batch_norm.momentum", norm.momentum)?;
    above_zero("model.hidden_mlp.batch_norm.epsilon", norm.epsilon)
}

fn check_optimizer(experiment: &Experiment) -> Result<(), Problem> {
    match &experiment.optimizer {
        OptimizerConfig::Sgd(sgd) => {
            above_zero("optimizer.sgd.learning_rate", sgd.learning_rate)?;
            fraction("optimizer.sgd.momentum", sgd.momentum)?;
            match sgd.nesterov && sgd.momentum == 0.0 {
                true => Err((
                    "optimizer.sgd.nesterov".into(),
                    "is a form of momentum; set optimizer.sgd.momentum above 0".into(),
                )),
                false => Ok(()),
            }
        }
        OptimizerConfig::Rmsprop(rmsprop) => {
            above_zero("optimizer.rmsprop.learning_rate", rmsprop.learning_rate)?;
            fraction("optimizer.rmsprop.rho", rmsprop.rho)?;
            above_zero("optimizer.rmsprop.epsilon", rmsprop.epsilon)
        }
        OptimizerConfig::Adam(adam) => {
            above_zero("optimizer.adam.learning_rate", adam.learning_rate)?;
            fraction("optimizer.adam.beta_1", adam.beta_1)?;
            fraction("optimizer.adam.beta_2", adam.beta_2)?;
            above_zero("optimizer.adam.epsilon", adam.epsilon)
        }
        OptimizerConfig::Adamw(adamw) => {
            above_zero("optimizer.adamw.learning_rate", adamw.learning_rate)?;
            fraction("optimizer.adamw.weight_decay", adamw.weight_decay)?;
            fraction("optimizer.adamw.beta_1", adamw.beta_1)?;
            fraction("optimizer.adamw.beta_2", adamw.beta_2)?;
            above_zero("optimizer.adamw.epsilon", adamw.epsilon)
        }
    }
}

fn check_training(experiment: &Experiment) -> Result<(), Problem> {
    let training = &experiment.training;
    count("training.epochs", training.epochs, 1, MOST_EPOCHS)?;
    count("training.batch_size", training.batch_size, 1, MOST_EXAMPLES)?;
    zero_or_more("training.l1", training.l1)?;
    zero_or_more("training.l2", training.l2)?;
    if let Some(longest) = training.clip_global_norm {
        above_zero("training.clip_global_norm", longest)?;
    }
    Ok(())
}

fn check_schedule(experiment: &Experiment) -> Result<(), Problem> {
    let Some(schedule) = &experiment.training.learning_rate_schedule else {
        return Ok(());
    };
    let key = "training.learning_rate_schedule";
    let initial = experiment.optimizer.learning_rate();
    if initial > 1.0 {
        let problem = format!("starts from the optimizer's learning rate {initial}, over 1");
        return Err((key.into(), problem));
    }
    match schedule {
        Schedule::Linear(descent) | Schedule::Cosine(descent) => {
            let last = descent.final_learning_rate;
            match (0.0..=initial).contains(&last) {
                true => Ok(()),
                false => refuse(
                    format!("{key}.{}.final_learning_rate", schedule.name()),
                    last,
                    &format!("at least 0 and at most the optimizer's {initial}"),
                ),
            }
        }
        Schedule::Exponential(decay) => {
            proper_fraction(&format!("{key}.exponential.factor"), decay.factor)
        }
        Schedule::Step(decay) => {
            proper_fraction(&format!("{key}.step.factor"), decay.factor)?;
            count(format!("{key}.step.epochs"), decay.epochs, 1, MOST_EPOCHS)
        }
    }
}

fn check_early_stopping(experiment: &Experiment) -> Result<(), Problem> {
    let Some(stopping) = &experiment.training.early_stopping else {
        return Ok(());
    };
    let key = |name| format!("training.early_stopping.{name}");
    count(key("patience"), stopping.patience, 1, MOST_EPOCHS)?;
    zero_or_more(&key("min_delta"), stopping.min_delta)?;
    let metric = stopping.metric;
    match metric {
        Metric::TestAccuracy | Metric::TestLoss => Err((
            key("metric"),
            format!("{metric} must not decide on the training; use validation.loss"),
        )),
        _ => validated(experiment, key("metric"), metric),
    }
}

fn check_seeds(experiment: &Experiment) -> Result<(), Problem> {
    seeds(&experiment.seeds)
}

/// Of a config or of a sweep.
pub(super) fn seeds(seeds: &[u64]) -> Result<(), Problem> {
    let distinct: BTreeSet<_> = seeds.iter().collect();
    match seeds.is_empty() || distinct.len() < seeds.len() {
        true => refuse("seeds", format!("{seeds:?}"), "one seed or more, each once"),
        false => Ok(()),
    }
}

fn check_expect(experiment: &Experiment) -> Result<(), Problem> {
    experiment.expect.iter().try_for_each(|(metric, bounds)| {
        let key = format!("expect.{metric}");
        validated(experiment, key.clone(), *metric)?;
        match *bounds {
            Bounds {
                at_least: None,
                at_most: None,
            } => Err((key, "must have at_least or at_most".into())),
            Bounds {
                at_least: Some(low),
                at_most: Some(high),
            } if low > high => Err((
                key,
                format!("at_least {low} is above at_most {high}: nothing can hold both"),
            )),
            _ => Ok(()),
        }
    })
}

/// Refuses a metric of the validation where there is none.
fn validated(experiment: &Experiment, key: String, metric: Metric) -> Result<(), Problem> {
    let of_validation = matches!(metric, Metric::ValidationAccuracy | Metric::ValidationLoss);
    match of_validation && experiment.data.validation() == Validation::HeldOut(0.0) {
        true => Err((
            key,
            "nothing is held out for validation; set the data's validation_fraction".into(),
        )),
        false => Ok(()),
    }
}

fn hidden(key: &str, units: &[usize]) -> Result<(), Problem> {
    if units.len() > MOST_HIDDEN_LAYERS {
        let value = format!("{} layers", units.len());
        return refuse(key, value, &format!("at most {MOST_HIDDEN_LAYERS}"));
    }
    let mut inputs = PIXELS;
    let mut parameters = 0;
    for (layer, &units) in units.iter().enumerate() {
        count(format!("{key}[{layer}]"), units, 1, MOST_UNITS)?;
        parameters += (inputs + 1) * units;
        inputs = units;
    }
    few_enough(key, &format!("{units:?}"), parameters)
}

fn few_enough(key: impl Into<String>, value: &str, parameters: usize) -> Result<(), Problem> {
    match parameters > MOST_PARAMETERS {
        true => {
            let value = format!("{value} with {parameters} parameters");
            refuse(key, value, &format!("at most {MOST_PARAMETERS} parameters"))
        }
        false => Ok(()),
    }
}
