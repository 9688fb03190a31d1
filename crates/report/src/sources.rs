//! Finds the runs and sweeps in the given folders and files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use compare::Run;
use record::RunFolder;
use spec::system;

use crate::ReportError;
use crate::collected::{self, Collected};

/// How many levels below a given folder runs are searched: enough for
/// `results/reference/experiment/run`, plus one.
const DEEPEST: usize = 4;

#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// Each run with its results folder.
    pub runs: Vec<(PathBuf, Run)>,
    pub sweeps: Vec<Collected>,
    /// One line for each file that cannot be read, with the reason.
    pub unreadable: Vec<String>,
    /// A line for each unfinished run.
    pub unfinished: Vec<String>,
    seen: BTreeSet<PathBuf>,
}

impl Sources {
    pub fn read(named: &[PathBuf]) -> Result<Self, ReportError> {
        let mut sources = Self::default();
        for path in named {
            if path.is_dir() {
                sources.folder(path);
            } else if path.ends_with(RunFolder::RESULT) && path.is_file() {
                let folder = path.parent().unwrap_or(Path::new("."));
                sources.run(&RunFolder::at(folder.to_owned()));
            } else if path.is_file() {
                sources.named_file(path);
            } else {
                return Err(ReportError::Missing { path: path.clone() });
            }
        }
        Ok(sources)
    }

    /// Searches a folder, level by level: where links lead to one by many ways, the shortest counts.
    fn folder(&mut self, named: &Path) {
        let mut level = self.within(RunFolder::at(named.to_owned()));
        for _ in 0..DEEPEST {
            let folders = level.into_iter().map(RunFolder::in_results);
            level = folders.flat_map(|folder| self.within(folder)).collect();
        }
    }

    /// Adds the run in a folder, or the sweeps in it. Returns the folders in it, if it is no run's.
    fn within(&mut self, run: RunFolder) -> Vec<PathBuf> {
        let folder = run.path();
        if run.is_finished() {
            self.run(&run);
            return Vec::new();
        }
        if self.new_place(folder).is_none() {
            return Vec::new();
        }
        if let Some(state) = run.unfinished() {
            self.unfinished
                .push(format!("{}, {state}", folder.display()));
            return Vec::new();
        }
        let entries = std::fs::read_dir(folder).and_then(|entries| {
            let paths = entries.map(|entry| entry.map(|entry| entry.path()));
            paths.collect::<Result<BTreeSet<PathBuf>, _>>()
        });
        let entries = entries.unwrap_or_else(|error| {
            self.problem(folder, &system(&error));
            BTreeSet::new()
        });
        let (folders, files): (Vec<_>, Vec<_>) = entries.into_iter().partition(|at| at.is_dir());
        // Files other than collected sweeps are ignored.
        for file in files {
            if file.is_file() && file.extension().is_some_and(|found| found == "jsonl") {
                self.sweep(&file);
            }
        }
        folders
    }

    fn named_file(&mut self, path: &Path) {
        if !self.sweep(path) {
            let problem = "neither a run nor the output of `hearth sweep collect --json`";
            self.problem(path, problem);
        }
    }

    fn run(&mut self, run: &RunFolder) {
        let folder = run.path();
        let Some(place) = self.new_place(folder) else {
            return;
        };
        match run.read() {
            Ok(Some(record)) => {
                let path = folder.to_owned();
                let run = Run {
                    path,
                    place,
                    record,
                };
                self.runs.push((results_folder(folder), run));
            }
            Ok(None) => {}
            Err(error) => self.unreadable.push(one_line(&error.to_string())),
        }
    }

    /// Adds a sweep. Returns whether the file is one, readable or not.
    fn sweep(&mut self, path: &Path) -> bool {
        if self.new_place(path).is_none() {
            return true;
        }
        match collected::read(path) {
            Ok(Some(sweep)) => self.sweeps.push(sweep),
            Ok(None) => return false,
            Err(problem) => self.problem(path, &problem),
        }
        true
    }

    fn problem(&mut self, path: &Path, problem: &str) {
        let problem = format!("{}: {problem}", path.display());
        self.unreadable.push(one_line(&problem));
    }

    /// The path with links resolved; `None` if it was seen before.
    fn new_place(&mut self, path: &Path) -> Option<PathBuf> {
        let place = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        self.seen.insert(place.clone()).then_some(place)
    }
}

/// The folder `results` of a run `results/experiment/run`.
fn results_folder(run: &Path) -> PathBuf {
    let folder = run.parent().and_then(Path::parent);
    match folder {
        Some(folder) if folder.as_os_str().is_empty() => PathBuf::from("."),
        Some(folder) => folder.to_owned(),
        None => PathBuf::from("."),
    }
}

/// Errors quote the content of files, including line breaks.
fn one_line(problem: &str) -> String {
    problem.replace(char::is_control, " ")
}
