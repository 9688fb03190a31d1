use crate::hearth::{Folder, repository};

/// Three epochs of the notebook's experiments, with what Keras reaches after as many: the
/// training loss of the third epoch within 5 %, the validation accuracy within a percentage point.
///
/// Keras 3.15.1, mean of three seeds (`bench/keras_run.py` trains the same).
#[test]
fn training_starts_as_in_keras() {
    let Some(data) = std::env::var_os("HEARTH_DATA_DIR") else {
        println!("skipped: HEARTH_DATA_DIR is not set");
        return;
    };
    let data = data.to_str().unwrap();
    let folder = Folder::new();
    for (experiment, loss, accuracy) in [
        ("mnist-hidden-sgd", 0.433921, 0.897778),
        ("mnist-dropout-sgd", 0.70145, 0.886861),
        ("mnist-dropout-rmsprop", 0.175355, 0.965472),
        ("mnist-dropout-adam", 0.178533, 0.9655),
        ("imdb-embedding", 0.281614, 0.870067),
    ] {
        let config = repository().join(format!("configs/{experiment}.json"));
        // The config's own expectation is for all its epochs.
        let done = folder.hearth(&[
            "run",
            config.to_str().unwrap(),
            "--data-dir",
            data,
            "--set",
            "training.epochs=3",
            "--set",
            "expect.test.accuracy.at_least=0.5",
        ]);
        assert_eq!(done.code, Some(0), "{done:?}");
        let record = folder.record(&format!("{experiment}+training.epochs=3/flex-seed0"));
        let epoch = &record["result"]["epochs"][2];
        let found = epoch["train"]["loss"].as_f64().unwrap();
        assert!(
            (found - loss).abs() < 0.05 * loss,
            "{experiment}: loss {found}, Keras {loss}"
        );
        let found = epoch["validation"]["accuracy"].as_f64().unwrap();
        assert!(
            (found - accuracy).abs() < 0.01,
            "{experiment}: accuracy {found}, Keras {accuracy}"
        );
    }
}
