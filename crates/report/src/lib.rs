//! The report: results as one self-contained HTML page without scripts or network access, or as
//! tables in a text. Reads records and does not depend on Burn or on any data set: the caller
//! supplies the test images to draw.

mod axis;
mod collected;
mod config;
mod confusion;
mod curves;
mod error;
mod experiment;
mod hardest;
mod means;
mod page;
mod pictures;
mod plot;
mod readme;
mod sources;
mod standing;
mod sweep;
mod sweep_plot;

pub use error::ReportError;
pub use pictures::TestSet;
pub use readme::{ReadmeError, Reference};

use std::path::PathBuf;

use compare::Run;

use crate::experiment::Experiment;
use crate::pictures::Pictures;
use crate::sources::Sources;
use crate::sweep::Sweep;

/// Results, read and grouped for display.
#[derive(Clone, Debug)]
pub struct Report {
    named: Vec<PathBuf>,
    /// The experiment that the others are compared with; without it, the best.
    baseline: Option<String>,
    experiments: Vec<Experiment>,
    sweeps: Vec<Sweep>,
    pictures: Pictures,
    unreadable: Vec<String>,
    duplicates: Vec<String>,
    unfinished: Vec<String>,
}

impl Report {
    /// Reads every run in the `sources`: results folders, experiments' and runs' folders, and files
    /// written by `hearth sweep collect --json`.
    ///
    /// `test_set` returns the images that a run was tested on, or a sentence for the page on why
    /// they are not available. It is called once for each test set of images, with a run that was
    /// tested on it. Images are drawn only if their digest matches the run's record.
    ///
    /// # Errors
    ///
    /// If a source does not exist, or the sources contain nothing readable.
    pub fn read(
        sources: &[PathBuf],
        test_set: &mut dyn FnMut(&Run) -> Result<TestSet, String>,
    ) -> Result<Self, ReportError> {
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
        let (experiments, duplicates) = Experiment::all(found.runs);
        let mut sweeps = sweep::among(&experiments);
        sweeps.extend(found.sweeps.iter().flat_map(sweep::collected));
        let runs = experiments
            .iter()
            .flat_map(|experiment| &experiment.group.runs);
        Ok(Self {
            named: sources.to_owned(),
            baseline: None,
            pictures: Pictures::load(runs, test_set),
            experiments,
            sweeps,
            unreadable: found.unreadable,
            duplicates,
            unfinished: found.unfinished,
        })
    }

    /// The same with the experiments compared with one of them, rather than with the best.
    ///
    /// # Errors
    ///
    /// If there is no such experiment, or it has one seed.
    pub fn with_baseline(mut self, name: &str) -> Result<Self, ReportError> {
        let mut experiments = self.experiments.iter();
        let Some(baseline) = experiments.find(|experiment| experiment.name() == name) else {
            let names = self
                .experiments
                .iter()
                .map(|experiment| experiment.name().to_owned());
            return Err(ReportError::Baseline {
                name: name.to_owned(),
                names: names.collect(),
            });
        };
        if baseline.group.runs.len() < 2 {
            return Err(ReportError::BaselineOfOne {
                name: name.to_owned(),
            });
        }
        self.baseline = Some(name.to_owned());
        Ok(self)
    }

    /// One line for each file that cannot be read, with the reason. The page lists them, too.
    pub fn unreadable(&self) -> &[String] {
        &self.unreadable
    }

    /// One line for each run left out because another is the same. The page lists them, too.
    pub fn duplicates(&self) -> &[String] {
        &self.duplicates
    }

    /// The page, a complete HTML document.
    pub fn html(&self) -> String {
        page::page(self).into_string()
    }
}
