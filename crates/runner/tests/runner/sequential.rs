//! The named models and the same networks written as layers.

use record::{EpochLine, Record, RecordError};
use runner::{Backend, Observer, Outcome, Results, Run, StepProgress};
use serde_json::{Value, json};
use spec::Layer;

use crate::models::{digits, of_all_layers, plan, prepared, reviews};

struct Patient;

impl Observer for Patient {
    fn epoch_begins(&mut self, _: usize, _: usize) {}

    fn unreadable(&mut self, _: &RecordError) {}

    fn step(&mut self, _: &StepProgress) {}

    fn epoch(&mut self, _: &EpochLine) {}

    fn interrupted(&self) -> bool {
        false
    }
}

fn trained(data: &Value, model: &Value, training: &Value) -> Record {
    let config = json!({
        "data": data, "model": model, "optimizer": { "adam": {} }, "training": training
    });
    let results = tempfile::tempdir().unwrap();
    let run = Run {
        backend: Backend::Flex,
        threads: 2,
        results: &Results::keeping(results.path()),
        checkpointing: None,
        looks: None,
        tensorboard: false,
    };
    match run.run(&prepared(&config), 3, &mut Patient).unwrap() {
        Outcome::Finished(record) => *record,
        Outcome::AlreadyThere(..) => unreachable!("the folder was empty"),
    }
}

#[test]
fn the_named_models_are_networks_of_layers() {
    let (digits, reviews) = (digits(400, 100), reviews(400, 100));
    let relu = json!({ "activation": "relu" });
    let penalised = json!({ "epochs": 2, "batch_size": 32, "l1": 1e-4, "l2": 1e-3 });
    let clipped = json!({ "epochs": 2, "batch_size": 32, "clip_global_norm": 0.5 });
    for (data, training, named, layers) in [
        (
            &digits,
            &penalised,
            json!({ "hidden_mlp": { "hidden": [24, 16] } }),
            json!(["flatten", { "dense": 24 }, relu, { "dense": 16 }, relu, "output"]),
        ),
        (
            &digits,
            &clipped,
            json!({ "hidden_mlp": { "hidden": [24], "activation": "sigmoid", "batch_norm": {} } }),
            json!(["flatten", { "dense": 24 }, "batch_norm", { "activation": "sigmoid" }, "output"]),
        ),
        (
            &digits,
            &clipped,
            json!({ "dropout_mlp": { "hidden": [24, 16], "dropout": 0.3 } }),
            json!([
                "flatten",
                { "dense": { "units": 24, "activation": "relu", "name": "first" } },
                { "dropout": 0.3 },
                { "dense": { "units": 16, "activation": "relu" } },
                { "dropout": { "rate": 0.3, "name": "last" } },
                "output",
            ]),
        ),
        (
            &digits,
            &penalised,
            json!({ "convnet": { "filters": [4, 6], "dropout": 0.5 } }),
            json!([
                { "conv2d": { "filters": 4, "kernel": 3, "activation": "relu" } }, "max_pool2d",
                { "conv2d": { "filters": 6, "kernel": 3 } }, relu, { "max_pool2d": {} },
                "flatten", { "dropout": 0.5 }, "output",
            ]),
        ),
        (
            &reviews,
            &penalised,
            json!({ "embedding_classifier": {
                "embedding": 40, "embedding_dropout": 0.3, "hidden": 16, "hidden_dropout": 0.5
            } }),
            json!([
                { "embedding": 40 }, { "dropout": 0.3 }, "global_max_pool",
                { "dense": { "units": 16, "activation": "relu" } }, { "dropout": 0.5 }, "output",
            ]),
        ),
    ] {
        let named = trained(data, &named, training);
        let layers = trained(data, &json!({ "sequential": layers }), training);
        assert_eq!(layers.result, named.result);
        assert_eq!(layers.run.pooled_embedding, named.run.pooled_embedding);
    }
}

/// Training takes batch statistics from the inputs themselves, which are not tracked for gradients.
#[test]
fn normalised_inputs_are_trained_on() {
    let network = json!(["batch_norm", "flatten", "output"]);
    let record = trained(
        &digits(400, 100),
        &json!({ "sequential": network }),
        &json!({ "epochs": 3, "batch_size": 32 }),
    );
    let epochs = &record.result.epochs;
    assert!(
        epochs[2].train.loss < 0.8 * epochs[0].train.loss,
        "{epochs:?}"
    );
}

/// The layers that the summary counts are those of the network.
#[test]
fn the_layers_describe_the_network() {
    for (model, data) in of_all_layers() {
        let training = json!({ "epochs": 1 });
        let record = trained(&data, &model, &training);
        let config = json!({
            "data": data, "model": model, "optimizer": { "adam": {} }, "training": training
        });
        let layers = plan(&config).layers(&record.spec);
        let counted: usize = layers.iter().map(Layer::parameters).sum();
        assert_eq!(counted, record.result.parameters, "{model}");
    }
}
