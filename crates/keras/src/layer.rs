use std::fmt;

use serde_json::Value;

/// A layer of hearth's `sequential`, with the settings that differ from the defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    kind: &'static str,
    settings: Vec<(&'static str, Value)>,
}

impl Layer {
    pub(crate) fn new(kind: &'static str) -> Self {
        Self {
            kind,
            settings: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.settings.push((key, value.into()));
        self
    }

    /// With the setting, if there is one.
    pub(crate) fn with_some(self, key: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// With the setting, unless it has its default.
    pub(crate) fn with_other<T: PartialEq + Into<Value>>(
        self,
        key: &'static str,
        value: T,
        default: T,
    ) -> Self {
        self.with_some(key, (value != default).then_some(value))
    }
}

/// The settings that may be written without their key, by layer.
const MAIN: [(&str, &str); 4] = [
    ("dense", "units"),
    ("embedding", "output_dim"),
    ("dropout", "rate"),
    ("activation", "function"),
];

/// As in a config, for example `{ "dense": 128 }`.
impl fmt::Display for Layer {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        let kind = self.kind;
        match self.settings.as_slice() {
            [] => write!(out, "\"{kind}\""),
            [(key, value)] if MAIN.contains(&(kind, key)) => {
                write!(out, "{{ \"{kind}\": {value} }}")
            }
            settings => {
                let settings: Vec<String> = settings
                    .iter()
                    .map(|(key, value)| format!("\"{key}\": {value}"))
                    .collect();
                write!(out, "{{ \"{kind}\": {{ {} }} }}", settings.join(", "))
            }
        }
    }
}
