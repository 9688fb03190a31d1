use std::collections::BTreeMap;
use std::path::Path;

use config::Plan;
use datasets::Location;
use runner::Prepared;
use serde_json::{Value, json};

/// Synthetic digits, in a size for tests.
pub fn digits(train: usize, test: usize) -> Value {
    json!({ "synthetic_digits": {
        "train_examples": train, "test_examples": test, "validation_fraction": 0.2
    } })
}

/// Synthetic reviews, in a size for tests.
pub fn reviews(train: usize, test: usize) -> Value {
    json!({ "synthetic_reviews": {
        "train_examples": train, "test_examples": test, "validation_fraction": 0.2,
        "vocabulary_size": 150, "sequence_length": 40
    } })
}

/// Networks by their names, each with synthetic data that it accepts: one of every model with a
/// committed config, so that every test that uses this covers a new model, and those
/// [of all layers](of_all_layers).
pub fn networks() -> BTreeMap<String, (Value, Value)> {
    let mut models = BTreeMap::new();
    for entry in std::fs::read_dir("../../configs").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        let config: Value = serde_json::from_str(&text).unwrap();
        let model = config["model"].clone();
        let name = model.as_object().unwrap().keys().next().unwrap().clone();
        let of_texts = ["imdb", "synthetic_reviews"];
        let reads_texts = of_texts
            .iter()
            .any(|data| config["data"].get(data).is_some());
        let data = if reads_texts {
            reviews(20, 10)
        } else {
            digits(20, 10)
        };
        models.entry(name).or_insert((model, data));
    }
    let of_all_layers = (0..).zip(of_all_layers());
    models.extend(of_all_layers.map(|(index, network)| (format!("layers {index}"), network)));
    models
}

/// The plan of a config, named `x`.
pub fn plan(config: &Value) -> Plan {
    Plan::from_text(Path::new("x.json"), &config.to_string(), &[]).unwrap()
}

/// The plan of a config with its data.
pub fn prepared(config: &Value) -> Prepared {
    Prepared::new(plan(config), &Location::Offline, &mut |_| ()).unwrap()
}

/// Networks that hold every layer of `sequential` between them, each with synthetic data.
pub fn of_all_layers() -> Vec<(Value, Value)> {
    let images = json!({ "sequential": [
        { "conv2d": { "filters": 4, "kernel": 3, "stride": 2, "padding": "same", "use_bias": false } },
        "batch_norm",
        { "activation": "gelu" },
        { "residual": [
            { "conv2d": { "filters": 4, "kernel": [2, 3], "padding": "same", "activation": "elu" } },
            "layer_norm",
            { "dropout": 0.2 },
        ] },
        "max_pool2d",
        { "average_pool2d": { "pool": 3, "stride": 2, "padding": "same" } },
        { "conv2d": { "filters": 6, "kernel": 2, "activation": "leaky_relu" } },
        "flatten",
        { "residual": [{ "dense": { "units": 54, "activation": "softplus" } }] },
        { "dense": { "units": 12, "use_bias": false } },
        "batch_norm",
        { "activation": "sigmoid" },
        { "dropout": 0.3 },
        "output",
    ] });
    let pooled = json!({ "sequential": [
        { "conv2d": { "filters": 8, "kernel": 5, "stride": 3, "activation": "relu" } },
        "global_max_pool",
        "layer_norm",
        "output",
    ] });
    let texts = json!({ "sequential": [
        { "embedding": 12 },
        { "dropout": 0.2 },
        { "conv1d": { "filters": 8, "kernel": 4, "stride": 2, "padding": "same", "use_bias": false } },
        "batch_norm",
        { "activation": "silu" },
        { "residual": [
            { "conv1d": { "filters": 8, "kernel": 3, "padding": "same", "activation": "tanh" } },
            "layer_norm",
        ] },
        "global_average_pool",
        "output",
    ] });
    let words = json!({ "sequential": [
        { "embedding": 12 }, { "dropout": 0.2 }, "global_max_pool", { "dropout": 0.2 }, "output",
    ] });
    vec![
        (images, digits(250, 10)),
        (pooled, digits(250, 10)),
        (texts, reviews(250, 10)),
        (words, reviews(250, 10)),
    ]
}
