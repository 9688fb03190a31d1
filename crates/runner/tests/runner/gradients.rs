use datasets::Location;
use runner::gradcheck;
use serde_json::{Value, json};

use crate::models::{digits, networks, plan, reviews};

/// Checks a model's gradients. Returns the number of its tensors.
#[track_caller]
fn assert_passes(model: &Value, data: &Value, training: &Value) -> usize {
    let config = json!({
        "data": data, "model": model, "optimizer": { "adam": {} }, "training": training
    });
    let checks = gradcheck(&plan(&config), 3, &Location::Offline, &mut |_| ()).unwrap();
    for check in &checks {
        assert!(check.passes(), "{config}: {check:?}");
        println!("{check:?}");
    }
    checks.len()
}

#[test]
fn every_networks_gradients_pass() {
    for (model, data) in networks().values() {
        assert!(assert_passes(model, data, &json!({ "epochs": 1, "l2": 0.01 })) >= 3);
    }
}

#[test]
fn activations_penalties_and_normalisation_pass() {
    let plain = json!({ "epochs": 1 });
    let l1 = json!({ "epochs": 1, "l1": 0.01 });
    let elastic = json!({ "epochs": 1, "l1": 0.001, "l2": 0.01 });
    let (digits, reviews) = (digits(100, 10), reviews(100, 10));
    for (model, data, training, tensors) in [
        (
            json!({ "hidden_mlp": { "hidden": [20, 12] } }),
            &digits,
            &plain,
            6,
        ),
        (
            json!({ "hidden_mlp": { "hidden": [20, 12], "activation": "tanh", "batch_norm": {} } }),
            &digits,
            &elastic,
            10,
        ),
        (
            json!({ "hidden_mlp": { "hidden": [20], "activation": "sigmoid" } }),
            &digits,
            &l1,
            4,
        ),
        (
            json!({ "dropout_mlp": { "hidden": [20, 12], "dropout": 0.4 } }),
            &digits,
            &plain,
            6,
        ),
        (
            json!({ "embedding_classifier": {
                "embedding": 140, "embedding_dropout": 0.3, "hidden": 16, "hidden_dropout": 0.5
            } }),
            &reviews,
            &elastic,
            5,
        ),
    ] {
        assert_eq!(assert_passes(&model, data, training), tensors, "{model}");
    }
}
