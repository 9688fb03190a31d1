//! A config for a network that Keras saved.

use std::path::{Path, PathBuf};

use datasets::guess::{Guess, Kind};
use keras::{Input, KerasError, Network};
use present::count;
use serde_json::json;

use super::draft::{Draft, HELD_OUT, training};
use crate::exit::Usage;

/// A network and the file that it was saved in.
pub(super) struct Saved {
    path: PathBuf,
    network: Network,
}

/// Digits of MNIST, as images and as rows of pixels.
const MNIST: [usize; 3] = [28, 28, 1];
const PIXELS: usize = 28 * 28;
/// Tokens per text where a network takes any number.
const USUAL_LENGTH: usize = 200;

impl Saved {
    pub(super) fn read(path: &Path) -> Result<Self, KerasError> {
        Ok(Self {
            path: path.to_owned(),
            network: keras::read(path)?,
        })
    }

    /// The file's name without its extension.
    pub(super) fn stem(&self) -> String {
        let stem = self.path.file_stem().unwrap_or_default();
        stem.to_string_lossy().into_owned()
    }

    fn file(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// The number of layers, and what is not as in Keras.
    pub(super) fn described(&self) -> String {
        let layers = count(self.network.layers.len(), "layer");
        let mut described = format!("{layers} of {}", self.file());
        for line in &self.network.left_out {
            described += &format!("\nnot as in Keras: {line}");
        }
        described
    }

    /// A config for the published data that the network seems to be for.
    pub(super) fn on_published_data(&self) -> anyhow::Result<Draft> {
        let network = &self.network;
        let validation = ("validation_fraction", json!(HELD_OUT));
        let is_flat = network.input == Input::Features(PIXELS);
        let (data, keys, training) = match network.input {
            Input::Image(MNIST) | Input::Features(PIXELS) if network.classes == 10 => {
                ("mnist", vec![validation], training(60_000, 20, 5))
            }
            Input::Tokens { vocabulary, length } if network.classes == 2 => {
                let length = length.unwrap_or(USUAL_LENGTH);
                let keys = vec![
                    ("vocabulary_size", json!(vocabulary)),
                    ("sequence_length", json!(length)),
                    validation,
                ];
                ("imdb", keys, training(25_000, 20, 3))
            }
            Input::Features(_) | Input::Image(_) | Input::Tokens { .. } => {
                return Err(self.refused(&format!(
                    "{} classes; name your data, as in hearth init DATA --from-keras {}",
                    network.classes,
                    self.path.display()
                )));
            }
        };
        let draft = Draft {
            about: format!("The network of {}, written by hearth init", self.file()),
            data,
            keys,
            model: String::new(),
            training,
        };
        Ok(self.put_into(draft, is_flat))
    }

    /// Puts the network into the config for a person's own data, which must fit.
    pub(super) fn on(&self, mut draft: Draft, guess: &Guess) -> anyhow::Result<Draft> {
        let is_flat = match (&guess.kind, &self.network.input) {
            (Kind::Images { .. }, Input::Image([rows, columns, channels @ (1 | 3)])) => {
                let colours = if *channels == 1 { "grey" } else { "rgb" };
                draft.set("size", json!([rows, columns]));
                draft.set("channels", json!(colours));
                false
            }
            (Kind::Images { .. }, Input::Features(features)) => {
                let Some((side, colours)) = square(*features) else {
                    return Err(self.refused("not those of square images, grey or rgb"));
                };
                draft.set("size", json!([side, side]));
                draft.set("channels", json!(colours));
                true
            }
            (Kind::Table { .. }, Input::Features(_)) => false,
            (Kind::Texts { .. }, Input::Tokens { vocabulary, length }) => {
                draft.set("vocabulary_size", json!(vocabulary));
                if let Some(length) = length {
                    draft.set("sequence_length", json!(length));
                }
                false
            }
            (kind, _) => {
                let held = match kind {
                    Kind::Images { .. } => "images",
                    Kind::Table { .. } => "a table",
                    Kind::Texts { .. } => "texts",
                };
                let path = guess.train.display();
                return Err(self.refused(&format!("but {path} holds {held}; name other data")));
            }
        };
        draft.about = format!("{}; the network of {}", draft.about, self.file());
        Ok(self.put_into(draft, is_flat))
    }

    /// `is_flat`: whether the network reads images as rows of pixels.
    fn put_into(&self, mut draft: Draft, is_flat: bool) -> Draft {
        let network = &self.network;
        let flatten = is_flat.then(|| "\"flatten\"".to_owned());
        let layers = network.layers.iter().map(ToString::to_string);
        let layers: Vec<String> = flatten.into_iter().chain(layers).collect();
        draft.model = format!("\"sequential\": [\n    {}\n  ]", layers.join(",\n    "));
        for (key, penalty) in [("l1", network.l1), ("l2", network.l2)] {
            if penalty != 0.0 {
                draft.training += &format!(", \"{key}\": {}", json!(penalty));
            }
        }
        draft
    }

    /// The error that the network does not fit, with what it reads.
    fn refused(&self, rest: &str) -> anyhow::Error {
        let reads = match self.network.input {
            Input::Features(features) => count(features, "number"),
            Input::Image([rows, columns, channels]) => {
                format!("images of [{rows}, {columns}, {channels}]")
            }
            Input::Tokens { .. } => "token ids".to_owned(),
        };
        let path = self.path.display();
        Usage::new(format!("{path}: the network reads {reads}, {rest}")).into()
    }
}

/// The side and the colours of the square images with this many numbers.
fn square(numbers: usize) -> Option<(usize, &'static str)> {
    [(1, "grey"), (3, "rgb")]
        .into_iter()
        .find_map(|(channels, colours)| {
            let side = (numbers / channels).isqrt();
            (side * side * channels == numbers).then_some((side, colours))
        })
}
