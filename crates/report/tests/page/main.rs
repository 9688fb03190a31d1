//! Checks what the page of made-up records contains and what it must not contain.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod made_up;
mod sweeps;

use std::path::{Path, PathBuf};

use compare::Run;
use made_up::{diverged, record, scores, test_set, write};
use record::Confusion;
use report::{Report, ReportError};
use serde_json::json;
use spec::{InputSpec, Noticed};
use tempfile::{TempDir, tempdir};

use crate::sweeps::collected;

fn read(sources: &[&Path]) -> Result<Report, ReportError> {
    let sources: Vec<PathBuf> = sources.iter().map(|&path| path.to_owned()).collect();
    Report::read(&sources, &mut |run: &Run| {
        if run.record.result.data.source == "elsewhere" {
            Err("No pictures: the data set is elsewhere.".to_owned())
        } else {
            Ok(test_set())
        }
    })
}

fn page(folder: &TempDir) -> String {
    read(&[folder.path()]).unwrap().html()
}

/// The page of the folder's experiments, each named.
fn page_of_named(folder: &TempDir) -> String {
    let experiments = std::fs::read_dir(folder.path()).unwrap();
    let paths: Vec<PathBuf> = experiments.map(|entry| entry.unwrap().path()).collect();
    let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    read(&paths).unwrap().html()
}

/// A results folder with three seeds of each experiment.
fn results(experiments: &[&str]) -> TempDir {
    let folder = tempdir().unwrap();
    for experiment in experiments {
        for seed in 0..3 {
            write(folder.path(), experiment, record(experiment, seed));
        }
    }
    folder
}

#[track_caller]
fn has(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "not in the page: {part}");
    }
}

/// The values of an attribute.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    let after = page.split(start.as_str()).skip(1);
    after.map(|rest| rest.split('"').next().unwrap()).collect()
}

#[test]
fn what_was_noticed_in_ones_own_data_is_said() {
    let folder = results(&["mnist"]);
    let page_without = page(&folder);
    assert!(!page_without.contains("Data of"));
    let mut own = record("own", 0);
    own.result.data.noticed = Some(Noticed {
        test_in_train: 3,
        dropped_rows: 1,
        ..Noticed::default()
    });
    write(folder.path(), "own", own);
    let expected = "3 test examples also occur in the training set; 1 row with a missing \
                    value was dropped.";
    has(&page(&folder), &[expected]);
}

#[test]
fn every_section_is_there() {
    let folder = results(&["one", "two"]);
    for (value, seed) in [(0.1, 0), (0.1, 1), (1.0, 0), (1.0, 1)] {
        let name = format!("one+optimizer.sgd.learning_rate={value}");
        let mut record = record(&name, seed);
        record.config["optimizer"]["sgd"]["learning_rate"] = json!(value);
        write(folder.path(), &name, record);
    }
    let unnamed = page(&folder);
    assert!(!unnamed.contains("<strong>best</strong>"));
    has(
        &unnamed,
        &["No verdicts: they are about the experiments that the command names"],
    );
    let page = page_of_named(&folder);
    for id in [
        "summary", "curves", "sweeps", "mistakes", "configs", "machines",
    ] {
        has(
            &page,
            &[&format!("<h2 id=\"{id}\""), &format!("href=\"#{id}\"")],
        );
    }
    has(
        &page,
        &[
            "<html lang=\"en\">",
            "10 runs of 4 experiments, 1 sweep",
            "synthetic digits, 10 test examples",
            // Means and deviations of the accuracies 0.9, 0.8, 0.7 and of the losses.
            "80.00 ± 10.00",
            "0.3100 ± 0.0100",
            "<strong>best</strong>",
            // Common seeds have the same values in both.
            "<strong>equivalent</strong>",
            "Mean of 3 seeds. Training loss: 0.9100 after epoch 1, 0.3100 after epoch 3.",
            "Validation accuracy by optimizer.sgd.learning_rate. 0.01: 86.17 ± 0.50 %; 0.1: 86.42 ± 0.35 %",
            "learning_rate, logarithmic",
            "class=\"area validation\" points=",
            "summed over 3 seeds",
            "most often 0 mistaken for 3, 3 times",
            "src=\"data:image/png;base64,",
            "<code>optimizer.<wbr>sgd.<wbr>learning_<wbr>rate",
            "Bit-reproducible",
            "yes: sums have an order",
            "2026-01-02 03:04:05 UTC",
        ],
    );
    // Every placeholder colour was replaced by a class.
    assert!(!page.contains("=\"#0102"), "a colour of a plot is left");
}

#[test]
fn networks_are_drawn_once_with_their_residuals() {
    let folder = results(&["unknown"]);
    for name in ["one", "two"] {
        let mut record = record(name, 0);
        record.config["model"] = json!({ "sequential": [
            { "conv2d": { "filters": 4, "kernel": 3 } },
            { "residual": [{ "conv2d": { "filters": 4, "kernel": 3, "padding": "same" } }] },
            "flatten",
            "output",
        ] });
        write(folder.path(), name, record);
    }
    let page = page(&folder);
    has(&page, &["<h2 id=\"networks\"", "href=\"#networks\""]);
    // 4 kernels of 3 x 3 and biases, the same over 4 channels, and 26 x 26 x 4 inputs for 10 classes.
    let parameters = 4 * 9 + 4 + 4 * 4 * 9 + 4 + 26 * 26 * 4 * 10 + 10;
    assert_eq!(parameters, 27_238);
    has(
        &page,
        &[
            "<figcaption>one<wbr>, two<wbr>: 27,238 parameters</figcaption>",
            "<span class=\"shape\">26 x 26 x 4</span>",
            "<span class=\"shape\">residual</span>",
            "<span class=\"shape\">add</span>",
            "<span class=\"shape\">2704</span>",
        ],
    );
    assert_eq!(page.matches("<figure class=\"network\"").count(), 1);
}

#[test]
fn nothing_is_asked_of_any_server() {
    let page = page(&results(&["one", "two"]));
    for reference in values(&page, "src").iter().chain(&values(&page, "href")) {
        let inside = reference.starts_with('#') || reference.starts_with("data:");
        assert!(inside, "{reference}");
    }
    for outside in ["<script", "http:", "https:", "url(", "@import", "<iframe"] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn ids_are_the_pages_only_and_references_lead_to_them() {
    let page = page(&results(&["one", "two"]));
    let mut ids = values(&page, "id");
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
    let links = values(&page, "href");
    let links = links.iter().filter_map(|link| link.strip_prefix('#'));
    let labels = values(&page, "aria-labelledby");
    let labels = labels.iter().flat_map(|labels| labels.split(' '));
    for reference in links.chain(labels) {
        assert!(ids.contains(&reference), "{reference}");
    }
    // No heading skips a level.
    let levels = page
        .match_indices("<h")
        .filter_map(|(at, _)| page[at + 2..].chars().next()?.to_digit(10));
    let levels: Vec<u32> = levels.collect();
    assert!(
        levels.windows(2).all(|two| two[1] <= two[0] + 1),
        "{levels:?}"
    );
}

#[test]
fn what_strangers_wrote_is_text() {
    let folder = tempdir().unwrap();
    let evil = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";
    for seed in 0..2 {
        let mut record = record(evil, seed);
        record.config["about"] = json!(evil);
        record.config["optimizer"] = json!({ evil: { evil: evil } });
        record.result.data.source = evil.to_owned();
        record.run.device = evil.to_owned();
        record.run.started_at = "</style><b>äöü</b>".to_owned();
        write(folder.path(), "evil", record);
    }
    let other = format!("{evil}+{evil}={evil}");
    let mut swept = record(&other, 0);
    swept.config["optimizer"] = json!({ evil: { evil: 1 } });
    write(folder.path(), "swept", swept);
    let row = json!({ "experiment": evil, "values": { evil: evil }, "runs": 1, "diverged": 0,
        "test_accuracy": { "mean": 0.5, "deviation": null }, "test_loss": null });
    let other = json!({ "experiment": evil, "values": { evil: 2 }, "runs": 1, "diverged": 1,
        "test_accuracy": null, "test_loss": null });
    let sweep = folder.path().join("<b>.jsonl");
    std::fs::write(&sweep, collected([row, other])).unwrap();
    std::fs::create_dir_all(folder.path().join("<i>/run")).unwrap();
    std::fs::write(folder.path().join("<i>/run/result.json"), evil).unwrap();
    let page = page(&folder);
    has(&page, &["&lt;script&gt;"]);
    for mark in ["<script", "<img src=x", "</style><b>", "<b>.jsonl", "<i>"] {
        assert!(!page.contains(mark), "{mark}");
    }
}

#[test]
fn diverged_runs_are_marked() {
    let folder = results(&["steady"]);
    write(folder.path(), "steady", diverged("steady", 3, 2));
    for seed in 0..2 {
        write(folder.path(), "lost", diverged("lost", seed, 0));
    }
    let page = page_of_named(&folder);
    has(
        &page,
        &[
            "Seed 3 diverged in epoch 3, step 17.",
            "line diverged",
            "<td class=\"number diverged\">1</td>",
            "No completed epochs.",
            "every run diverged",
            "2 to 3",
        ],
    );
}

#[test]
fn one_run_without_validation_is_enough() {
    let folder = tempdir().unwrap();
    let mut record = record("alone", 7);
    record.result.data.validation = None;
    for epoch in &mut record.result.epochs {
        epoch.validation = None;
    }
    write(folder.path(), "alone", record);
    let run = folder.path().join("alone/flex-seed7");
    for source in [folder.path(), &run, &run.join("result.json")] {
        let page = read(&[source]).unwrap().html();
        has(
            &page,
            &["Report on alone", "One seed.", "Nothing was held out"],
        );
        assert!(!page.contains("id=\"configs\"") && !page.contains("<polygon"));
    }
    // A source given twice counts once.
    let page = read(&[folder.path(), &run]).unwrap().html();
    has(&page, &["1 run of 1 experiment,"]);
}

#[test]
fn what_cannot_be_read_is_listed_and_stops_nothing() {
    let folder = results(&["good"]);
    let good = folder.path().join("good/flex-seed0/result.json");
    let json = std::fs::read_to_string(&good).unwrap();
    let cases = [
        ("cut", json[..json.len() / 2].to_owned()),
        (
            "old",
            json.replace(
                &format!("\"schema_version\": {}", record::SCHEMA_VERSION),
                "\"schema_version\": 1",
            ),
        ),
        ("changed", json.replace("0.9,", "0.95,")),
        ("empty", String::new()),
        ("infinite", json.replace("0.001", "1e999")),
        ("extra", json.replace("\"seed\"", "\"sown\\n\"")),
    ];
    for (name, damaged) in &cases {
        assert_ne!(*damaged, json, "{name} is damaged");
        let run = folder.path().join(format!("bad/{name}"));
        std::fs::create_dir_all(&run).unwrap();
        std::fs::write(run.join("result.json"), damaged).unwrap();
    }
    let copy = folder.path().join("good/copy");
    std::fs::create_dir(&copy).unwrap();
    std::fs::copy(&good, copy.join("result.json")).unwrap();
    std::fs::create_dir_all(folder.path().join("begun/run")).unwrap();
    for file in [record::RunFolder::CONFIG, record::RunFolder::METRICS] {
        std::fs::write(folder.path().join("begun/run").join(file), "{}").unwrap();
    }
    std::fs::write(folder.path().join("other.jsonl"), "{}").unwrap();
    let sweep = "{\"values\": 1, \"test_accuracy\": 1}\n";
    std::fs::write(folder.path().join("sweep.jsonl"), sweep).unwrap();

    let report = read(&[folder.path()]).unwrap();
    assert_eq!(
        report.unreadable().len(),
        cases.len() + 2,
        "{:#?}",
        report.unreadable()
    );
    assert!(report.unreadable().iter().all(|line| !line.contains('\n')));
    let page = report.html();
    has(
        &page,
        &[
            "Left out because unreadable",
            "Not finished",
            "begun/run, interrupted: 0 epochs done",
            "digest mismatch",
            "schema 1",
        ],
    );
    has(&page, &["3 runs of 1 experiment"]);
}

#[test]
fn a_mangled_record_never_panics() {
    let folder = results(&["good"]);
    let path = folder.path().join("good/flex-seed0/result.json");
    let json = std::fs::read(&path).unwrap();
    // The digest covers only `result`; many changes elsewhere leave the record readable.
    for at in (0..json.len()).step_by(17) {
        let mut mangled = json.clone();
        mangled[at] = b"0\"}-"[at % 4];
        std::fs::write(&path, mangled).unwrap();
        assert!(page(&folder).ends_with("</html>"));
    }
}

#[test]
fn absurd_numbers_draw_no_absurd_plot() {
    let folder = tempdir().unwrap();
    for seed in 0..2 {
        let mut record = record("absurd", seed);
        record.result.epochs[0].epoch = usize::MAX;
        record.result.epochs[1].train = scores(1.7e308);
        record.result.epochs[2].train = scores(-1.7e308);
        record.result.epochs[2].validation = Some(scores(1e11));
        record.result.data.test.examples = usize::MAX;
        record.result.parameters = usize::MAX;
        record.run.total_s = 1.7e308;
        let test = record.result.test.as_mut().unwrap();
        (test.loss, test.accuracy) = (1.7e308, -1.7e308);
        test.confusion = serde_json::from_value(json!([u64::MAX.to_string()])).unwrap();
        test.hardest[0].example = usize::MAX;
        test.hardest[0].probability = -0.0;
        write(folder.path(), "absurd", record);
    }
    let page = page(&folder);
    for number in ["NaN", "inf"] {
        assert!(
            !page.contains(&format!(">{number}<")) && !page.contains(&format!("\"{number}\"")),
            "{number}"
        );
    }
}

#[test]
fn nothing_to_report_on_is_an_error_with_a_remedy() {
    let folder = tempdir().unwrap();
    let missing = folder.path().join("missing");
    for (source, said) in [
        (missing.as_path(), "name a results folder"),
        (folder.path(), "`hearth run`"),
    ] {
        let error = read(&[source]).unwrap_err().to_string();
        assert!(
            error.contains(said) && error.contains(source.to_str().unwrap()),
            "{error}"
        );
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

#[test]
fn pictures_come_from_the_test_set_that_was_measured() {
    let folder = tempdir().unwrap();
    for (index, kind) in ["drawn", "other", "texts", "rows", "elsewhere"]
        .into_iter()
        .enumerate()
    {
        let mut record = record(kind, 0);
        let data = &mut record.result.data;
        if kind != "drawn" {
            data.test.digest = format!("sha256:0{index}");
        }
        match kind {
            "texts" => {
                record.spec.input = InputSpec::Tokens {
                    vocabulary: 100,
                    length: 9,
                }
            }
            "rows" => record.spec.input = InputSpec::Dense { shape: vec![784] },
            "elsewhere" => data.source = kind.to_owned(),
            _ => {}
        }
        write(folder.path(), kind, record);
    }
    let page = page(&folder);
    has(
        &page,
        &[
            "is not the one that was tested on",
            "The examples are texts",
            "the examples are not images",
            "the data set is elsewhere",
            "width=\"56\" height=\"56\"",
        ],
    );
    assert_eq!(page.matches("data:image/png").count(), 1);
}

#[test]
fn classes_are_named_as_the_data_name_them() {
    let folder = tempdir().unwrap();
    let mut record = record("named", 0);
    record.spec.classes = ["boot", "coat", "shoe", "bag"].map(str::to_owned).to_vec();
    write(folder.path(), "named", record);
    has(
        &page(&folder),
        &[
            "most often boot mistaken for bag, 1 time",
            "boot classified as bag",
            "probability of boot: 0.10 %",
            // A class without a name is shown by its number.
            "<th scope=\"row\">4</th>",
        ],
    );
}

#[test]
fn seeds_of_different_configs_stay_apart() {
    let folder = results(&["one"]);
    let mut edited = record("one", 3);
    edited.signature = record::sha256(b"edited");
    write(folder.path(), "one", edited);
    let page = page(&folder);
    has(&page, &["4 runs of 2 experiments", "config sha256:"]);
}

#[cfg(unix)]
#[test]
fn a_folder_that_links_to_itself_is_searched_once() {
    let folder = results(&["steady"]);
    for link in 0..100 {
        let link = folder.path().join(format!("steady/link{link}"));
        std::os::unix::fs::symlink(folder.path(), link).unwrap();
    }
    let page = page(&folder);
    has(&page, &["3 runs of 1 experiment"]);
}

#[test]
fn a_page_of_many_long_runs_stays_small() {
    let folder = tempdir().unwrap();
    for experiment in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"] {
        for seed in 0..8 {
            let mut record = record(experiment, seed);
            let first = record.result.epochs[0].clone();
            let long = (1..=2000).map(|epoch| record::Epoch {
                epoch,
                train: scores(0.5 + (epoch as f64).sin()),
                ..first.clone()
            });
            record.result.epochs = long.collect();
            write(folder.path(), experiment, record);
        }
    }
    let bytes = page(&folder).len();
    assert!(bytes < 3_000_000, "{bytes}");
}

#[test]
fn the_best_is_chosen_on_validation_and_learnt_something() {
    let results = tempfile::tempdir().unwrap();
    for seed in 0..2 {
        write(results.path(), "plain", record("plain", seed));
        // Better on validation, worse on the test set.
        let mut chosen = record("chosen", seed);
        chosen.result.epochs[2].validation = Some(scores(0.1));
        chosen.result.test.as_mut().unwrap().accuracy = 0.5;
        write(results.path(), "chosen", chosen);
        // The best on both, with one answer for everything.
        let mut idle = record("idle", seed);
        idle.result.epochs[2].validation = Some(scores(0.01));
        let test = idle.result.test.as_mut().unwrap();
        test.accuracy = 0.95;
        test.confusion = Confusion::new(10, (0..10).map(|example| (example, 3)));
        write(results.path(), "idle", idle);
    }
    let page = page_of_named(&results);
    let verdict = |name: &str| {
        let row = page
            .split("<tr>")
            .find(|row| row.contains(&format!(">{name}<wbr>")));
        row.unwrap().contains("<strong>best</strong>")
    };
    assert!(verdict("chosen") && !verdict("plain") && !verdict("idle"));
    has(
        &page,
        &[
            "best on validation first",
            "<strong>learnt nothing</strong>",
            "all seeds, as of 0: learnt nothing: every test example is answered with `3`.",
        ],
    );
}

/// A baseline named beforehand is compared with all that are shown, each pair with it a test.
#[test]
fn a_named_baseline_takes_the_place_of_the_best() {
    let folder = results(&["one", "two", "three"]);
    let report = || read(&[folder.path()]).unwrap();
    assert!(!report().html().contains("vs. best"));
    let page = report().with_baseline("two").unwrap().html();
    has(
        &page,
        &[
            "vs. two",
            "<strong>baseline</strong>",
            "for all comparisons on a test set",
        ],
    );
    let error = report().with_baseline("four").unwrap_err().to_string();
    assert!(error.contains("name one of: one, three, two"), "{error}");
    let mut alone = record("alone", 0);
    alone.signature = record::sha256(b"alone");
    write(folder.path(), "alone", alone);
    let error = report().with_baseline("alone").unwrap_err().to_string();
    assert!(error.contains("has one seed"), "{error}");
}

/// How many looked at a test set, and where its examples flip.
#[test]
fn the_page_tells_the_use_of_the_test_set_and_the_flips() {
    let page = page(&results(&["one", "two"]));
    has(
        &page,
        &[
            "of 2 configs were tested on the same",
            "Examples that flip with the seed",
            "Of two seeds, one is right and the other wrong on",
        ],
    );
}

#[test]
fn why_experiments_are_not_compared_is_said() {
    let folder = results(&["one", "two"]);
    let mut copy = record("two", 0);
    copy.seed = 9;
    write(folder.path(), "two", copy);
    has(
        &page_of_named(&folder),
        &[
            "Not compared: ",
            "flex-seed0, under another seed; leave out one of them",
        ],
    );
}

#[test]
fn markers_are_found_however_an_editor_saves_them() {
    let results = results(&["one"]);
    let report = read(&[results.path()]).unwrap();
    let filled = |text: &str| {
        let readme = results.path().join("README.md");
        std::fs::write(&readme, text).unwrap();
        report.fill(&readme, None).unwrap()
    };
    let plain = filled("a\n<!-- table: begin -->\nold\n<!-- table: end -->");
    assert!(
        plain.contains("| `one` |") && !plain.contains("old"),
        "{plain}"
    );
    assert!(plain.ends_with("<!-- table: end -->"), "{plain}");
    let windows = filled("\u{feff}<!-- table: begin -->  \r\nold\r\n<!-- table: end -->\r\nb\r\n");
    assert!(
        windows.starts_with("\u{feff}<!-- table: begin -->  \r\n| experiment"),
        "{windows}"
    );
    assert!(
        windows.ends_with("\r\n<!-- table: end -->\r\nb\r\n"),
        "{windows}"
    );
    assert_eq!(
        windows.matches('\n').count(),
        windows.matches("\r\n").count()
    );
}
