//! Networks that Keras saved: from the file to a config, and what does not fit.

use serde_json::Value;

use crate::hearth::{Folder, repository};

/// A network as Keras described it.
fn saved(folder: &Folder, name: &str) -> String {
    let golden = repository().join("crates/keras/tests/golden");
    let text = std::fs::read(golden.join(name).with_extension("json")).unwrap();
    let file = format!("{name}.keras");
    folder.write(&file, text);
    file
}

#[test]
fn the_notebooks_networks_have_kerass_parameters() {
    let folder = Folder::new();
    for (name, data, parameters) in [
        ("notebook_mlp", "mnist", 118_282),
        ("notebook_reviews", "imdb", 2_593_025),
    ] {
        let file = saved(&folder, name);
        let done = folder.succeed(&["init", "--from-keras", &file]);
        assert!(
            done.out.starts_with(&format!("wrote {name}.json")),
            "{done:?}"
        );
        let config = format!("{name}.json");
        let summary = folder.succeed(&["summary", &config, "--json"]).out;
        let summary: Value = serde_json::from_str(&summary).unwrap();
        assert_eq!(summary["parameters"], parameters);
        let config: Value = serde_json::from_str(&folder.read(&config)).unwrap();
        assert!(config["data"][data].is_object(), "{config}");
    }
}

#[test]
fn penalties_and_what_is_left_out_are_told() {
    let folder = Folder::new();
    let file = saved(&folder, "penalised");
    folder.succeed(&["init", "--from-keras", &file, "--to", "p.json"]);
    let config: Value = serde_json::from_str(&folder.read("p.json")).unwrap();
    assert_eq!(config["training"]["l1"], 0.0001);
    assert_eq!(config["training"]["l2"], 0.01);

    let rows: String = (0..60)
        .map(|row| format!("{row}.5,{},1,2,3,4,5,{}\n", row % 7, row % 3))
        .collect();
    folder.write("seven.csv", format!("a,b,c,d,e,f,g,class\n{rows}"));
    let file = saved(&folder, "trained_otherwise");
    let done = folder.succeed(&["init", "seven.csv", "--from-keras", &file]);
    assert!(
        done.out
            .contains("not as in Keras: kernel_initializer HeNormal"),
        "{done:?}"
    );
    folder.succeed(&[
        "run",
        "seven.json",
        "--set",
        "training.epochs=1",
        "--seeds",
        "0",
    ]);
}

#[test]
fn a_network_and_data_must_fit() {
    let folder = Folder::new();
    folder.write("kinds.csv", format!("x,kind\n{}", "1,a\n2,b\n".repeat(30)));
    let [digits, images, reviews] =
        ["notebook_mlp", "images", "notebook_reviews"].map(|name| saved(&folder, name));
    folder.write("broken.keras", "PK\x03\x04");
    for (arguments, code, problem) in [
        (&["init"][..], 2, "DATA"),
        (
            &["init", "--from-keras", "absent.keras"],
            65,
            "absent.keras: not found",
        ),
        (
            &["init", "--from-keras", "broken.keras"],
            65,
            "broken.keras",
        ),
        (
            &["init", "--from-keras", "small.json"],
            65,
            "not a model of Keras",
        ),
        (
            &["init", "--from-keras", &images],
            2,
            "images of [32, 48, 3], 5 classes; name your data",
        ),
        (
            &["init", "kinds.csv", "--from-keras", &images],
            2,
            "kinds.csv holds a table",
        ),
        (
            &["init", "kinds.csv", "--from-keras", &reviews],
            2,
            "token ids",
        ),
        (
            &["init", "--label", "kind", "--from-keras", &digits],
            2,
            "DATA",
        ),
        (
            &["init", "--from-keras", &digits, "--to", "small.json"],
            2,
            "exists",
        ),
    ] {
        let refused = folder.hearth(arguments);
        assert_eq!(refused.code, Some(code), "{arguments:?}: {refused:?}");
        assert!(refused.err.contains(problem), "{arguments:?}: {refused:?}");
        assert_eq!(refused.err.lines().count(), 1, "{refused:?}");
    }
}
