//! What is not taken over: it changes the training, not the network's function.

use std::fmt;

/// Something that layers have and that is not taken over.
#[derive(Debug, Default)]
pub(crate) struct LeftOut(Vec<Item>);

#[derive(Debug)]
struct Item {
    what: String,
    instead: &'static str,
    layers: Vec<String>,
}

impl LeftOut {
    /// Adds what a layer has, and what hearth does instead.
    pub(crate) fn add(&mut self, layer: &str, what: String, instead: &'static str) {
        match self.0.iter_mut().find(|item| item.what == what) {
            Some(item) => item.layers.push(layer.to_owned()),
            None => self.0.push(Item {
                what,
                instead,
                layers: vec![layer.to_owned()],
            }),
        }
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.iter().map(Item::to_string).collect()
    }
}

/// Names written out; of more, the number is given.
const NAMES: usize = 3;

/// For example ``kernel_initializer HeNormal (`conv2d`, `dense`): Glorot uniform is used``.
impl fmt::Display for Item {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        let shown = self.layers.iter().take(NAMES);
        let shown: Vec<String> = shown.map(|name| format!("`{name}`")).collect();
        let more = self.layers.len().saturating_sub(NAMES);
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let (what, instead) = (&self.what, self.instead);
        write!(out, "{what} ({}{more}): {instead}", shown.join(", "))
    }
}
