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

/// One network of every model with a committed config, by the model's name, each with synthetic
/// data that it accepts. A new model with a config is thereby covered by every test that uses this.
pub fn committed() -> BTreeMap<String, (Value, Value)> {
    let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs");
    let mut models = BTreeMap::new();
    for entry in std::fs::read_dir(configs).unwrap() {
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
