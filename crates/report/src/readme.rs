//! Fills the tables of results in a hand-written text.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use compare::statistics::MeanAndDeviation;
use present::{Column, Table, count, loss};
use record::{Metric, Quantity};
use serde::Deserialize;
use spec::{Split, read_at_most};

use crate::Report;
use crate::experiment::Experiment;
use crate::means;
use crate::sweep::Sweep;

const TABLE: &str = "<!-- table: begin -->";
const TABLE_END: &str = "<!-- table: end -->";
const SWEEP: &str = "<!-- sweep: ";
const SWEEP_END: &str = "<!-- sweep: end -->";

/// Why the tables of a text cannot be filled.
#[derive(Debug, thiserror::Error)]
pub enum ReadmeError {
    /// A file cannot be read.
    #[error("{}: {}", path.display(), spec::system(source))]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file does not contain reference results.
    #[error("{}: not reference results: {source}", path.display())]
    Reference {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The text is too long or not text, or its table markers are missing or not valid.
    #[error("{}: {problem}", path.display())]
    Text {
        /// The text.
        path: PathBuf,
        /// The problem and the remedy.
        problem: String,
    },
}

/// Another program's results for the same experiments.
#[derive(Clone, Debug, Deserialize)]
pub struct Reference {
    /// The program's name.
    name: String,
    experiments: BTreeMap<String, ReferenceFigures>,
}

#[derive(Clone, Debug, Deserialize)]
struct ReferenceFigures {
    /// One value per seed, as a fraction of one.
    test_accuracy: Vec<f64>,
    final_validation_loss_mean: f64,
}

impl Reference {
    /// Reads reference results from a JSON file: the program's `name`, and under `experiments` the
    /// `test_accuracy` of each seed and the `final_validation_loss_mean`, by experiment.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or does not contain reference results.
    pub fn read(path: &Path) -> Result<Self, ReadmeError> {
        let json = read(path)?;
        serde_json::from_str(&json).map_err(|source| ReadmeError::Reference {
            path: path.to_owned(),
            source,
        })
    }
}

impl Report {
    /// Returns the text at `path` with new tables: the table of experiments between the lines
    /// `<!-- table: begin -->` and `<!-- table: end -->`, the table of a collected sweep between
    /// `<!-- sweep: NAME -->` and `<!-- sweep: end -->`. The rest is unchanged.
    ///
    /// # Errors
    ///
    /// If the text cannot be read, has no such lines, lacks the end of a table, has a table of
    /// experiments without results, or names a sweep that is not among them.
    pub fn fill(&self, path: &Path, reference: Option<&Reference>) -> Result<String, ReadmeError> {
        let text = read(path)?;
        let markers = |problem: String| ReadmeError::Text {
            path: path.to_owned(),
            problem,
        };
        let mut filled = String::new();
        let mut rest = text.as_str();
        while let Some((end, line)) = next_marker(rest) {
            let (before, after) = rest.split_at(end);
            filled += before;
            let marker = plain(line);
            let (table, end) = match marker.strip_prefix(SWEEP) {
                None if self.experiments.is_empty() => {
                    let problem =
                        "no runs among the results; name their folder, or remove the table";
                    return Err(markers(problem.to_owned()));
                }
                None => (self.experiments_table(path, reference), TABLE_END),
                Some(name) => {
                    let name = name.trim_end_matches("-->").trim_end();
                    let sweep = self.sweeps.iter().find(|sweep| sweep.name == name);
                    let sweep = sweep.ok_or_else(|| {
                        markers(format!(
                            "no sweep `{name}` among the results; collect it, or remove its table"
                        ))
                    })?;
                    (sweep_table(sweep), SWEEP_END)
                }
            };
            let stale = position_of(end, after).ok_or_else(|| {
                markers(format!(
                    "`{marker}` has no end marker; add the line `{end}` below it"
                ))
            })?;
            // As the text itself ends its lines.
            if line.ends_with("\r\n") {
                filled += &table.replace('\n', "\r\n");
            } else {
                filled += &table;
            }
            rest = &after[stale..];
        }
        if filled.is_empty() {
            return Err(markers(format!(
                "no table markers; add the lines `{TABLE}` and `{TABLE_END}` where the table belongs"
            )));
        }
        Ok(filled + rest)
    }

    fn experiments_table(&self, readme: &Path, reference: Option<&Reference>) -> String {
        let columns = ["experiment", "test accuracy, %", "n", "validation loss"];
        let mut columns = columns.map(Column::text).to_vec();
        if let Some(Reference { name, .. }) = reference {
            let theirs = ["accuracy, %", "n", "loss"];
            columns.extend(theirs.map(|title| Column::text(format!("{name}'s {title}"))));
        }
        let mut table = Table::new(columns);
        for experiment in &self.experiments {
            table.add(cells(experiment, readme, reference));
        }
        table.markdown() + "\n" + &self.commands()
    }

    /// The commands that reproduce the runs; experiments with the same seeds share a command.
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
            text += &format!(
                "hearth run configs/{configs}.json --backend {backend} --seeds {seeds} --out {folder}\n"
            );
        }
        text + "```\n"
    }
}

/// The longest text.
const MOST_BYTES: u64 = 16 << 20;

fn read(path: &Path) -> Result<String, ReadmeError> {
    let read = File::open(path).and_then(|file| read_at_most(file, MOST_BYTES));
    let read = read.map_err(|source| ReadmeError::Io {
        path: path.to_owned(),
        source,
    })?;
    let text = |problem: &str| ReadmeError::Text {
        path: path.to_owned(),
        problem: problem.to_owned(),
    };
    let bytes = read.ok_or_else(|| text("a text of over 16 MiB; name another file"))?;
    String::from_utf8(bytes).map_err(|_| text("not UTF-8 text; save it as UTF-8"))
}

/// The next line that begins a table, with the position of its end.
fn next_marker(text: &str) -> Option<(usize, &str)> {
    let is_marker = |line: &str| {
        let line = plain(line);
        line == TABLE || (line.starts_with(SWEEP) && line != SWEEP_END)
    };
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        end += line.len();
        if is_marker(line) {
            return Some((end, line));
        }
    }
    None
}

/// The position of the first line that is this marker.
fn position_of(marker: &str, text: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if plain(line) == marker {
            return Some(at);
        }
        at += line.len();
    }
    None
}

/// A line without what editors add: the end of the line, blanks before it, a byte order mark.
fn plain(line: &str) -> &str {
    line.trim_start_matches('\u{feff}').trim_end()
}

fn cells(experiment: &Experiment, readme: &Path, reference: Option<&Reference>) -> Vec<String> {
    let name = experiment.name();
    let config = format!("configs/{}.json", experiment.first().experiment);
    let accuracy = Metric::of_kept(Split::Test, Quantity::Accuracy);
    let last_loss = Metric::of_last(Split::Validation, Quantity::Loss);
    let mut cells = vec![
        if readme.with_file_name(&config).is_file() {
            format!("[`{name}`]({config})")
        } else {
            format!("`{name}`")
        },
        means::accuracy(experiment.mean(accuracy)),
        experiment.group.figures(accuracy).len().to_string(),
        means::loss(experiment.mean(last_loss)),
    ];
    if let Some(reference) = reference {
        let theirs = reference.experiments.get(&experiment.first().experiment);
        let accuracies = theirs.map_or(&[][..], |theirs| &theirs.test_accuracy);
        cells.push(means::accuracy(MeanAndDeviation::of(accuracies)));
        let count = theirs.map(|_| accuracies.len().to_string());
        cells.push(means::or_dash(count));
        let last = theirs.map(|theirs| loss(theirs.final_validation_loss_mean));
        cells.push(means::or_dash(last));
    }
    cells
}

fn sweep_table(sweep: &Sweep) -> String {
    let validation = sweep.is_validated().then_some("validation accuracy, %");
    let columns = [sweep.key.as_str()].into_iter().chain(validation);
    let columns = columns.chain(["test accuracy, %", "test loss", "n"]);
    let mut table = Table::new(columns.map(Column::text));
    for point in &sweep.points {
        let runs = if point.diverged == 0 {
            point.runs.to_string()
        } else {
            format!("{}, {} diverged", point.runs, count(point.diverged, "run"))
        };
        let validation = validation.map(|_| means::accuracy(point.validation));
        let cells = [point.label.clone()].into_iter().chain(validation);
        table.add(cells.chain([
            means::accuracy(point.accuracy),
            means::loss(point.loss),
            runs,
        ]));
    }
    table.markdown()
}

/// The seeds in the form that `--seeds` accepts: a range or a list.
fn seeds(experiment: &Experiment) -> String {
    let seeds: Vec<u64> = experiment.runs().map(|run| run.seed).collect();
    let consecutive = seeds.windows(2).all(|pair| pair[0] + 1 == pair[1]);
    match seeds.as_slice() {
        [first, .., last] if consecutive && last < &u64::MAX => format!("{first}..{}", last + 1),
        seeds => {
            let seeds: Vec<String> = seeds.iter().map(u64::to_string).collect();
            seeds.join(",")
        }
    }
}
