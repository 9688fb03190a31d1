//! Exit codes: 0 success; 1 a run failed or an expectation is not met; 2 usage or configuration; 65 bad
//! data; 69 a backend or a download is unavailable; 73 another process has the run; 74 reading or writing;
//! 75 interrupted, run the same command to resume.

use std::io::Write;
use std::process::ExitCode;

use compare::CompareError;
use config::ConfigError;
use datasets::DataError;
use keras::KerasError;
use record::{RecordError, printable};
use report::{ReadmeError, ReportError};
use runner::{BackendError, RunError};
use spec::without_system_codes;

use crate::threads::NoThread;

/// Arguments that clap accepts and that do not fit together or the run.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(String);

impl Usage {
    /// The error with this message.
    pub fn new(problem: impl Into<String>) -> Self {
        Self(problem.into())
    }
}

/// Data on which a command cannot work: those of standard input, or too few.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadInput(String);

impl BadInput {
    /// The error with this message.
    pub fn new(problem: String) -> Self {
        Self(problem)
    }
}

/// A program or service that a command needs is not there or refuses.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unavailable(String);

impl Unavailable {
    /// The error with this message.
    pub fn new(problem: String) -> Self {
        Self(problem)
    }
}

/// A run failed, or an expectation is not met.
pub const FAILED: u8 = 1;
const USAGE: u8 = 2;
const DATA: u8 = 65;
const UNAVAILABLE: u8 = 69;
/// Another process has the run's folder.
pub const IN_USE: u8 = 73;
const IO: u8 = 74;
/// Interrupted; the same command resumes.
pub const INTERRUPTED: u8 = 75;

/// The exit code of a command. Prints an error on one line.
pub fn code(done: anyhow::Result<ExitCode>) -> ExitCode {
    let error = match done {
        Ok(code) => return code,
        Err(error) => error,
    };
    say(&error.to_string());
    ExitCode::from(code_of(&error))
}

/// Prints what is wrong with the arguments and returns their exit code.
pub fn usage(problem: &str) -> ExitCode {
    say(problem);
    ExitCode::from(USAGE)
}

/// Prints a line on standard error. What it quotes from files and names cannot break the line.
pub fn say(line: &str) {
    let line = without_system_codes(&printable(line));
    // If standard error is gone, there is nowhere to report that.
    let _ = writeln!(std::io::stderr(), "hearth: {line}");
}

/// The errors of a command that goes on after them. Each is printed at once; the first decides the exit
/// code.
#[derive(Debug, Default)]
pub struct Failures {
    first: Option<u8>,
}

impl Failures {
    /// Prints the error.
    pub fn add(&mut self, error: &anyhow::Error) {
        say(&error.to_string());
        self.first.get_or_insert_with(|| code_of(error));
    }

    /// The value, or nothing and the error printed.
    pub fn unless<T, E: Into<anyhow::Error>>(&mut self, done: Result<T, E>) -> Option<T> {
        match done {
            Ok(value) => Some(value),
            Err(error) => {
                self.add(&error.into());
                None
            }
        }
    }

    /// Notes that a run failed, which was already said.
    pub fn fail(&mut self) {
        self.first.get_or_insert(FAILED);
    }

    /// The command's exit code: success if there was no error.
    pub fn code(&self) -> ExitCode {
        self.first.map_or(ExitCode::SUCCESS, ExitCode::from)
    }
}

fn code_of(error: &anyhow::Error) -> u8 {
    if let Some(error) = error.downcast_ref::<RunError>() {
        return match error {
            RunError::Backend(error) => of_backend(error),
            RunError::Data(error) => of_data(error),
            RunError::Record(error) => of_record(error),
            RunError::Unreadable { unreadable, .. } => of_record(unreadable),
            RunError::OtherConfig { .. } | RunError::OtherBuild { .. } => USAGE,
            RunError::Config(_) | RunError::NoValidation { .. } => USAGE,
            RunError::InitialWeights { .. }
            | RunError::Diverged { .. }
            | RunError::Weights { .. }
            | RunError::ChangedConfig { .. }
            | RunError::OtherData { .. } => DATA,
            RunError::Unfinished { .. } => IO,
            RunError::InitialWeightsIo { .. } => IO,
            RunError::Interrupted { .. } => INTERRUPTED,
        };
    }
    if let Some(CompareError::Record { source }) = error.downcast_ref() {
        return of_record(source);
    }
    if error.is::<ConfigError>() || error.is::<CompareError>() || error.is::<Usage>() {
        return USAGE;
    }
    if let Some(error) = error.downcast_ref::<ReportError>() {
        return match error {
            ReportError::Missing { .. } | ReportError::Nothing { .. } => IO,
            ReportError::Baseline { .. } | ReportError::BaselineOfOne { .. } => USAGE,
        };
    }
    if let Some(error) = error.downcast_ref::<ReadmeError>() {
        return match error {
            ReadmeError::Io { .. } => IO,
            ReadmeError::Reference { .. } | ReadmeError::Text { .. } => DATA,
        };
    }
    if error.is::<BadInput>() {
        return DATA;
    }
    if error.is::<Unavailable>() {
        return UNAVAILABLE;
    }
    if let Some(error) = error.downcast_ref::<DataError>() {
        return of_data(error);
    }
    if let Some(error) = error.downcast_ref::<RecordError>() {
        return of_record(error);
    }
    if let Some(error) = error.downcast_ref::<KerasError>() {
        return match error {
            KerasError::Io { .. } => IO,
            KerasError::NoModel { .. } | KerasError::Network { .. } => DATA,
        };
    }
    if error.is::<std::io::Error>() {
        return IO;
    }
    if error.is::<NoThread>() {
        return UNAVAILABLE;
    }
    FAILED
}

fn of_backend(error: &BackendError) -> u8 {
    match error {
        BackendError::Unknown { .. } => USAGE,
        BackendError::NotCompiledIn { .. }
        | BackendError::NoDevice { .. }
        | BackendError::NoSuchDevice { .. }
        | BackendError::Failed { .. } => UNAVAILABLE,
    }
}

/// The exit code of an error about data.
pub fn of_data(error: &DataError) -> u8 {
    match error {
        DataError::NothingToTrainOn { .. } => USAGE,
        DataError::Missing { .. }
        | DataError::Malformed { .. }
        | DataError::Picture { .. }
        | DataError::NotFound { .. }
        | DataError::Own { .. } => DATA,
        DataError::Unavailable { .. } | DataError::NoCache => UNAVAILABLE,
        DataError::Io { .. } => IO,
    }
}

fn of_record(error: &RecordError) -> u8 {
    match error {
        RecordError::InUse { .. } => IN_USE,
        RecordError::Io { .. } | RecordError::NoFolder { .. } | RecordError::Removed { .. } => IO,
        RecordError::Malformed { .. }
        | RecordError::OtherVersion { .. }
        | RecordError::Damaged { .. }
        | RecordError::OtherFile { .. }
        | RecordError::MissingFile { .. }
        | RecordError::Misplaced { .. }
        | RecordError::NotOwn { .. }
        | RecordError::TooLarge { .. } => DATA,
    }
}
