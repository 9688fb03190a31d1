//! Networks that Keras described (`golden/models.py`) become these layers.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::Write;
use std::path::{Path, PathBuf};

use keras::{Input, Network, read};
use serde_json::{Value, json};

fn golden(name: &str) -> PathBuf {
    Path::new("tests/golden").join(name).with_extension("json")
}

fn network(name: &str) -> Network {
    read(&golden(name)).unwrap()
}

fn layers(network: &Network) -> Vec<String> {
    network.layers.iter().map(ToString::to_string).collect()
}

#[test]
fn dense_layers_and_functions_of_their_own() {
    let network = network("notebook_mlp");
    let expected = [
        r#"{ "dense": 128 }"#,
        r#"{ "activation": "relu" }"#,
        r#"{ "dropout": 0.3 }"#,
        r#"{ "dense": 128 }"#,
        r#"{ "activation": "relu" }"#,
        r#"{ "dropout": 0.3 }"#,
        r#""output""#,
    ];
    assert_eq!(layers(&network), expected);
    assert_eq!(network.name, "notebook_mlp");
    assert_eq!(network.input, Input::Features(784));
    assert_eq!((network.classes, network.l1, network.l2), (10, 0.0, 0.0));
    assert!(network.left_out.is_empty(), "{:?}", network.left_out);
}

#[test]
fn reviews_with_a_sigmoid_have_two_classes() {
    let network = network("notebook_reviews");
    let expected = [
        r#"{ "embedding": 256 }"#,
        r#"{ "dropout": 0.3 }"#,
        r#""global_max_pool""#,
        r#"{ "dense": { "units": 128, "activation": "relu" } }"#,
        r#"{ "dropout": 0.5 }"#,
        r#""output""#,
    ];
    assert_eq!(layers(&network), expected);
    let input = Input::Tokens {
        vocabulary: 10_000,
        length: None,
    };
    assert_eq!(network.input, input);
    assert_eq!(network.classes, 2);
}

#[test]
fn the_penalty_of_all_kernels_is_the_trainings() {
    let network = network("penalised");
    let expected = [
        r#""flatten""#,
        r#"{ "dense": { "units": 64, "activation": "relu" } }"#,
        r#"{ "batch_norm": { "momentum": 0.9 } }"#,
        r#""output""#,
    ];
    assert_eq!(layers(&network), expected);
    assert_eq!(network.input, Input::Image([28, 28, 1]));
    assert_eq!((network.l1, network.l2), (0.0001, 0.01));
}

#[test]
fn convolutions_names_and_models_within_a_model() {
    let network = network("images");
    let expected = [
        r#"{ "conv2d": { "filters": 8, "kernel": [3,5], "stride": 2, "padding": "same", "activation": "gelu", "name": "stem" } }"#,
        r#""batch_norm""#,
        r#"{ "activation": "relu" }"#,
        r#""max_pool2d""#,
        r#"{ "conv2d": { "filters": 16, "kernel": 3, "use_bias": false } }"#,
        r#"{ "layer_norm": { "epsilon": 0.00001 } }"#,
        r#"{ "activation": "leaky_relu" }"#,
        r#"{ "average_pool2d": { "pool": [2,3], "stride": 1, "padding": "same" } }"#,
        r#"{ "activation": "elu" }"#,
        r#"{ "dropout": 0.25 }"#,
        r#""global_average_pool""#,
        r#"{ "dense": { "units": 12, "activation": "silu", "use_bias": false } }"#,
        r#"{ "output": { "name": "classes" } }"#,
    ];
    let found: Vec<String> = layers(&network)
        .iter()
        .map(|line| line.replace("1e-5", "0.00001"))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(network.input, Input::Image([32, 48, 3]));
    let logits = "layer `classes` (Dense) has no activation: its outputs are taken as logits";
    assert_eq!(network.left_out, [logits]);
}

#[test]
fn two_units_and_softmax_are_one_logit() {
    let network = network("tokens");
    let expected = [
        r#"{ "embedding": 16 }"#,
        r#"{ "conv1d": { "filters": 8, "kernel": 5, "activation": "tanh" } }"#,
        r#"{ "conv1d": { "filters": 8, "kernel": 3, "stride": 2, "padding": "same", "activation": "softplus" } }"#,
        r#""global_average_pool""#,
        r#""output""#,
    ];
    assert_eq!(layers(&network), expected);
    let input = Input::Tokens {
        vocabulary: 500,
        length: Some(50),
    };
    assert_eq!(network.input, input);
    assert!(network.left_out[0].contains("two units"));
}

#[test]
fn what_changes_the_training_alone_is_left_out_and_said() {
    let network = network("trained_otherwise");
    let said = network.left_out.join("\n");
    for part in [
        "kernel_initializer HeNormal",
        "bias_regularizer",
        "trainable false",
        "kernel_constraint",
        "kernel_regularizer of `",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert_eq!(network.l2, 0.0);
}

#[test]
fn an_archive_holds_the_same_network() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.keras");
    let text = std::fs::read(golden("images")).unwrap();
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (name, content) in [("metadata.json", "{}".as_bytes()), ("config.json", &text)] {
        archive
            .start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap();
    assert_eq!(read(&path).unwrap(), network("images"));
}

/// The error for a golden model of which one place is changed.
fn refused(name: &str, pointer: &str, value: Value) -> String {
    let text = std::fs::read_to_string(golden(name)).unwrap();
    let mut model: Value = serde_json::from_str(&text).unwrap();
    let place = model.pointer_mut(pointer).expect(pointer);
    *place = value;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.json");
    std::fs::write(&path, model.to_string()).unwrap();
    let error = read(&path).unwrap_err().to_string();
    assert!(!error.contains('\n'), "{error}");
    let rest = error.strip_prefix(&path.display().to_string());
    rest.expect("the file's name").to_owned()
}

#[test]
fn what_changes_the_function_is_refused_with_the_layer() {
    // Places in `images`: 0 is the input, 1 the scaling, 2 the first convolution.
    let cases = [
        (
            "images",
            "/class_name",
            json!("Functional"),
            "a Functional model",
        ),
        ("images", "/config/layers", json!([]), "no layers"),
        ("images", "/config/layers", json!("x"), "no layers"),
        (
            "images",
            "/config/layers/2/class_name",
            json!("LSTM"),
            "`stem` (LSTM): hearth has no such layer",
        ),
        (
            "images",
            "/config/layers/2/class_name",
            json!(7),
            "class_name",
        ),
        (
            "images",
            "/config/layers/2/config",
            json!(7),
            "without config",
        ),
        (
            "images",
            "/config/layers/1/config/scale",
            json!(0.5),
            "scale is 0.5",
        ),
        (
            "images",
            "/config/layers/2/config/activation",
            json!("selu"),
            "activation is selu; hearth has relu",
        ),
        (
            "images",
            "/config/layers/2/config/activation",
            json!("softmax"),
            "softmax before the last layer",
        ),
        (
            "images",
            "/config/layers/2/config/activation",
            json!({"class_name": "f"}),
            "by name alone",
        ),
        (
            "images",
            "/config/layers/2/config/dilation_rate",
            json!([2, 2]),
            "dilation_rate is [2,2]",
        ),
        (
            "images",
            "/config/layers/2/config/groups",
            json!(4),
            "groups is 4",
        ),
        (
            "images",
            "/config/layers/2/config/padding",
            json!("causal"),
            "padding is causal",
        ),
        (
            "images",
            "/config/layers/2/config/filters",
            json!(null),
            "filters is missing",
        ),
        (
            "images",
            "/config/layers/2/config/filters",
            json!(-3),
            "filters is -3",
        ),
        (
            "images",
            "/config/layers/2/config/data_format",
            json!("channels_first"),
            "data_format",
        ),
        (
            "images",
            "/config/layers/3/config/axis",
            json!(1),
            "axis is 1",
        ),
        (
            "images",
            "/config/layers/3/config/scale",
            json!(false),
            "scale is false",
        ),
        (
            "images",
            "/config/layers/4/config/max_value",
            json!(6.0),
            "max_value is 6.0",
        ),
        (
            "images",
            "/config/layers/8/config/negative_slope",
            json!(0.3),
            "negative_slope is 0.3",
        ),
        (
            "images",
            "/config/layers/11/config/keepdims",
            json!(true),
            "keepdims is true",
        ),
        (
            "images",
            "/config/layers/13/config/units",
            json!(1.5),
            "units is 1.5",
        ),
        (
            "images",
            "/config/layers/13/config/use_bias",
            json!(false),
            "use_bias is false",
        ),
        (
            "images",
            "/config/layers/13/config/activation",
            json!("relu"),
            "relu after the last Dense",
        ),
        (
            "images",
            "/config/layers/13/config/activation",
            json!("sigmoid"),
            "several classes",
        ),
        (
            "images",
            "/config/layers/13/config/unheard_of",
            json!(true),
            "unheard_of",
        ),
        (
            "images",
            "/config/layers/0/config/batch_shape",
            json!([null, null, null, 3]),
            "[any, any, 3] arrives",
        ),
        (
            "notebook_reviews",
            "/config/layers/0/config/mask_zero",
            json!(true),
            "mask_zero is true",
        ),
        (
            "notebook_reviews",
            "/config/layers/5/config/activation",
            json!("softmax"),
            "over one unit",
        ),
        (
            "notebook_mlp",
            "/config/layers/7/config/activation",
            json!("tanh"),
            "two activations",
        ),
        (
            "notebook_mlp",
            "/config/layers/8/config/activation",
            json!("tanh"),
            "tanh after the last Dense",
        ),
        (
            "tokens",
            "/config/layers/6/config/axis",
            json!(0),
            "axis is 0",
        ),
    ];
    for (name, pointer, value, part) in cases {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let error = if key == "unheard_of" {
            let text = std::fs::read_to_string(golden(name)).unwrap();
            let model: Value = serde_json::from_str(&text).unwrap();
            let mut layer = model.pointer(parent).unwrap().clone();
            layer[key] = value;
            refused(name, parent, layer)
        } else {
            refused(name, pointer, value)
        };
        assert!(error.contains(part), "{part} in {error}");
    }
}

#[test]
fn a_file_that_is_no_model_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.keras");
    let cases: [(&[u8], &str); 6] = [
        (b"", "not a model of Keras"),
        (b"{}", "not a model of Keras"),
        (b"[1, 2", "not a model of Keras"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        (b"PK\x03\x04 cut off", "archive"),
        (b"\xff\xfe{\0}\0", "UTF-16 text; save it as UTF-8"),
    ];
    for (content, part) in cases {
        std::fs::write(&path, content).unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains(part) && !error.contains('\n'), "{error}");
    }
    let error = read(&folder.path().join("absent")).unwrap_err().to_string();
    assert!(error.contains("not found"), "{error}");
    let error = read(folder.path()).unwrap_err().to_string();
    assert!(error.contains("a folder"), "{error}");
}

#[test]
fn a_byte_order_mark_is_skipped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.json");
    let text = std::fs::read_to_string(golden("images")).unwrap();
    std::fs::write(&path, format!("\u{feff}{text}")).unwrap();
    assert_eq!(read(&path).unwrap(), network("images"));
}
