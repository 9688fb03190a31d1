//! A run's record, `result.json`, and its comparison with others.

use std::fs;
use std::path::{Path, PathBuf};

use ::config::Plan;
use compare::{Comparison, Group, Options, Run, Verdict, Verification, verify};
use record::{Metric, Record, RunFolder, SCHEMA_VERSION};
use tempfile::TempDir;

use super::sentence;

thread_local! {
    /// One folder for all inputs, removed when the test ends.
    static FOLDER: TempDir = tempfile::tempdir().expect("a temporary folder");
}

/// Checks that a record is refused with a one-line error, or is written back unchanged and can be
/// compared.
pub fn check(data: &[u8]) {
    FOLDER.with(|folder| check_in(folder.path(), data));
}

fn check_in(folder: &Path, data: &[u8]) {
    match read(folder, data) {
        Ok(record) => assert_eq!(read(folder, &json(&record)), Ok(record)),
        Err(error) => sentence::check(&error),
    }
    let Ok(mut record) = serde_json::from_slice::<Record>(data) else {
        return;
    };
    // Mutations cannot guess the digest.
    record.schema_version = SCHEMA_VERSION;
    let record = record.sealed();
    match read(folder, &json(&record)) {
        Ok(read) => assert_eq!(read, record),
        Err(error) => return sentence::check(&error),
    }
    check_figures(&record);
    match Plan::of(&record, folder.to_owned(), "result.json") {
        Ok(plan) => assert_eq!(plan.name(), record.experiment),
        Err(error) => sentence::check(&error.to_string()),
    }
    check_comparisons(&record);
}

fn read(folder: &Path, json: &[u8]) -> Result<Record, String> {
    fs::write(folder.join("result.json"), json).expect("a writable folder");
    match RunFolder::at(folder.to_owned()).read() {
        Ok(record) => Ok(record.expect("the file exists")),
        Err(error) => Err(error.to_string()),
    }
}

fn json(record: &Record) -> Vec<u8> {
    serde_json::to_vec(record).expect("JSON")
}

fn check_figures(record: &Record) {
    let part = |figure: Option<f64>| figure.is_none_or(|figure| (0.0..=1.0).contains(&figure));
    if let Some(test) = &record.result.test {
        assert!(test.correct.correct() <= test.correct.len());
        for class in 0..test.confusion.counts().len() {
            assert!(part(test.confusion.recall(class)));
            assert!(part(test.confusion.precision(class)));
        }
    }
    let same = verify(record, record, 0.0);
    assert_eq!(same, Verification::BitExact);
}

/// Compares the record with itself, and compares runs made from the scores of its epochs.
fn check_comparisons(record: &Record) {
    let diverged = group("one", [record.clone()]).diverged() > 0;
    for metric in Metric::ALL {
        let mut other = record.clone();
        other.config = "none".into();
        let one = [group("one", [record.clone()]), group("two", [other])];
        let comparison = compared(one.to_vec(), metric);
        let verdict = comparison.contrasts[0].verdict;
        if metric.of(record).is_some() && !diverged {
            assert_eq!(verdict, Verdict::Equivalent, "{metric}");
        }
        let epochs = record.result.epochs.len().min(12);
        if epochs > 1 {
            // The seeds pair up if the record's seed is even.
            let step = 1 + record.seed % 2;
            let (first, second) = (0..epochs).partition::<Vec<usize>, _>(|epoch| epoch % 2 == 0);
            let sides = [("one", first), ("two", second)].map(|(name, epochs)| {
                let seeds = (epochs[0] as u64 * (step - 1)..).step_by(step as usize);
                let runs = seeds.zip(epochs);
                group(
                    name,
                    runs.map(|(seed, epoch)| with_figures(record, seed, epoch)),
                )
            });
            compared(sides.to_vec(), metric);
        }
    }
}

fn compared(groups: Vec<Group>, metric: Metric) -> Comparison {
    let options = Options {
        metric,
        ..Options::default()
    };
    let comparison = Comparison::of(groups, &options).expect("two groups");
    for contrast in &comparison.contrasts {
        for p in [contrast.p, contrast.p_holm].into_iter().flatten() {
            assert!((0.0..=1.0).contains(&p), "p = {p}");
        }
    }
    for text in [comparison.text(), comparison.markdown()] {
        let mut lines = text.lines().filter(|line| !line.is_empty());
        lines.by_ref().for_each(sentence::check);
    }
    assert!(comparison.csv().lines().count() > 1);
    serde_json::from_str::<serde_json::Value>(&comparison.json()).expect("JSON");
    comparison
}

/// The record with an epoch's scores as the test scores, and no later epochs.
fn with_figures(record: &Record, seed: u64, epoch: usize) -> Record {
    let mut record = record.clone();
    record.seed = seed;
    record.result.epochs.truncate(epoch + 1);
    record.result.best_epoch = None;
    if let (Some(test), Some(epoch)) = (&mut record.result.test, record.result.epochs.last()) {
        (test.loss, test.accuracy) = (epoch.train.loss, epoch.train.accuracy);
    }
    record.sealed()
}

fn group(name: &str, records: impl IntoIterator<Item = Record>) -> Group {
    let runs = records.into_iter().map(|record| {
        let path = PathBuf::from(format!("{name}/{}", record.seed));
        Run {
            place: path.clone(),
            path,
            record,
        }
    });
    Group {
        name: name.to_owned(),
        argument: name.to_owned(),
        runs: runs.collect(),
        unfinished: Vec::new(),
    }
}
