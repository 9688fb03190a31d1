//! Networks whose layers stand in the config.

use crate::hearth::{Done, Folder};

const IMAGES: &str = r#""synthetic_digits": {}"#;
const TEXTS: &str = r#""synthetic_reviews": { "vocabulary_size": 500, "sequence_length": 50 }"#;

/// What is wrong with a network of these layers: the line below the braces, the column and the message.
#[rustfmt::skip] // a case per line
const REFUSED: &[(&str, &str, &str, &str)] = &[
    // No network.
    (IMAGES, "{}", "3:27", "model.sequential: an object, must be a list"),
    (IMAGES, "[]", "3:28", r#"model.sequential: no layers; the last one must be "output""#),
    (IMAGES, r#"["flatten"]"#, "3:28", r#"model.sequential: the last layer is flatten, must be output; append "output""#),
    (IMAGES, r#"["output", "flatten"]"#, "3:29", "model.sequential.0: output must be the last layer of the network; move or remove it"),
    (IMAGES, r#"["flatten", "output", "output"]"#, "3:40", "model.sequential.1: output must be the last layer"),
    // No layer.
    (IMAGES, r#"["flaten", "output"]"#, "3:36", "model.sequential.0: unknown name `flaten`, did you mean `flatten`?"),
    (IMAGES, r#"[{ "desne": 8 }, "output"]"#, "3:37", "model.sequential.0: unknown name `desne`, did you mean `dense`?"),
    (IMAGES, r#"[3, "output"]"#, "3:29", r#"model.sequential.0: 3, must be a layer, for instance "flatten" or { "dense": 128 }"#),
    (IMAGES, r#"[null, "output"]"#, "3:32", "model.sequential.0: null, must be a layer"),
    (IMAGES, r#"[["flatten"], "output"]"#, "3:29", "model.sequential.0: a list, must be a layer"),
    (IMAGES, r#"[{}, "output"]"#, "3:30", r#"model.sequential.0: the braces are empty; write a layer, for instance"#),
    (IMAGES, r#"[{ "dense": 8, "activation": "relu" }, "output"]"#, "3:54", "model.sequential.0: `activation` beside `dense`; a layer has braces of its own"),
    // Wrong settings.
    (IMAGES, r#"["dense", "output"]"#, "3:35", "model.sequential.0: dense: the key `units` is missing"),
    (IMAGES, r#"[{ "dense": 0 }, "output"]"#, "3:40", "model.sequential.0.dense: 0 is out of range, must be 1 to 65536"),
    (IMAGES, r#"[{ "dense": "8" }, "output"]"#, "3:42", r#"model.sequential.0.dense: "8", must be a whole number, 1 to 65536"#),
    (IMAGES, r#"[{ "dense": [8] }, "output"]"#, "3:40", "model.sequential.0.dense: a list, must be `units`, or an object with `units`"),
    (IMAGES, r#"[{ "dense": { "unit": 8 } }, "output"]"#, "3:47", "model.sequential.0.dense.unit: unknown key `unit`, did you mean `units`?"),
    (IMAGES, r#"[{ "dense": { "units": 8, "activation": "rleu" } }, "output"]"#, "3:73", "model.sequential.0.dense.activation: unknown name `rleu`, did you mean `relu`?"),
    (IMAGES, r#"[{ "dense": { "units": 8, "name": "1st" } }, "output"]"#, "3:68", r#"model.sequential.0.dense.name: "1st" is not a layer's name; use a letter"#),
    (IMAGES, r#"["flatten", { "dense": { "units": 8, "name": "a" } }, { "dense": { "units": 8, "name": "a" } }, "output"]"#, "3:82", "model.sequential.2: dense `a` has the name of another layer; give it its own"),
    (IMAGES, r#"[{ "conv2d": 32 }, "output"]"#, "3:42", r#"model.sequential.0.conv2d: 32, must be an object such as { "filters": 32, "kernel": 3 }"#),
    (IMAGES, r#"[{ "conv2d": { "filters": 8 } }, "output"]"#, "3:56", "model.sequential.0.conv2d: the key `kernel` is missing"),
    (IMAGES, r#"[{ "conv2d": { "filters": 8, "kernel": [3] } }, "output"]"#, "3:69", "model.sequential.0.conv2d.kernel: a list of 1, must be a list of 2"),
    (IMAGES, r#"[{ "conv2d": { "filters": 8, "kernel": 3, "stride": 0 } }, "output"]"#, "3:80", "model.sequential.0.conv2d.stride: 0 is out of range, must be 1 to 31"),
    (IMAGES, r#"[{ "conv2d": { "filters": 8, "kernel": 3, "padding": "full" } }, "output"]"#, "3:86", "model.sequential.0.conv2d.padding: unknown name `full`, known: valid, same"),
    (IMAGES, r#"[{ "dropout": 1 }, "output"]"#, "3:42", "model.sequential.0.dropout: 1 is out of range, must be at least 0 and below 1"),
    (IMAGES, r#"[{ "activation": 3 }, "output"]"#, "3:45", "model.sequential.0.activation: 3, must be"),
    (IMAGES, r#"[{ "batch_norm": { "momentum": 1 } }, "output"]"#, "3:59", "model.sequential.0.batch_norm.momentum: 1 is out of range"),
    (IMAGES, r#"[{ "layer_norm": { "epsilon": 0 } }, "output"]"#, "3:58", "model.sequential.0.layer_norm.epsilon: 0 is out of range, must be above 0"),
    // Shapes that do not fit.
    (IMAGES, r#"[{ "dense": 8 }, "output"]"#, "3:29", "model.sequential.0: dense takes [features], gets [28, 28, 1]; put flatten or a global pooling before it"),
    (IMAGES, r#"["output"]"#, "3:29", "model.sequential.0: output takes [features], gets [28, 28, 1]; put flatten"),
    (IMAGES, r#"[{ "embedding": 8 }, "flatten", "output"]"#, "3:29", "model.sequential.0: embedding takes [length] token ids, gets [28, 28, 1]; use it for texts, as the first layer"),
    (IMAGES, r#"[{ "conv1d": { "filters": 8, "kernel": 3 } }, "output"]"#, "3:29", "model.sequential.0: conv1d takes [time, features], gets [28, 28, 1]; use conv2d for images"),
    (IMAGES, r#"["flatten", "max_pool2d", "output"]"#, "3:40", "model.sequential.1: max_pool2d takes [rows, columns, channels], gets [784]; use it for images, before flatten"),
    (IMAGES, r#"[{ "max_pool2d": { "pool": 29 } }, "flatten", "output"]"#, "3:29", "model.sequential.0: max_pool2d takes at least 29 x 29 pixels, gets [28, 28, 1]; make the window smaller"),
    (IMAGES, r#"[{ "conv2d": { "filters": 8, "kernel": [2, 30], "name": "wide" } }, "flatten", "output"]"#, "3:29", "model.sequential.0: conv2d `wide` takes at least 2 x 30 pixels, gets [28, 28, 1]"),
    (IMAGES, r#"["global_max_pool", "global_average_pool", "output"]"#, "3:48", "model.sequential.1: global_average_pool takes [time, features] or [rows, columns, channels], gets [1]; remove it"),
    (TEXTS, r#"["flatten", "output"]"#, "3:29", "model.sequential.0: flatten takes numbers, gets [50] token ids; put embedding before it"),
    (TEXTS, r#"[{ "conv1d": { "filters": 8, "kernel": 3 } }, "output"]"#, "3:29", "model.sequential.0: conv1d takes [time, features], gets [50] token ids; put embedding before it"),
    (TEXTS, r#"[{ "embedding": 8 }, "output"]"#, "3:49", "model.sequential.1: output takes [features], gets [50, 8]; put flatten or a global pooling before it"),
    (TEXTS, r#"[{ "embedding": 8 }, { "conv2d": { "filters": 8, "kernel": 3 } }, "output"]"#, "3:49", "model.sequential.1: conv2d takes [rows, columns, channels], gets [50, 8]"),
    (TEXTS, r#"[{ "embedding": 8 }, { "conv1d": { "filters": 8, "kernel": 51 } }, "flatten", "output"]"#, "3:49", "model.sequential.1: conv1d takes at least 51 steps, gets [50, 8]"),
    (TEXTS, r#"[{ "embedding": 8 }, { "embedding": 8 }, "flatten", "output"]"#, "3:49", "model.sequential.1: embedding takes [length] token ids, gets [50, 8]"),
    // Residuals.
    (IMAGES, r#"[{ "residual": [] }, "flatten", "output"]"#, "3:29", "model.sequential.0: residual has no layers; give it some"),
    (IMAGES, r#"[{ "residual": ["flatten"] }, "output"]"#, "3:29", "model.sequential.0: residual adds its input [28, 28, 1] to what its layers give, [784]; make the shapes the same"),
    (IMAGES, r#"["flatten", { "residual": [{ "dense": 784 }, "output"] }, "output"]"#, "3:73", "model.sequential.1.residual.1: output must be the last layer of the network"),
    (IMAGES, r#"["flatten", { "residual": [{ "dense": 784 }, "max_pool2d"] }, "output"]"#, "3:73", "model.sequential.1.residual.1: max_pool2d takes [rows, columns, channels], gets [784]"),
    // Too large.
    (IMAGES, r#"["flatten", { "dense": 65536 }, { "dense": 65536 }, "output"]"#, "3:28", "model.sequential: 4347133962 parameters is out of range, must be at most 500000000; make the layers smaller, most of all layers.2 (Dense, 4295032832)"),
    (IMAGES, r#"[{ "conv2d": { "filters": 4096, "kernel": 1 } }, "batch_norm", "layer_norm", "batch_norm", "layer_norm", "batch_norm", "layer_norm", "batch_norm", "layer_norm", "batch_norm", "global_max_pool", "output"]"#, "3:28", "activations for a batch of 512 is out of range, must be at most 4000000000; make batch_size or the layers smaller, most of all layers."),
];

fn config(data: &str, layers: &str) -> String {
    format!(
        "{{\n  \"data\": {{ {data} }},\n  \"model\": {{ \"sequential\": {layers} }},\n  \
         \"optimizer\": {{ \"adam\": {{}} }},\n  \"training\": {{ \"epochs\": 1, \"batch_size\": 512 }}\n}}\n"
    )
}

#[test]
fn wrong_networks_are_refused_with_the_layer_and_its_place() {
    assert!(REFUSED.len() >= 40);
    let folder = Folder::new();
    let mut wrong = Vec::new();
    for (data, layers, place, said) in REFUSED {
        folder.write("net.json", config(data, layers));
        let Done { code, out, err } = folder.hearth(&["check", "net.json"]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{layers}: {err}");
        assert_eq!(err.lines().count(), 1, "{layers}: {err}");
        if !err.starts_with(&format!("hearth: net.json:{place}: ")) || !err.contains(said) {
            wrong.push(format!("{layers}\n  {place}: {said}\n  {err}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn exported_weights_start_the_same_network() {
    let folder = Folder::new();
    let layers = r#"["flatten", { "dense": { "units": 8, "activation": "relu" } }, "output"]"#;
    folder.write("net.json", config(IMAGES, layers));
    folder.succeed(&["run", "net.json"]);
    let run = "results/net/flex-seed0";
    folder.succeed(&["export", run, "--to", "w.safetensors"]);
    let weights = "training.initial_weights=w.safetensors";
    let more = ["run", "net.json", "--seeds", "1", "--set", weights];
    folder.succeed(&[&more[..], &["--name", "more"]].concat());
    let loss = |run: &str| folder.record(run)["result"]["epochs"][0]["train"]["loss"].as_f64();
    assert!(loss("more/flex-seed1") < loss("net/flex-seed0"));
    let wider =
        folder.hearth(&[&more[..], &["--set", "model.sequential.1.dense.units=9"]].concat());
    assert_eq!(wider.code, Some(65), "{wider:?}");
    assert!(
        wider
            .err
            .contains("`layers.1.weight` has the shape [784, 8]"),
        "{wider:?}"
    );
}

#[test]
fn a_diagram_draws_a_line_per_layer() {
    let folder = Folder::new();
    let layers = r#"[{ "conv2d": { "filters": 4, "kernel": 3, "padding": "same", "activation": "relu" } },
        { "residual": [{ "conv2d": { "filters": 4, "kernel": 3, "padding": "same", "name": "inner" } }] },
        "global_max_pool", "output"]"#;
    folder.write("net.json", config(IMAGES, layers));
    let drawn = folder.succeed(&["summary", "net.json", "--diagram"]).out;
    let expected = "\
● input                   28 x 28 x 1
● Conv2D 3 x 3, relu      28 x 28 x 4
├─╮
│ ● Conv2D 3 x 3 (inner)
⊕─╯
● GlobalMaxPooling2D      4
● Dense                   10
";
    assert_eq!(drawn, expected);
}
