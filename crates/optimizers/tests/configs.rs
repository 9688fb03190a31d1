//! Reads, checks and writes optimizer configs.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use optimizers::Optimizer;

fn read(json: &str) -> Result<Optimizer, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

#[track_caller]
fn assert_refused(json: &str, message: &str) {
    let error = read(json).unwrap_err();
    assert!(error.starts_with(message), "{error}");
}

/// The signatures of results are computed from this text: names, order and defaults must not
/// change.
#[test]
fn configs_are_written_with_every_key_in_a_fixed_order() {
    for (short, name, whole) in [
        (
            r#"{"sgd":{}}"#,
            "sgd",
            r#"{"sgd":{"learning_rate":0.01,"momentum":0.0,"nesterov":false}}"#,
        ),
        (
            r#"{"rmsprop":{}}"#,
            "rmsprop",
            r#"{"rmsprop":{"learning_rate":0.001,"rho":0.9,"epsilon":1e-7}}"#,
        ),
        (
            r#"{"adam":{}}"#,
            "adam",
            r#"{"adam":{"learning_rate":0.001,"beta_1":0.9,"beta_2":0.999,"epsilon":1e-7}}"#,
        ),
        (
            r#"{"adamw":{}}"#,
            "adamw",
            r#"{"adamw":{"learning_rate":0.001,"weight_decay":0.004,"beta_1":0.9,"beta_2":0.999,"epsilon":1e-7}}"#,
        ),
    ] {
        let optimizer = read(short).unwrap();
        assert_eq!(optimizer.name(), name);
        assert_eq!(optimizer.check(), Ok(()));
        let written = serde_json::to_string(&optimizer).unwrap();
        assert_eq!(written, whole);
        assert_eq!(read(&written).unwrap(), optimizer);
    }
}

#[test]
fn the_learning_rate_is_the_configs() {
    let optimizer = read(r#"{"adamw":{"learning_rate":3}}"#).unwrap();
    assert_eq!(optimizer.learning_rate(), 3.0);
}

#[test]
fn unknown_keys_and_values_out_of_range_are_refused() {
    assert_refused(r#"{"sgd":{"lr":0.1}}"#, "unknown field `lr`");
    assert_refused(r#"{"lion":{}}"#, "unknown variant `lion`");
    assert_refused(r#"{"sgd":{"learning_rate":0}}"#, "0 is out of range");
    assert_refused(r#"{"sgd":{"momentum":1}}"#, "1 is out of range");
    assert_refused(r#"{"rmsprop":{"rho":-0.1}}"#, "-0.1 is out of range");
    assert_refused(r#"{"adam":{"beta_2":1.0}}"#, "1 is out of range");
    assert_refused(r#"{"adam":{"epsilon":1e-50}}"#, "0.0000");
    assert_refused(r#"{"adamw":{"weight_decay":2}}"#, "2 is out of range");
}

#[test]
fn nesterov_needs_momentum() {
    let problem = read(r#"{"sgd":{"nesterov":true}}"#)
        .unwrap()
        .check()
        .unwrap_err();
    assert_eq!(problem.key, "nesterov");
    assert!(problem.message.contains("set momentum above 0"));
    let momentum = read(r#"{"sgd":{"nesterov":true,"momentum":0.9}}"#).unwrap();
    assert_eq!(momentum.check(), Ok(()));
}

#[test]
fn the_schema_describes_each_optimizer() {
    let schema = schemars::schema_for!(Optimizer).to_value();
    let described = serde_json::to_string(&schema).unwrap();
    for text in [
        "Stochastic gradient descent:",
        "RMSprop:",
        "Adam:",
        "AdamW:",
    ] {
        assert!(described.contains(text), "{text} in {described}");
    }
    assert_eq!(
        schema["$defs"]["Sgd"]["properties"]["momentum"]["exclusiveMaximum"],
        1
    );
}
