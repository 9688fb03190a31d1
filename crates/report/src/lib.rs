//! The report: results as one HTML page that needs nothing else, no network and no script, or as
//! tables in a text of one's own. Reads records, draws and writes; trains nothing and knows no Burn.

mod axis;
mod collected;
mod config;
mod confusion;
mod curves;
mod error;
mod experiment;
mod figure;
mod figures;
mod page;
mod pictures;
mod plot;
mod readme;
mod sources;
mod standing;
mod sweep;
mod sweep_plot;

pub use error::ReportError;
pub use readme::{ReadmeError, Reference};

use std::path::PathBuf;

use datasets::Location;

use crate::experiment::Experiment;
use crate::pictures::Pictures;
use crate::sources::Sources;
use crate::sweep::Sweep;

/// What some results say, ready to be shown.
#[derive(Clone, Debug)]
pub struct Report {
    named: Vec<PathBuf>,
    experiments: Vec<Experiment>,
    sweeps: Vec<Sweep>,
    pictures: Pictures,
    unreadable: Vec<String>,
    unfinished: usize,
}

impl Report {
    /// Reads every run below the `sources`: results folders, experiments' and runs' folders, and files
    /// that `hearth sweep collect --json` gave. The pictures of test examples come from `data`;
    /// nothing is downloaded for them.
    ///
    /// # Errors
    ///
    /// When a source is not there, or nothing in them can be read.
    pub fn read(sources: &[PathBuf], data: &Location) -> Result<Self, ReportError> {
        let found = Sources::read(sources)?;
        if found.runs.is_empty() && found.sweeps.is_empty() {
            let sources: Vec<String> = sources
                .iter()
                .map(|path| path.display().to_string())
                .collect();
            return Err(ReportError::Nothing {
                sources: sources.join(", "),
                unreadable: found.unreadable,
            });
        }
        let (experiments, left_out) = Experiment::all(found.runs);
        let mut unreadable = found.unreadable;
        unreadable.extend(left_out);
        let mut sweeps = sweep::among(&experiments);
        sweeps.extend(found.sweeps.iter().flat_map(sweep::collected));
        let records = experiments.iter().flat_map(Experiment::runs);
        Ok(Self {
            named: sources.to_owned(),
            pictures: Pictures::load(records, data),
            experiments,
            sweeps,
            unreadable,
            unfinished: found.unfinished,
        })
    }

    /// What was found and cannot be read, or is there twice, with the reason: a line each. The page
    /// has it, too.
    pub fn unreadable(&self) -> &[String] {
        &self.unreadable
    }

    /// The page.
    pub fn html(&self) -> String {
        page::page(self).into_string()
    }
}
