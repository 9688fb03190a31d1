//! What lies in the folders and files that a person names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use compare::Run;
use record::RunFolder;

use crate::ReportError;
use crate::collected::{self, Collected};

/// Folders deep, from what is named to a run: `results/reference/experiment/run` and one to spare.
const DEEPEST: usize = 4;

#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// Each with the results folder that it lies in.
    pub runs: Vec<(PathBuf, Run)>,
    pub sweeps: Vec<Collected>,
    /// What cannot be read and why, a line each.
    pub unreadable: Vec<String>,
    /// Runs that were begun and have no result.
    pub unfinished: usize,
    seen: BTreeSet<PathBuf>,
}

impl Sources {
    pub fn read(named: &[PathBuf]) -> Result<Self, ReportError> {
        let mut sources = Self::default();
        for path in named {
            match (path.is_dir(), path.is_file()) {
                (true, _) => sources.folder(path, 0),
                // A record stands for the folder that it is in.
                (_, true) if is_named(path, "result.json") => {
                    sources.run(path.parent().unwrap_or(Path::new(".")));
                }
                (_, true) => sources.sweep(path, true),
                _ => return Err(ReportError::Missing { path: path.clone() }),
            }
        }
        Ok(sources)
    }

    fn folder(&mut self, folder: &Path, depth: usize) {
        if folder.join("result.json").is_file() {
            return self.run(folder);
        }
        let entries = std::fs::read_dir(folder).and_then(|entries| {
            let paths = entries.map(|entry| entry.map(|entry| entry.path()));
            paths.collect::<Result<BTreeSet<PathBuf>, _>>()
        });
        let entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                let problem = format!("{}: {error}", folder.display());
                return self.unreadable.push(one_line(&problem));
            }
        };
        if entries.iter().any(|path| is_named(path, "metrics.jsonl")) {
            self.unfinished += usize::from(self.new_place(folder).is_some());
            return;
        }
        for path in entries {
            if path.is_dir() && depth < DEEPEST {
                self.folder(&path, depth + 1);
            } else if path.is_file() && path.extension().is_some_and(|found| found == "jsonl") {
                self.sweep(&path, false);
            }
        }
    }

    fn run(&mut self, folder: &Path) {
        let Some(place) = self.new_place(folder) else {
            return;
        };
        match RunFolder::at(folder.to_owned()).read() {
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

    /// A file that was come across and is no sweep at all is somebody else's; one that was `named`
    /// had better be.
    fn sweep(&mut self, path: &Path, named: bool) {
        if self.new_place(path).is_none() {
            return;
        }
        match collected::read(path) {
            Ok(Some(sweep)) => self.sweeps.push(sweep),
            Ok(None) if !named => {}
            Ok(None) => self.unreadable.push(one_line(&format!(
                "{}: neither a run nor what `hearth sweep collect --json` gives",
                path.display()
            ))),
            Err(problem) => {
                let problem = format!("{}: {problem}", path.display());
                self.unreadable.push(one_line(&problem));
            }
        }
    }

    /// The path without links, unless something else that was named holds it, too.
    fn new_place(&mut self, path: &Path) -> Option<PathBuf> {
        let place = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        self.seen.insert(place.clone()).then_some(place)
    }
}

fn is_named(path: &Path, name: &str) -> bool {
    path.file_name().is_some_and(|found| found == name)
}

/// `results` of `results/experiment/run`.
fn results_folder(run: &Path) -> PathBuf {
    let folder = run.parent().and_then(Path::parent);
    match folder {
        Some(folder) if folder.as_os_str().is_empty() => PathBuf::from("."),
        Some(folder) => folder.to_owned(),
        None => PathBuf::from("."),
    }
}

/// Errors quote what a file holds, line breaks included.
fn one_line(problem: &str) -> String {
    problem.replace(char::is_control, " ")
}
