//! The settings of one of Keras's layers, taken one by one: what nobody took is refused.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use spec::Activation;

use crate::left_out::LeftOut;

/// A layer as Keras describes it.
pub(crate) struct Settings {
    /// For example `Conv2D`.
    pub class: String,
    /// For example `conv2d_1`.
    pub name: String,
    left: Map<String, Value>,
}

/// For example ``layer `conv2d_1` (Conv2D)``.
impl fmt::Display for Settings {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        write!(out, "layer `{}` ({})", self.name, self.class)
    }
}

/// What is applied to a layer's output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Function {
    Linear,
    Softmax,
    Known(Activation),
}

impl Settings {
    pub(crate) fn new(class: &str, config: &Value) -> Result<Self, String> {
        let Value::Object(mut left) = config.clone() else {
            return Err(format!("a layer {class} without config"));
        };
        let name = match left.remove("name") {
            Some(Value::String(name)) => name,
            _ => class.to_lowercase(),
        };
        Ok(Self {
            class: class.to_owned(),
            name,
            left,
        })
    }

    pub(crate) fn problem(&self, problem: impl fmt::Display) -> String {
        format!("{self}: {problem}")
    }

    pub(crate) fn missing(&self, key: &str) -> String {
        self.problem(format_args!("{key} is missing"))
    }

    /// A name that a person gave, not Keras.
    pub(crate) fn given_name(&self) -> Option<String> {
        let usual = |character: char| character.is_ascii_alphanumeric() || "_-".contains(character);
        let can_be_kept = self.name.len() <= 64
            && self
                .name
                .starts_with(|first: char| first.is_ascii_alphabetic())
            && self.name.chars().all(usual);
        let is_number = |text: &str| text.chars().all(|character| character.is_ascii_digit());
        let stem = match self.name.rsplit_once('_') {
            Some((stem, number)) if is_number(number) => stem,
            _ => &self.name,
        };
        let is_own = !stem.replace('_', "").eq_ignore_ascii_case(&self.class);
        (can_be_kept && is_own).then(|| self.name.clone())
    }

    /// Takes a setting that must be there.
    pub(crate) fn required<T: DeserializeOwned>(&mut self, key: &str) -> Result<T, String> {
        let taken = self.optional(key)?;
        taken.ok_or_else(|| self.missing(key))
    }

    /// Takes a setting; `None` if it is absent or null.
    pub(crate) fn optional<T: DeserializeOwned>(&mut self, key: &str) -> Result<Option<T>, String> {
        match self.left.remove(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                let taken = T::deserialize(&value);
                let taken =
                    taken.map_err(|error| self.problem(format!("{key} is {value}: {error}")))?;
                Ok(Some(taken))
            }
        }
    }

    /// Takes a setting for which hearth has these values alone; absent or null is one of them.
    pub(crate) fn only(&mut self, key: &str, known: &[Value]) -> Result<(), String> {
        match self.left.remove(key) {
            None | Some(Value::Null) => Ok(()),
            Some(value) if known.iter().any(|known| is_equal(&value, known)) => Ok(()),
            Some(value) => {
                let only = known.first().unwrap_or(&Value::Null);
                Err(self.problem(format_args!("{key} is {value}; hearth has {only} alone")))
            }
        }
    }

    /// Takes an activation, given by its name.
    pub(crate) fn function(&mut self, key: &str) -> Result<Function, String> {
        let name = match self.left.remove(key) {
            None | Some(Value::Null) => return Ok(Function::Linear),
            Some(Value::String(name)) => name,
            Some(other) => {
                let problem = format!("{key} is {other}; hearth has Keras's own by name alone");
                return Err(self.problem(problem));
            }
        };
        match name.as_str() {
            "linear" => Ok(Function::Linear),
            "softmax" => Ok(Function::Softmax),
            "swish" => Ok(Function::Known(Activation::Silu)),
            other => match Activation::ALL.iter().find(|known| known.name() == other) {
                Some(known) => Ok(Function::Known(*known)),
                None => {
                    let known = Activation::ALL.map(Activation::name).join(", ");
                    Err(self.problem(format!("{key} is {name}; hearth has {known}")))
                }
            },
        }
    }

    /// Takes the penalty `l1 * sum |w| + l2 * sum w^2` of a setting.
    pub(crate) fn penalty(&mut self, key: &str, left_out: &mut LeftOut) -> [f64; 2] {
        let Some(regularizer) = self.left.remove(key).filter(|value| !value.is_null()) else {
            return [0.0; 2];
        };
        let class = regularizer["class_name"].as_str();
        let config = &regularizer["config"];
        match class {
            Some("L1" | "L2" | "L1L2") => {
                ["l1", "l2"].map(|key| config[key].as_f64().unwrap_or(0.0))
            }
            _ => {
                let what = format!("{key} {}", class.unwrap_or("of another kind"));
                left_out.add(&self.name, what, "not a penalty of hearth");
                [0.0; 2]
            }
        }
    }

    /// Refuses what nobody took and what is not known to leave the function as it is.
    pub(crate) fn finish(mut self, left_out: &mut LeftOut) -> Result<(), String> {
        for key in IGNORED {
            self.left.remove(key);
        }
        let policy = self.left.remove("dtype").unwrap_or_default();
        let dtype = policy.as_str().or(policy["config"]["name"].as_str());
        if let Some(dtype) = dtype.filter(|dtype| *dtype != "float32") {
            let what = format!("dtype {dtype}");
            left_out.add(&self.name, what, "hearth computes in float32");
        }
        if self.left.remove("trainable") == Some(Value::Bool(false)) {
            let instead = "hearth trains every layer";
            left_out.add(&self.name, "trainable false".to_owned(), instead);
        }
        for (key, usual) in INITIALIZERS {
            let class = self.left.remove(key).map(|value| class_of(&value));
            if let Some(class) = class.filter(|class| !is_same(class, usual)) {
                let instead = "hearth starts as Keras does without it";
                left_out.add(&self.name, format!("{key} {class}"), instead);
            }
        }
        for key in PENALTIES {
            if self.penalty(key, left_out) != [0.0; 2] {
                let instead = "hearth penalises the kernels alone";
                left_out.add(&self.name, key.to_owned(), instead);
            }
        }
        for key in CONSTRAINTS {
            if self.left.remove(key).is_some_and(|value| !value.is_null()) {
                left_out.add(&self.name, key.to_owned(), "hearth has no constraints");
            }
        }
        let unset = |value: &Value| value.is_null() || *value == Value::Bool(false);
        match self.left.iter().find(|(_, value)| !unset(value)) {
            None => Ok(()),
            Some((key, value)) => {
                Err(self.problem(format!("{key} is {value}, which hearth does not have")))
            }
        }
    }
}

/// Keys that leave the function as it is; shapes are read elsewhere.
const IGNORED: [&str; 6] = [
    "seed",
    "batch_shape",
    "batch_input_shape",
    "input_length",
    "input_shape",
    "target_shape",
];

/// The settings of initial weights, with the usual ones.
const INITIALIZERS: [(&str, &str); 7] = [
    ("kernel_initializer", "GlorotUniform"),
    ("bias_initializer", "Zeros"),
    ("embeddings_initializer", "RandomUniform"),
    ("beta_initializer", "Zeros"),
    ("gamma_initializer", "Ones"),
    ("moving_mean_initializer", "Zeros"),
    ("moving_variance_initializer", "Ones"),
];

const PENALTIES: [&str; 5] = [
    "bias_regularizer",
    "activity_regularizer",
    "embeddings_regularizer",
    "beta_regularizer",
    "gamma_regularizer",
];

const CONSTRAINTS: [&str; 5] = [
    "kernel_constraint",
    "bias_constraint",
    "embeddings_constraint",
    "beta_constraint",
    "gamma_constraint",
];

/// The class of an object, which may be written as its name alone.
fn class_of(object: &Value) -> String {
    let class = object.as_str().or(object["class_name"].as_str());
    class.unwrap_or("of another kind").to_owned()
}

/// Whether two names of an initializer are the same, for instance `zeros` and `Zeros`.
fn is_same(name: &str, other: &str) -> bool {
    let plain = |name: &str| name.replace('_', "").to_lowercase();
    let name = plain(name);
    name == plain(other) || (other == "RandomUniform" && name == "uniform")
}

/// Whether two values are the same; numbers by what they stand for.
fn is_equal(value: &Value, other: &Value) -> bool {
    match (value, other) {
        (Value::Array(values), Value::Array(others)) => {
            values.len() == others.len()
                && values
                    .iter()
                    .zip(others)
                    .all(|(value, other)| is_equal(value, other))
        }
        _ => match (value.as_f64(), other.as_f64()) {
            // Keras keeps some numbers in single precision.
            (Some(value), Some(other)) => (value - other).abs() <= 1e-7 * other.abs(),
            _ => value == other,
        },
    }
}
