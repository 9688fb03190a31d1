use datasets::{CLASSES, PIXELS};

use crate::config::{ModelConfig, Plan};

/// A layer as Keras's `summary` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerSummary {
    /// The layer's name in the weights file, or what it does where it has no weights.
    pub name: String,
    pub kind: &'static str,
    /// Without the batch, which may have any size.
    pub output_shape: Vec<usize>,
    pub parameters: usize,
}

/// The model's layers in the order the data passes them.
pub fn summary(plan: &Plan) -> Vec<LayerSummary> {
    let (hidden, dropout) = match &plan.experiment().model {
        ModelConfig::HiddenMlp(model) => (&model.hidden, None),
        ModelConfig::DropoutMlp(model) => (&model.hidden, Some(model.dropout)),
    };
    let mut layers = Vec::new();
    let mut inputs = PIXELS;
    for (index, &units) in hidden.iter().enumerate() {
        layers.push(dense(
            format!("hidden.{index}"),
            "Dense, ReLU",
            inputs,
            units,
        ));
        if let Some(rate) = dropout {
            layers.push(LayerSummary {
                name: format!("dropout {rate}"),
                kind: "Dropout",
                output_shape: vec![units],
                parameters: 0,
            });
        }
        inputs = units;
    }
    layers.push(dense("output".to_owned(), "Dense", inputs, CLASSES));
    layers
}

/// Multiplications and additions of a training step, roughly: a forward pass and twice as much for
/// the backward pass, each with all weights for every example.
pub fn step_flops(plan: &Plan) -> f64 {
    let parameters: usize = summary(plan).iter().map(|layer| layer.parameters).sum();
    6.0 * parameters as f64 * plan.experiment().training.batch_size as f64
}

fn dense(name: String, kind: &'static str, inputs: usize, units: usize) -> LayerSummary {
    LayerSummary {
        name,
        kind,
        output_shape: vec![units],
        parameters: (inputs + 1) * units,
    }
}
