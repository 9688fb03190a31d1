use datasets::{CLASSES, PIXELS};

use config::{Activation, ModelConfig, Plan};

/// A layer as Keras's `summary` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerSummary {
    /// The layer's name in the weights file, or what it does where it has no weights.
    pub name: String,
    pub kind: &'static str,
    /// Without the batch, which may have any size.
    pub output_shape: Vec<usize>,
    /// Those that training changes.
    pub parameters: usize,
}

/// The model's layers in the order the data passes them.
pub fn summary(plan: &Plan) -> Vec<LayerSummary> {
    match &plan.experiment().model {
        ModelConfig::HiddenMlp(model) => {
            let norm = model.batch_norm.is_some();
            multilayer(&model.hidden, |index, units| {
                let norm = norm.then(|| batch_norm(index, units));
                norm.into_iter()
                    .chain([activation(model.activation, units)])
                    .collect()
            })
        }
        ModelConfig::DropoutMlp(model) => multilayer(&model.hidden, |_, units| {
            vec![
                activation(model.activation, units),
                dropout(model.dropout, vec![units]),
            ]
        }),
        ModelConfig::EmbeddingClassifier(model) => {
            let encoding = plan.encoding();
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
                dense("hidden".to_owned(), model.embedding, model.hidden),
                activation(Activation::Relu, model.hidden),
                dropout(model.hidden_dropout, vec![model.hidden]),
                dense("output".to_owned(), model.hidden, 1),
            ]
        }
    }
}

/// `behind` gives what follows a hidden layer, by its index and its units.
fn multilayer(
    hidden: &[usize],
    behind: impl Fn(usize, usize) -> Vec<LayerSummary>,
) -> Vec<LayerSummary> {
    let mut layers = Vec::new();
    let mut inputs = PIXELS;
    for (index, &units) in hidden.iter().enumerate() {
        layers.push(dense(format!("hidden.{index}"), inputs, units));
        layers.extend(behind(index, units));
        inputs = units;
    }
    layers.push(dense("output".to_owned(), inputs, CLASSES));
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

fn dense(name: String, inputs: usize, units: usize) -> LayerSummary {
    LayerSummary {
        name,
        kind: "Dense",
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

fn activation(activation: Activation, units: usize) -> LayerSummary {
    LayerSummary {
        name: match activation {
            Activation::Relu => "relu",
            Activation::Sigmoid => "sigmoid",
            Activation::Tanh => "tanh",
        }
        .to_owned(),
        kind: "Activation",
        output_shape: vec![units],
        parameters: 0,
    }
}

fn batch_norm(index: usize, units: usize) -> LayerSummary {
    LayerSummary {
        name: format!("norm.{index}"),
        kind: "BatchNormalization",
        output_shape: vec![units],
        parameters: 2 * units,
    }
}
