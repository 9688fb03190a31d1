use compare::{Comparison, Group, Options};
use serde_json::{Value, json};

use crate::made::{accuracies, group, right_on, shown};

/// Three SGD runs and three Adam runs; the latter stop early.
fn comparison() -> Comparison {
    let sgd = accuracies("sgd", 0, &[900, 902, 898]);
    let adam = group(
        "adam",
        [951, 949, 954].into_iter().zip(0..).map(|(correct, seed)| {
            let mut record = right_on("adam", seed, correct);
            record.config = json!({
                "about": "something else",
                "seeds": [7],
                "expect": { "test.accuracy": {} },
                "optimizer": { "adam": { "learning_rate": 0.001 } },
                "training": { "epochs": 4, "early_stopping": { "patience": 5 } },
            });
            record
        }),
    );
    Comparison::of(vec![sgd, adam], &Options::default()).unwrap()
}

#[test]
fn text_is_aligned_and_short() {
    assert_eq!(
        comparison().text(),
        "\
config                            sgd   adam
optimizer                         sgd   adam
optimizer.adam.learning_rate      -     0.001
optimizer.sgd.learning_rate       0.01  -
optimizer.sgd.momentum            0     -
training.early_stopping.patience  -     5
training.epochs                   3     4

group  runs   test accuracy  best validation  epoch  last validation
sgd       3  90.00 ± 0.20 %          90.00 %      2          80.00 %
adam      3  95.13 ± 0.25 %          95.13 %      2          85.13 %

adam against sgd: better
  Test accuracy differs by +5.13 points (95 % interval +4.01 to +6.25) over 3 seeds.
  Paired t-test p = 0.0026; sign-flip test p = 0.25, the minimum for 3 pairs. d_z = 11.38. Better in 100 % of pairs.
  Seeds alone do not explain the difference.
  Speed: 1,000 ± 0 against 1,000 ± 0 training examples per second, a ratio of 1.00.
"
    );
}

#[test]
fn markdown_has_the_same_and_keeps_its_columns() {
    let markdown = comparison().markdown();
    assert!(
        markdown.contains("| optimizer | sgd | adam |\n"),
        "{markdown}"
    );
    assert!(markdown.contains("| adam | 3 | 95.13 ± 0.25 % | 95.13 % | 2 | 85.13 % |\n"));
    assert!(markdown.contains("**adam against sgd: better.** Test accuracy differs by +5.13"));
    let piped = accuracies("a|b", 0, &[900, 902]);
    let other = accuracies("c", 0, &[900, 903]);
    let markdown = Comparison::of(vec![piped, other], &Options::default())
        .unwrap()
        .markdown();
    assert!(markdown.contains("| a\\|b | 2 |"), "{markdown}");
}

#[test]
fn json_keeps_its_names_and_all_digits() {
    let comparison = comparison();
    let json: Value = serde_json::from_str(&comparison.json()).unwrap();
    assert_eq!(json["metric"], "test.accuracy");
    assert_eq!(
        json["config"][0],
        json!({ "path": "optimizer", "values": [["sgd"], ["adam"]] })
    );
    assert_eq!(json["config"][1]["values"], json!([[], [0.001]]));
    let group = &json["groups"][1];
    assert_eq!(group["mean"].as_f64(), comparison.groups[1].mean);
    assert_eq!(group["runs"][2]["value"], 0.954);
    assert_eq!(group["curve"]["metric"], "validation.accuracy");
    let contrast = &json["contrasts"][0];
    assert_eq!(contrast["verdict"], "better");
    assert_eq!(contrast["test"]["kind"], "paired_seeds");
    assert_eq!(contrast["test"]["permutation"]["smallest_p"], 0.25);
    assert_eq!(contrast["p"].as_f64(), comparison.contrasts[0].p);
    assert_eq!(contrast["timing"]["ratio"], 1.0);
    for name in [
        "difference",
        "interval_95",
        "interval_90",
        "p_holm",
        "margin",
        "seeds_to_decide",
    ] {
        assert!(contrast.get(name).is_some(), "{name}");
    }
}

#[test]
fn csv_has_a_row_for_each_group_and_all_digits() {
    let comparison = comparison();
    let csv = comparison.csv();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].starts_with("metric,group,argument,runs,diverged,unfinished,n,mean,"));
    let columns = |line: &str| line.split(',').count();
    assert!(
        lines.iter().all(|line| columns(line) == columns(lines[0])),
        "{csv}"
    );
    assert!(
        lines[2].contains(&comparison.contrasts[0].p.unwrap().to_string()),
        "{csv}"
    );
    assert!(
        lines[2].contains(",paired_seeds,") && lines[2].contains(",better,"),
        "{csv}"
    );
}

#[test]
fn configs_of_a_pattern_show_every_value() {
    let with = |seed: u64, rate: f64| {
        let mut record = right_on("x", seed, 900 + seed as usize);
        record.config["optimizer"]["sgd"]["learning_rate"] = json!(rate);
        record.config["training"]["early_stopping"] = json!({});
        record
    };
    let several: Group = group("x*", [with(0, 0.1), with(1, 0.2)]);
    let one = accuracies("y", 0, &[900, 910]);
    let found = Comparison::of(vec![several, one], &Options::default()).unwrap();
    let found = serde_json::to_value(&found.config).unwrap();
    let expected = json!([
        { "path": "optimizer.sgd.learning_rate", "values": [[0.1, 0.2], [0.01]] },
        { "path": "training.early_stopping", "values": [[{}], [null]] },
    ]);
    assert_eq!(found, expected);
}

#[test]
fn what_a_file_says_steers_no_terminal() {
    let mut record = right_on("a\u{1b}[2J", 0, 900);
    record.config["optimizer"] = json!("\u{1b}]0;title\u{7}\nb");
    let results = tempfile::tempdir().unwrap();
    let folder = record::RunFolder::at(results.path().to_owned());
    folder.write(&record.sealed()).unwrap();
    let odd = Group::read(shown(results.path())).unwrap();
    let text = Comparison::of(vec![odd, accuracies("b", 0, &[900])], &Options::default())
        .unwrap()
        .text();
    assert!(text.contains(r"a\u{1b}[2J"), "{text}");
    assert!(text.contains(r"\u{1b}]0;title\u{7}\nb"), "{text}");
    let mut lines = text.lines();
    assert!(!lines.any(|line| line.contains(char::is_control)), "{text}");
}
