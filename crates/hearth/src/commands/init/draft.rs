//! A config before it is written.

use serde_json::{Value, json};

/// The parts of a config, with the keys in the order of the documentation.
pub(super) struct Draft {
    pub about: String,
    /// The kind of data.
    pub data: &'static str,
    /// The keys of the data.
    pub keys: Vec<(&'static str, Value)>,
    /// The model's key and value.
    pub model: String,
    /// The keys of the training with their values.
    pub training: String,
}

/// The part of the examples that is held out for the test, and of the rest for validation.
pub(super) const HELD_OUT: f64 = 0.2;

impl Draft {
    /// Sets a key of the data.
    pub(super) fn set(&mut self, key: &'static str, value: Value) {
        match self.keys.iter_mut().find(|(other, _)| *other == key) {
            Some((_, old)) => *old = value,
            None => self.keys.push((key, value)),
        }
    }

    /// The config's text.
    pub(super) fn text(&self) -> String {
        let keys: Vec<String> = self
            .keys
            .iter()
            .map(|(key, value)| format!("\"{key}\": {value}"))
            .collect();
        let Self {
            data,
            model,
            training,
            ..
        } = self;
        let (about, keys) = (json!(self.about), keys.join(", "));
        format!(
            r#"{{
  "about": {about},
  "data": {{ "{data}": {{ {keys} }} }},
  "model": {{ {model} }},
  "optimizer": {{ "adam": {{ "learning_rate": 0.001 }} }},
  "training": {{ {training} }},
  "seeds": [0, 1, 2]
}}
"#
        )
    }
}

/// The keys of the training for this many examples, with early stopping.
pub(super) fn training(examples: usize, epochs: usize, patience: usize) -> String {
    let batch_size = if examples < 5000 { 32 } else { 128 };
    format!(
        r#""epochs": {epochs}, "batch_size": {batch_size}, "early_stopping": {{ "metric": "validation.loss", "patience": {patience} }}"#
    )
}
