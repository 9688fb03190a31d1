use std::path::Path;

use serde_json::Value;

use crate::error::KerasError;
use crate::file::{self, Object};
use crate::input::{Input, Shape, shape};
use crate::layer::Layer;
use crate::output::{self, Output};
use crate::settings::Settings;
use crate::translate::Translation;

/// A network of Keras as layers of hearth's `sequential`.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// The model's name.
    pub name: String,
    /// The layers; the last one is `output`.
    pub layers: Vec<Layer>,
    /// What the network reads.
    pub input: Input,
    /// The number of classes that it tells apart.
    pub classes: usize,
    /// The penalty of all kernels, `training.l1`.
    pub l1: f64,
    /// The penalty of all kernels, `training.l2`.
    pub l2: f64,
    /// What is not taken over, and what hearth does instead: a line each.
    pub left_out: Vec<String>,
}

/// Reads a `.keras` file, or the text of `model.to_json()`.
///
/// # Errors
///
/// If it is neither, or if a layer has no counterpart.
pub fn read(path: &Path) -> Result<Network, KerasError> {
    let model = file::read(path)?;
    of_model(&model).map_err(|problem| KerasError::Network {
        path: path.to_owned(),
        problem,
    })
}

fn of_model(model: &Object) -> Result<Network, String> {
    let mut translation = Translation::default();
    let stated = model.build_config.as_ref();
    let mut found = Found {
        layers: Vec::new(),
        shape: stated.and_then(|stated| shape(&stated["input_shape"])),
    };
    found.add(&model.class_name, &model.config)?;
    for layer in found.layers {
        translation.add(layer, found.shape.as_ref())?;
    }
    let mut pieces = translation.pieces;
    let Output {
        layer: output,
        units,
        from,
        has_function,
    } = output::take(&mut pieces)?;
    let layers: Result<Vec<Layer>, String> = pieces.into_iter().map(output::inner).collect();
    let mut layers = layers?;
    layers.push(output);
    let input = translation
        .input
        .ok_or_else(|| "the model has no layers".to_owned())?;

    let mut left_out = translation.left_out.lines();
    if !has_function {
        left_out.push(format!(
            "{from} has no activation: its outputs are taken as logits"
        ));
    }
    if units == 2 {
        left_out.push(format!(
            "{from} has two units: hearth has one logit for two classes, which does the same with \
             fewer parameters"
        ));
    }
    let penalties = translation.penalties;
    let mut kernels = penalties.iter().map(|penalty| penalty.l1_l2);
    let first = kernels.next().unwrap_or_default();
    let is_same = kernels.all(|other| other == first);
    let [l1, l2] = if is_same { first } else { [0.0; 2] };
    if !is_same {
        let some = penalties.iter().filter(|penalty| penalty.l1_l2 != [0.0; 2]);
        let some: Vec<String> = some.map(|penalty| format!("`{}`", penalty.layer)).collect();
        left_out.push(format!(
            "kernel_regularizer of {}: hearth penalises all kernels alike; set training.l1 or l2",
            some.join(", ")
        ));
    }
    let name = model.config["name"].as_str().unwrap_or("sequential");
    Ok(Network {
        name: name.to_owned(),
        layers,
        input,
        classes: units.max(2),
        l1,
        l2,
        left_out,
    })
}

/// The layers of a model and of the models within it.
struct Found {
    layers: Vec<Settings>,
    /// The shape that the first layer reads, without the batch.
    shape: Option<Shape>,
}

impl Found {
    fn add(&mut self, class: &str, config: &Value) -> Result<(), String> {
        if class != "Sequential" {
            return Err(format!(
                "a {class} model; only the layers of a Sequential stand in one line"
            ));
        }
        // Keras once wrote the layers alone.
        let layers = config.as_array().or(config["layers"].as_array());
        let layers = layers.ok_or_else(|| "the model's config has no layers".to_owned())?;
        for layer in layers {
            let Some(class) = layer["class_name"].as_str() else {
                return Err(format!("a layer without class_name: {layer}"));
            };
            let config = &layer["config"];
            if self.layers.is_empty() {
                let stated = [&config["batch_shape"], &config["batch_input_shape"]];
                if let Some(stated) = stated.into_iter().find_map(shape) {
                    self.shape = Some(stated);
                }
            }
            match class {
                "InputLayer" => {}
                "Sequential" | "Functional" | "Model" => self.add(class, config)?,
                _ => self.layers.push(Settings::new(class, config)?),
            }
        }
        Ok(())
    }
}
