//! The checks that involve several keys. Each value's own range is checked when it is parsed.

use catalog::Model;
use datasets::Validation;
use record::{Metric, Quantity, Weights};
use spec::{DataSpec, Layer, Problem, Split};

use crate::experiment::{Bounds, Experiment};
use crate::training::Schedule;

/// The weights of such a model take two gigabytes, its gradients and each moment as much again.
const MOST_PARAMETERS: usize = 500_000_000;

/// The most numbers that all layers give for a batch. They take 16 gigabytes, and their gradients some
/// more.
const MOST_ACTIVATIONS: usize = 4_000_000_000;

impl Experiment {
    /// Checks that the keys fit each other.
    ///
    /// # Errors
    ///
    /// The first key that does not fit, with the remedy.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        let checks = [
            check_data,
            check_known_model,
            check_optimizer,
            check_schedule,
            check_early_stopping,
            check_expect,
        ];
        checks.iter().try_for_each(|check| check(self))
    }
}

fn check_data(experiment: &Experiment) -> Result<(), Problem> {
    let data = &experiment.data;
    let checked = data.check();
    checked.map_err(|problem| problem.within(&format!("data.{}", data.name())))
}

/// Checks the model, as far as the shape of the data is known before they are read.
fn check_known_model(experiment: &Experiment) -> Result<(), Problem> {
    let model = &experiment.model;
    let checked = model.check();
    checked.map_err(|problem| problem.within(&format!("model.{}", model.name())))?;
    match experiment.data.spec() {
        Some(data) => check_model(experiment, &data),
        None => Ok(()),
    }
}

/// Refuses a model that cannot read the data, or that has too many parameters for them.
pub(crate) fn check_model(experiment: &Experiment, data: &DataSpec) -> Result<(), Problem> {
    let (model, batch_size) = (&experiment.model, experiment.training.batch_size.get());
    if !model.takes(&data.input) {
        let (name, input) = (model.name(), &data.input);
        let taking = Model::taking(input).join(", ");
        let message = format!("{name} does not take {input}; use one of: {taking}");
        return Err(Problem::new("model", message));
    }
    let within = |problem: Problem| problem.within(&format!("model.{}", model.name()));
    model.check_data(data).map_err(within)?;
    let layers = model.layers(data);
    let parameters: usize = layers.iter().map(|layer| layer.parameters()).sum();
    if parameters > MOST_PARAMETERS {
        let most = largest(&layers, Layer::parameters);
        let message = format!(
            "{parameters} parameters is out of range, must be at most {MOST_PARAMETERS}; make the \
             layers smaller{most}"
        );
        return Err(within(Problem::new("", message)));
    }
    let of_example: usize = layers.iter().map(Layer::activations).sum();
    let activations = of_example.saturating_mul(batch_size);
    if activations > MOST_ACTIVATIONS {
        let most = largest(&layers, Layer::activations);
        let message = format!(
            "{activations} activations for a batch of {batch_size} is out of range, must be at most \
             {MOST_ACTIVATIONS}; make batch_size or the layers smaller{most} per example"
        );
        return Err(within(Problem::new("", message)));
    }
    Ok(())
}

/// Names the layer with the most of something.
fn largest(layers: &[Layer], size: impl Fn(&Layer) -> usize) -> String {
    let largest = layers.iter().max_by_key(|layer| size(layer));
    largest.map_or(String::new(), |layer| {
        let (name, size) = (&layer.name, size(layer));
        format!(", most of all {name} ({}, {size})", layer.type_name())
    })
}

fn check_optimizer(experiment: &Experiment) -> Result<(), Problem> {
    let optimizer = &experiment.optimizer;
    let checked = optimizer.check();
    checked.map_err(|problem| problem.within(&format!("optimizer.{}", optimizer.name())))
}

fn check_schedule(experiment: &Experiment) -> Result<(), Problem> {
    let Some(schedule) = &experiment.training.learning_rate_schedule else {
        return Ok(());
    };
    let key = "training.learning_rate_schedule";
    let initial = experiment.optimizer.learning_rate();
    if initial > 1.0 {
        let message = format!(
            "a schedule starts from the optimizer's learning rate, which is {initial}, must be at \
             most 1"
        );
        return Err(Problem::new(key, message));
    }
    match schedule {
        Schedule::Linear(descent) | Schedule::Cosine(descent) => {
            let last = descent.final_learning_rate.get();
            if last <= initial {
                return Ok(());
            }
            let message = format!(
                "{last} is out of range, must be at least 0 and at most the optimizer's {initial}"
            );
            let key = format!("{key}.{}.final_learning_rate", schedule.name());
            Err(Problem::new(key, message))
        }
        Schedule::Exponential(_) | Schedule::Step(_) => Ok(()),
    }
}

fn check_early_stopping(experiment: &Experiment) -> Result<(), Problem> {
    let Some(stopping) = &experiment.training.early_stopping else {
        return Ok(());
    };
    let key = "training.early_stopping.metric";
    let metric = stopping.metric;
    match (metric.split, metric.weights) {
        (Split::Test, _) => Err(Problem::new(
            key,
            format!("{metric} must not decide when training ends; use validation.loss"),
        )),
        (Split::Train | Split::Validation, Weights::Last) => Err(Problem::new(
            key,
            format!("{metric} is about the last epoch only; remove `last.`"),
        )),
        (Split::Train | Split::Validation, Weights::Kept) => is_measured(experiment, key, metric),
    }
}

fn check_expect(experiment: &Experiment) -> Result<(), Problem> {
    experiment.expect.iter().try_for_each(|(metric, bounds)| {
        let key = format!("expect.{metric}");
        is_measured(experiment, &key, *metric)?;
        match *bounds {
            Bounds {
                at_least: None,
                at_most: None,
            } => Err(Problem::new(key, "set at_least, at_most or both")),
            Bounds {
                at_least: Some(low),
                at_most: Some(high),
            } if low > high => {
                let message =
                    format!("at_least {low} is above at_most {high}; no value satisfies both");
                Err(Problem::new(key, message))
            }
            Bounds { at_least, at_most } => {
                let possible = metric.quantity.possible();
                let low = at_least.filter(|low| low > possible.end());
                let high = at_most.filter(|high| high < possible.start());
                let Some(bound) = low.or(high) else {
                    return Ok(());
                };
                let name = if low.is_some() { "at_least" } else { "at_most" };
                let unit = match metric.quantity {
                    Quantity::Accuracy => "a fraction, 0 to 1",
                    Quantity::Loss | Quantity::PlainLoss => "at least 0",
                };
                let message = format!("{bound} can never hold; the value is {unit}");
                Err(Problem::new(format!("{key}.{name}"), message))
            }
        }
    })
}

/// Refuses a metric of validation if no examples are held out.
fn is_measured(experiment: &Experiment, key: &str, metric: Metric) -> Result<(), Problem> {
    let nothing_held_out = experiment.data.validation() == Validation::HeldOut(0.0);
    if metric.split == Split::Validation && nothing_held_out {
        return Err(Problem::new(
            key,
            "no examples are held out for validation; set the data's validation_fraction",
        ));
    }
    Ok(())
}
