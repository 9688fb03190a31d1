/// The reason that a config is refused: a key and what is wrong with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The key's path relative to the part of the config that was checked, for instance `hidden`;
    /// empty for the whole part.
    pub key: String,
    /// The problem and the remedy, without a full stop.
    pub message: String,
}

impl Problem {
    /// A problem with the value of a key.
    pub fn new(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            message: message.into(),
        }
    }

    /// The same problem, with the key's path below `parent`: `hidden` within `model.hidden_mlp`
    /// becomes `model.hidden_mlp.hidden`.
    #[must_use]
    pub fn within(mut self, parent: &str) -> Self {
        self.key = match self.key.as_str() {
            "" => parent.to_owned(),
            key => format!("{parent}.{key}"),
        };
        self
    }
}
