use compare::thousands;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use datasets::{DataError, Location, Progress, Verified, imdb, mnist};
use indicatif::ProgressBar;

use crate::arguments::{DataArguments, DataCommand, DataSet};
use crate::format::{lines, table};
use crate::progress::{has_bars, show_download};

pub fn data(arguments: &DataArguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    match &arguments.command {
        DataCommand::Fetch(sets) => {
            for set in sets.sets() {
                let mut bar = ProgressBar::hidden();
                let folder = set.fetch(&mut |progress| {
                    if has_bars() {
                        show_download(&mut bar, progress);
                    }
                })?;
                writeln!(out, "{} is complete in {}", set.name(), folder.display())?;
            }
        }
        DataCommand::Verify { sets, folder } => {
            let mut table = table(&["file", "checksum", "examples"], 2);
            for set in sets.sets() {
                for file in set.verify(&folder.location())? {
                    let checksum = match file.original {
                        true => "as published".to_owned(),
                        false => format!("another set, SHA-256 {}", file.sha256),
                    };
                    let path = file.path.display().to_string();
                    table.add_row([path, checksum, thousands(file.examples)]);
                }
            }
            write!(out, "{}", lines(&table))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl DataSet {
    pub fn name(self) -> &'static str {
        match self {
            Self::Mnist => "MNIST",
            Self::Imdb => "IMDB",
        }
    }

    fn fetch(self, on_progress: &mut dyn FnMut(Progress)) -> Result<PathBuf, DataError> {
        match self {
            Self::Mnist => mnist::fetch(on_progress),
            Self::Imdb => imdb::fetch(on_progress),
        }
    }

    pub fn verify(self, location: &Location) -> Result<Vec<Verified>, DataError> {
        match self {
            Self::Mnist => mnist::verify(location),
            Self::Imdb => imdb::verify(location),
        }
    }
}
