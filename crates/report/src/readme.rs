//! Tables of results within a text that people write.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::Report;
use crate::config::shown;
use crate::experiment::Experiment;
use crate::figure::Figure;
use crate::figures::{count, loss, loss_figure, optional, percent_figure};
use crate::sweep::Sweep;

const TABLE: &str = "<!-- table: begin -->\n";
const TABLE_END: &str = "<!-- table: end -->\n";
const SWEEP: &str = "<!-- sweep: ";
const SWEEP_END: &str = "<!-- sweep: end -->\n";

/// Why a text gets no tables.
#[derive(Debug, thiserror::Error)]
pub enum ReadmeError {
    #[error("{}: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: not figures to stand beside ours: {source}", path.display())]
    Reference {
        path: PathBuf,
        source: serde_json::Error,
    },
    #[error("{}: {problem}", path.display())]
    Markers { path: PathBuf, problem: String },
}

/// What another program reached on the same experiments.
#[derive(Clone, Debug, Deserialize)]
pub struct Reference {
    /// Whose the figures are.
    name: String,
    experiments: BTreeMap<String, ReferenceFigures>,
}

#[derive(Clone, Debug, Deserialize)]
struct ReferenceFigures {
    /// A fraction of one for each seed.
    test_accuracy: Vec<f64>,
    final_validation_loss_mean: f64,
}

impl Reference {
    /// # Errors
    ///
    /// When the file cannot be read or holds something else.
    pub fn read(path: &Path) -> Result<Self, ReadmeError> {
        let json = read(path)?;
        serde_json::from_str(&json).map_err(|source| ReadmeError::Reference {
            path: path.to_owned(),
            source,
        })
    }
}

impl Report {
    /// The text at `path` with its tables made anew: that of the experiments between the lines
    /// `<!-- table: begin -->` and `<!-- table: end -->`, that of a collected sweep between
    /// `<!-- sweep: NAME -->` and `<!-- sweep: end -->`. All else stays.
    ///
    /// # Errors
    ///
    /// When the text cannot be read, has no such lines, begins a table that has no end, or names a
    /// sweep that is not among the results.
    pub fn fill(&self, path: &Path, reference: Option<&Reference>) -> Result<String, ReadmeError> {
        let text = read(path)?;
        let markers = |problem: String| ReadmeError::Markers {
            path: path.to_owned(),
            problem,
        };
        let mut filled = String::new();
        let mut rest = text.as_str();
        while let Some((at, marker)) = next_marker(rest) {
            let (before, after) = rest.split_at(at + marker.len());
            filled += before;
            let (table, end) = match marker.strip_prefix(SWEEP) {
                None => (self.experiments_table(path, reference), TABLE_END),
                Some(name) => {
                    let name = name.trim_end().trim_end_matches("-->").trim_end();
                    let sweep = self.sweeps.iter().find(|sweep| sweep.name == name);
                    let sweep = sweep.ok_or_else(|| {
                        markers(format!("no sweep `{name}` is among the results"))
                    })?;
                    (sweep_table(sweep), SWEEP_END)
                }
            };
            let stale = after.find(end).ok_or_else(|| {
                let (marker, end) = (marker.trim_end(), end.trim_end());
                markers(format!("`{marker}` is not followed by `{end}`"))
            })?;
            filled += &table;
            filled += end;
            rest = &after[stale + end.len()..];
        }
        if filled.is_empty() {
            let (begin, end) = (TABLE.trim_end(), TABLE_END.trim_end());
            return Err(markers(format!(
                "no place for a table; put the lines `{begin}` and `{end}` where it belongs"
            )));
        }
        Ok(filled + rest)
    }

    fn experiments_table(&self, readme: &Path, reference: Option<&Reference>) -> String {
        let mut head = vec!["experiment".to_owned(), "test accuracy, %".to_owned()];
        head.extend(["n", "validation loss"].map(str::to_owned));
        if let Some(Reference { name, .. }) = reference {
            head.extend([format!("{name}'s accuracy, %"), format!("{name}'s n")]);
            head.push(format!("{name}'s loss"));
        }
        let mut table = row(&head);
        table += &rule(&head);
        for experiment in &self.experiments {
            table += &row(&cells(experiment, readme, reference));
        }
        table + "\n" + &self.commands()
    }

    /// What made the runs: a command for all experiments with the same seeds.
    fn commands(&self) -> String {
        let mut by_seeds: BTreeMap<(&Path, &str, String), Vec<&str>> = BTreeMap::new();
        for experiment in &self.experiments {
            let first = experiment.first();
            let key = (
                experiment.folder(),
                first.run.backend.as_str(),
                seeds(experiment),
            );
            by_seeds.entry(key).or_default().push(&first.experiment);
        }
        let mut text = "Made by\n\n```sh\n".to_owned();
        for ((folder, backend, seeds), experiments) in by_seeds {
            let configs = match experiments.as_slice() {
                [only] => (*only).to_owned(),
                several => format!("{{{}}}", several.join(",")),
            };
            let folder = folder.display();
            writeln!(
                text,
                "hearth run configs/{configs}.json --backend {backend} --seeds {seeds} --out {folder}"
            )
            .expect("a text takes whatever is written");
        }
        text + "```\n"
    }
}

fn read(path: &Path) -> Result<String, ReadmeError> {
    std::fs::read_to_string(path).map_err(|source| ReadmeError::Io {
        path: path.to_owned(),
        source,
    })
}

/// Where a table begins, and the line that says so.
fn next_marker(text: &str) -> Option<(usize, &str)> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line == TABLE || (line.starts_with(SWEEP) && line != SWEEP_END) {
            return Some((at, line));
        }
        at += line.len();
    }
    None
}

fn cells(experiment: &Experiment, readme: &Path, reference: Option<&Reference>) -> Vec<String> {
    let name = experiment.name();
    let config = format!("configs/{}.json", experiment.first().experiment);
    let is_there = readme.with_file_name(&config).is_file();
    let last_losses: Vec<f64> = experiment
        .completed()
        .filter_map(|run| Some(run.result.epochs.last()?.validation?.loss))
        .collect();
    let accuracies = experiment.accuracies();
    let mut cells = vec![
        match is_there {
            true => format!("[`{name}`]({config})"),
            false => format!("`{name}`"),
        },
        percent_figure(Figure::of(&accuracies)),
        accuracies.len().to_string(),
        loss_figure(Figure::of(&last_losses)),
    ];
    if let Some(reference) = reference {
        let theirs = reference.experiments.get(&experiment.first().experiment);
        let accuracies = theirs.map_or(&[][..], |theirs| &theirs.test_accuracy);
        cells.push(percent_figure(Figure::of(accuracies)));
        cells.push(accuracies.len().to_string());
        let last = theirs.map(|theirs| theirs.final_validation_loss_mean);
        cells.push(optional(last, loss));
    }
    cells
}

fn sweep_table(sweep: &Sweep) -> String {
    let head = [&sweep.key, "test accuracy, %", "test loss", "n"].map(str::to_owned);
    let mut table = row(&head) + &rule(&head);
    for point in &sweep.points {
        let runs = match point.diverged {
            0 => point.runs.to_string(),
            diverged => format!("{}, {} diverged", point.runs, count(diverged, "run")),
        };
        table += &row(&[
            shown(&point.value),
            percent_figure(point.accuracy),
            loss_figure(point.loss),
            runs,
        ]);
    }
    table
}

fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

fn rule(head: &[String]) -> String {
    format!("|{}\n", "---|".repeat(head.len()))
}

/// As `--seeds` takes them: a range, or one by one.
fn seeds(experiment: &Experiment) -> String {
    let seeds: Vec<u64> = experiment.runs().map(|run| run.seed).collect();
    let follow = seeds.windows(2).all(|pair| pair[0] + 1 == pair[1]);
    match seeds.as_slice() {
        [first, .., last] if follow && last < &u64::MAX => format!("{first}..{}", last + 1),
        seeds => {
            let seeds: Vec<String> = seeds.iter().map(u64::to_string).collect();
            seeds.join(",")
        }
    }
}
