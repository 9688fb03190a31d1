//! Wrong input of every kind: the documented exit code, one line, nothing lost.

use crate::hearth::{CONFIG, Folder};

struct Case {
    arguments: &'static [&'static str],
    /// What to replace in the config, and with what.
    config: (&'static str, &'static str),
    code: i32,
    /// What the line must say.
    says: &'static [&'static str],
}

const AS_IT_IS: (&str, &str) = ("", "");

const fn config(replace: &'static str, with: &'static str, says: &'static [&'static str]) -> Case {
    Case {
        arguments: &["run", "small.json"],
        config: (replace, with),
        code: 2,
        says,
    }
}

const fn arguments(
    arguments: &'static [&'static str],
    code: i32,
    says: &'static [&'static str],
) -> Case {
    Case {
        arguments,
        config: AS_IT_IS,
        code,
        says,
    }
}

const MNIST: (&str, &str) = (
    r#""synthetic_digits": { "train_examples": 500, "test_examples": 100, "validation_fraction": 0.2 }"#,
    r#""mnist": {}"#,
);

const IMDB: (&str, &str) = (
    r#""synthetic_digits": { "train_examples": 500, "test_examples": 100, "validation_fraction": 0.2 } },
  "model": { "dropout_mlp": { "hidden": [32, 16], "dropout": 0.3 } }"#,
    r#""imdb": {} },
  "model": { "embedding_classifier": { "embedding": 8, "embedding_dropout": 0, "hidden": 4, "hidden_dropout": 0 } }"#,
);

const CASES: &[Case] = &[
    // Configs: unknown keys and names.
    config(
        "\"epochs\"",
        "\"epoch\"",
        &[
            "small.json:5:",
            "training.epoch",
            "unknown key `epoch`",
            "did you mean `epochs`?",
        ],
    ),
    config(
        "learning_rate",
        "lr",
        &[
            "optimizer.adam",
            "unknown key `lr`",
            "did you mean `learning_rate`?",
        ],
    ),
    config(
        "\"adam\"",
        "\"adma\"",
        &["unknown name `adma`", "did you mean `adam`?"],
    ),
    config(
        "\"training\"",
        "\"trainings\"",
        &["unknown key `trainings`", "did you mean `training`?"],
    ),
    // Wrong types and missing keys.
    config(
        "\"epochs\": 2",
        "\"epochs\": \"two\"",
        &[
            "training.epochs",
            "\"two\", must be a whole number, 1 to 100000",
        ],
    ),
    config(
        "\"epochs\": 2",
        "\"epochs\": 2.5",
        &["training.epochs", "2.5"],
    ),
    config(
        "\"epochs\": 2",
        "\"epochs\": -2",
        &["training.epochs", "-2"],
    ),
    config(
        "[32, 16]",
        "32",
        &["model.dropout_mlp.hidden: 32, must be a list"],
    ),
    config(
        "\"hidden\": [32, 16], ",
        "",
        &["model.dropout_mlp: the key `hidden` is missing"],
    ),
    config(
        "\"batch_size\": 48",
        "\"epochs\": 3",
        &["training: the key `epochs` occurs twice; remove one"],
    ),
    // Values out of range.
    config(
        "\"dropout\": 0.3",
        "\"dropout\": 1.0",
        &[
            "model.dropout_mlp.dropout: 1 is out of range",
            "at least 0 and below 1",
        ],
    ),
    config(
        "0.003",
        "0",
        &["optimizer.adam.learning_rate: 0 is out of range", "above 0"],
    ),
    config("0.003", "1e-60", &["learning_rate", "32-bit"]),
    config(
        "48",
        "0",
        &["training.batch_size: 0 is out of range", "1 to 1000000"],
    ),
    config(
        "[32, 16]",
        "[32, 0]",
        &[
            "model.dropout_mlp.hidden.1: 0 is out of range",
            "1 to 65536",
        ],
    ),
    config(
        "[32, 16]",
        "[65536, 65536]",
        &["model.dropout_mlp: ", "must be at most 500000000"],
    ),
    config(
        "500",
        "5",
        &[
            "data.synthetic_digits.train_examples: 5 is out of range",
            "10 to 1000000",
        ],
    ),
    config(
        MNIST.0,
        r#""imdb": { "vocabulary_size": 4 }"#,
        &[
            "data.imdb.vocabulary_size: 4 is out of range",
            "5 to 1000000",
        ],
    ),
    config(
        MNIST.0,
        r#""imdb": { "validation_fraction": 0.1, "validate_on_test": true }"#,
        &["data.imdb.validate_on_test", "not both"],
    ),
    // The training's controls.
    config(
        r#""batch_size": 48"#,
        r#""l1": -0.1"#,
        &["training.l1: -0.1 is out of range", "at least 0"],
    ),
    config(
        r#""batch_size": 48"#,
        r#""clip_global_norm": 0"#,
        &["training.clip_global_norm: 0 is out of range", "above 0"],
    ),
    config(
        r#""batch_size": 48"#,
        r#""learning_rate_schedule": { "cosine": { "final_learning_rate": 0.01 } }"#,
        &[
            "training.learning_rate_schedule.cosine.final_learning_rate: 0.01 is out of range",
            "0.003",
        ],
    ),
    config(
        r#""batch_size": 48"#,
        r#""learning_rate_schedule": { "step": { "factor": 1, "epochs": 3 } }"#,
        &["step.factor: 1 is out of range", "above 0 and below 1"],
    ),
    config(
        r#""batch_size": 48"#,
        r#""early_stopping": { "metric": "test.loss" }"#,
        &["training.early_stopping.metric: test.loss must not decide"],
    ),
    config(
        r#""batch_size": 48"#,
        r#""early_stopping": { "patience": 0 }"#,
        &["training.early_stopping.patience: 0 is out of range"],
    ),
    config(
        r#""validation_fraction": 0.2 } },
  "model": { "dropout_mlp": { "hidden": [32, 16], "dropout": 0.3 } },
  "optimizer": { "adam": { "learning_rate": 0.003 } },
  "training": { "epochs": 2,"#,
        r#""validation_fraction": 0 } },
  "model": { "hidden_mlp": { "hidden": [], "activation": "rleu" } },
  "optimizer": { "adam": {} },
  "training": { "epochs": 2,"#,
        &["unknown name `rleu`", "did you mean `relu`?"],
    ),
    config(
        r#""adam": { "learning_rate": 0.003 }"#,
        r#""sgd": { "nesterov": true }"#,
        &["optimizer.sgd.nesterov", "set momentum above 0"],
    ),
    // Models that do not fit the data.
    config(
        MNIST.0,
        r#""synthetic_reviews": {}"#,
        &["model: ", "does not take texts", "embedding_classifier"],
    ),
    config(
        r#""dropout_mlp": { "hidden": [32, 16], "dropout": 0.3 }"#,
        r#""embedding_classifier": { "embedding": 8, "embedding_dropout": 0, "hidden": 4, "hidden_dropout": 0 }"#,
        &[
            "model: ",
            "does not take 28 x 28 x 1 numbers",
            "dropout_mlp",
        ],
    ),
    config(
        "\"data\"",
        "\"seeds\": [1, 1], \"data\"",
        &["seeds: seed 1 is given twice; give each once", "each once"],
    ),
    config(
        "\"data\"",
        "\"expect\": { \"test.acuracy\": {} }, \"data\"",
        &["did you mean `test.accuracy`?"],
    ),
    config(
        "\"data\"",
        "\"expect\": { \"test.loss\": {} }, \"data\"",
        &["expect.test.loss", "at_least, at_most or both"],
    ),
    config(
        "\"data\"",
        "\"expect\": { \"test.accuracy\": { \"at_least\": 97 } }, \"data\"",
        &["expect.test.accuracy.at_least: 97 can never hold; the value is a fraction, 0 to 1"],
    ),
    config(
        "\"data\"",
        "\"expect\": { \"test.loss\": { \"at_most\": -1 } }, \"data\"",
        &["expect.test.loss.at_most: -1 can never hold; the value is at least 0"],
    ),
    config(
        "\"data\"",
        "\"expect\": { \"test.loss\": { \"at_most\": 1 }, \"test.loss\": { \"at_most\": 2 } }, \"data\"",
        &["expect: the key `test.loss` occurs twice; remove one"],
    ),
    config(
        "{ \"epochs\": 2, \"batch_size\": 48 }",
        "[2, 48]",
        &["small.json:5:15: training: a list, must be an object"],
    ),
    config(
        "[32, 16],",
        "[32, 16], \"activation\": 3,",
        &["model.dropout_mlp.activation: not a name; write one in double quotes"],
    ),
    config(
        "{ \"adam\": { \"learning_rate\": 0.003 } }",
        "{ \"adam\": {}, \"sgd\": {} }",
        &["optimizer: `sgd` beside `adam`; an optimizer has braces of its own"],
    ),
    config(
        "{ \"adam\": { \"learning_rate\": 0.003 } }",
        "{}",
        &["optimizer: the braces are empty; write an optimizer, for instance"],
    ),
    // Not JSON.
    config(
        "\"data\"",
        "// data\n\"data\"",
        &["a comment, which JSON does not have"],
    ),
    config("\"epochs\": 2", "\"epochs\": NaN", &["no value of JSON"]),
    config(
        "\"batch_size\": 48",
        "\"batch_size\": 48,",
        &[
            "small.json:5:48: ",
            "a comma with nothing after it; remove it",
        ],
    ),
    config("}\n}", "}", &["small.json:5:", "the text ends too early"]),
    config(
        "}\n}",
        "}\n} }",
        &["small.json:6:", "something follows the last brace"],
    ),
    // Arguments.
    arguments(&["run"], 2, &["required", "<CONFIG>"]),
    arguments(
        &["runn", "small.json"],
        2,
        &["unrecognized subcommand 'runn'"],
    ),
    arguments(
        &["run", "small.json", "--ephocs", "3"],
        2,
        &["unexpected argument '--ephocs'"],
    ),
    // Arguments: what was meant instead, and where to read on.
    arguments(
        &["run", "small.json", "--seed", "1"],
        2,
        &[
            "unexpected argument '--seed' found, did you mean '--seeds'?",
            "see hearth run --help",
        ],
    ),
    arguments(
        &["rnu", "small.json"],
        2,
        &[
            "unrecognized subcommand 'rnu', did you mean 'run'?",
            "see hearth --help",
        ],
    ),
    arguments(
        &["sweep", "rn", "sweep.json"],
        2,
        &[
            "unrecognized subcommand 'rn', did you mean 'run'?",
            "see hearth sweep --help",
        ],
    ),
    arguments(&["compare", "a", "b"], 2, &["did you mean 'diff'?"]),
    arguments(&["ls"], 2, &["did you mean 'list'?"]),
    arguments(
        &["list", "--sort", "test.acuracy"],
        2,
        &["did you mean `test.accuracy`?", "see hearth list --help"],
    ),
    arguments(
        &["list", "--status", "stopped"],
        2,
        &["'stopped'", "completed, diverged, running, interrupted"],
    ),
    arguments(
        &["diff", "a", "b", "--margin", "1"],
        2,
        &["'1'", "above 0 and below 1"],
    ),
    arguments(
        &["verify", "a", "--tolerance", "much"],
        2,
        &["'much'", "at least 0 and below 1"],
    ),
    arguments(&["run", "none.json"], 2, &["none.json", "No such file"]),
    arguments(&["run", "."], 2, &["<experiment>.json"]),
    arguments(
        &["run", "small.json", "--backend", "tpu"],
        2,
        &["unknown backend `tpu`", "flex, ndarray"],
    ),
    arguments(
        &["run", "small.json", "--seeds", "0,x"],
        2,
        &["`x` is not a seed"],
    ),
    arguments(&["run", "small.json", "--seeds", "5..2"], 2, &["`5..2`"]),
    arguments(&["run", "small.json", "--threads", "0"], 2, &["--threads"]),
    arguments(
        &["run", "small.json", "--set", "training.epoch=3"],
        2,
        &["--set training.epoch=3", "did you mean `training.epochs`?"],
    ),
    arguments(
        &["run", "small.json", "--set", "training.epochs=0"],
        2,
        &["--set training.epochs=0", "0 is out of range"],
    ),
    arguments(
        &["run", "small.json", "--set", "training.epochs=many"],
        2,
        &["--set training.epochs=many", "\"many\", must be a whole"],
    ),
    arguments(
        &["run", "small.json", "--set", "training.epochs"],
        2,
        &["key=value"],
    ),
    arguments(&["summary", "none.json"], 2, &["none.json"]),
    // Data.
    Case {
        arguments: &["run", "small.json", "--data-dir", "nowhere"],
        config: MNIST,
        code: 65,
        says: &[
            "nowhere/mnist/train-images-idx3-ubyte",
            "not found",
            "--data-dir",
        ],
    },
    Case {
        arguments: &["run", "small.json", "--data-dir", "cut"],
        config: MNIST,
        code: 65,
        says: &["cut/mnist/train-images-idx3-ubyte", "truncated"],
    },
    Case {
        arguments: &["run", "small.json", "--data-dir", "page"],
        config: MNIST,
        code: 65,
        says: &["page/mnist/train-images-idx3-ubyte", "magic number"],
    },
    Case {
        arguments: &["run", "small.json"],
        config: MNIST,
        code: 69,
        says: &[
            "http://127.0.0.1:9/mnist/train-images-idx3-ubyte.gz",
            "--data-dir",
        ],
    },
    Case {
        arguments: &["run", "small.json", "--data-dir", "nowhere"],
        config: IMDB,
        code: 65,
        says: &["nowhere/imdb/aclImdb_v1.tar.gz", "not found", "--data-dir"],
    },
    Case {
        arguments: &["run", "small.json"],
        config: IMDB,
        code: 69,
        says: &["http://127.0.0.1:9/imdb/aclImdb_v1.tar.gz", "--data-dir"],
    },
    arguments(
        &["data", "fetch", "mnist"],
        69,
        &["http://127.0.0.1:9/mnist"],
    ),
    arguments(&["data", "fetch", "imdb"], 69, &["http://127.0.0.1:9/imdb"]),
    arguments(&["data", "fetch", "cifar"], 2, &["'cifar'", "mnist, imdb"]),
    arguments(
        &["data", "verify", "mnist", "--data-dir", "cut"],
        65,
        &["truncated"],
    ),
    // Results.
    arguments(&["list"], 74, &["results", "No such file"]),
    arguments(
        &["run", "small.json", "--out", "small.json"],
        2,
        &["small.json", "this is a file; name a folder"],
    ),
    arguments(
        &["run", "small.json", "--out", "damaged"],
        65,
        &["damaged/small/flex-seed0", "--overwrite"],
    ),
    arguments(
        &["list", "--out", "damaged"],
        65,
        &["damaged/small/flex-seed0/result.json"],
    ),
];

fn prepared() -> Folder {
    let folder = Folder::new();
    let images = [0, 0, 8, 3, 0, 0, 0, 9, 0, 0, 0, 28, 0, 0, 0, 28, 1, 2, 3];
    for file in [
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    ] {
        folder.write(&format!("cut/mnist/{file}"), images);
        folder.write(&format!("page/mnist/{file}"), "<html>not found</html>");
    }
    folder.write(
        "damaged/small/flex-seed0/result.json",
        "{ \"schema_version\": 2,",
    );
    folder
}

#[test]
fn every_mistake_gets_its_code_and_one_line() {
    let mut unsaid = Vec::new();
    for case in CASES {
        let folder = prepared();
        let (replace, with) = case.config;
        assert!(CONFIG.contains(replace), "{replace}");
        let text = match replace {
            "" => CONFIG.to_owned(),
            replace => CONFIG.replacen(replace, with, 1),
        };
        folder.write("small.json", &text);
        let done = folder.hearth(case.arguments);
        let what = format!("{:?} with {:?}: {done:?}", case.arguments, case.config);
        assert_eq!(done.code, Some(case.code), "{what}");
        assert!(
            done.err.lines().all(|line| line.starts_with("hearth: ")),
            "{what}"
        );
        assert_eq!(done.err.lines().count(), 1, "{what}");
        for said in case.says {
            if !done.err.contains(said) {
                unsaid.push(format!("no {said:?} in {what}"));
            }
        }
        assert!(!done.err.contains("panicked"), "{what}");
        // Nothing half-written, nothing lost.
        assert!(!folder.path().join("results").exists(), "{what}");
        assert_eq!(folder.read("small.json"), text);
        let damaged = folder.read("damaged/small/flex-seed0/result.json");
        assert_eq!(damaged, "{ \"schema_version\": 2,");
        for set in ["mnist", "imdb"] {
            let cache = folder.path().join("cache/hearth").join(set);
            let left = std::fs::read_dir(cache).map_or(0, Iterator::count);
            assert_eq!(left, 0, "{what}");
        }
    }
    assert!(unsaid.is_empty(), "{}", unsaid.join("\n"));
}
