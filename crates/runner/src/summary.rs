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
    match &plan.experiment().model {
        ModelConfig::HiddenMlp(model) => multilayer(&model.hidden, None),
        ModelConfig::DropoutMlp(model) => multilayer(&model.hidden, Some(model.dropout)),
        ModelConfig::EmbeddingClassifier(model) => {
            let encoding = plan.experiment().data.encoding();
            let encoding = encoding.expect("checked: the data are reviews");
            let time = encoding.sequence_length;
            vec![
                LayerSummary {
                    name: "embedding".to_owned(),
                    kind: "Embedding",
                    output_shape: vec![time, model.embedding],
                    parameters: encoding.vocabulary_size * model.embedding,
                },
                dropout(model.embedding_dropout, vec![time, model.embedding]),
                LayerSummary {
                    name: "maximum over time".to_owned(),
                    kind: "GlobalMaxPooling1D",
                    output_shape: vec![model.embedding],
                    parameters: 0,
                },
                dense(
                    "hidden".to_owned(),
                    "Dense, ReLU",
                    model.embedding,
                    model.hidden,
                ),
                dropout(model.hidden_dropout, vec![model.hidden]),
                dense("output".to_owned(), "Dense", model.hidden, 1),
            ]
        }
    }
}

fn multilayer(hidden: &[usize], rate: Option<f64>) -> Vec<LayerSummary> {
    let mut layers = Vec::new();
    let mut inputs = PIXELS;
    for (index, &units) in hidden.iter().enumerate() {
        let name = format!("hidden.{index}");
        layers.push(dense(name, "Dense, ReLU", inputs, units));
        layers.extend(rate.map(|rate| dropout(rate, vec![units])));
        inputs = units;
    }
    layers.push(dense("output".to_owned(), "Dense", inputs, CLASSES));
    layers
}

/// Multiplications and additions of a training step, roughly, or as many as take as long.
pub fn step_flops(plan: &Plan) -> f64 {
    let flops = |layer: LayerSummary| match layer.kind {
        "Embedding" => EMBEDDED * layer.output_shape.iter().product::<usize>() as f64,
        // A forward pass and twice as much for the backward pass, each with all weights.
        _ => 6.0 * layer.parameters as f64,
    };
    let of_example: f64 = summary(plan).into_iter().map(flops).sum();
    of_example * plan.experiment().training.batch_size as f64
}

/// What looking an entry of an embedding up takes, its dropout and the maximum included, in
/// operations of a matrix product in the same time. Measured.
const EMBEDDED: f64 = 50.0;

fn dense(name: String, kind: &'static str, inputs: usize, units: usize) -> LayerSummary {
    LayerSummary {
        name,
        kind,
        output_shape: vec![units],
        parameters: (inputs + 1) * units,
    }
}

fn dropout(rate: f64, output_shape: Vec<usize>) -> LayerSummary {
    LayerSummary {
        name: format!("dropout {rate}"),
        kind: "Dropout",
        output_shape,
        parameters: 0,
    }
}
