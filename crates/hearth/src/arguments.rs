//! The command line: its parser, and the arguments that several commands share.

mod mistake;
mod seeds;
mod shared;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use crate::commands::Command;
use crate::exit;
use crate::output::named;

pub use seeds::seeds;
pub use shared::{
    BackendArgument, ComputeArguments, ConfigArguments, ConfigDirArgument, DataDirArgument,
    OverrideArguments, ResultsArgument, RunArgument, VerdictArguments, expanded, run_folder,
};

/// Train neural networks from JSON configs, with results you can trust.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct CommandLine {
    #[command(subcommand)]
    pub command: Command,
}

impl CommandLine {
    /// Parses the program's arguments. Prints help where it is asked for, and a mistake on one
    /// line; the error is the code to exit with.
    pub fn parse() -> Result<Self, ExitCode> {
        let words: Vec<OsString> = std::env::args_os().collect();
        Self::try_parse_from(&words).map_err(|error| {
            if matches!(
                error.kind(),
                ErrorKind::DisplayHelp
                    | ErrorKind::DisplayVersion
                    | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            ) {
                return match error.print() {
                    Err(gone) if gone.kind() != std::io::ErrorKind::BrokenPipe => {
                        exit::code(Err(named(gone).into()))
                    }
                    Ok(()) | Err(_) => ExitCode::from(error.exit_code() as u8),
                };
            }
            exit::usage(&mistake::line(&error, &words))
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        CommandLine::command().debug_assert();
    }

    /// An argument group that several commands share must not bring its own description along.
    #[test]
    fn every_command_has_a_description_and_an_example() {
        let root = CommandLine::command();
        let mut descriptions = Vec::new();
        for command in root.get_subcommands() {
            let name = command.get_name();
            descriptions.push(command.get_about().map(ToString::to_string));
            assert!(command.get_about().is_some(), "{name}");
            assert!(command.get_after_help().is_some(), "{name}");
            for nested in command.get_subcommands() {
                descriptions.push(nested.get_about().map(ToString::to_string));
                assert!(nested.get_about().is_some(), "{name} {}", nested.get_name());
                assert!(
                    nested.get_after_help().is_some(),
                    "{name} {}",
                    nested.get_name()
                );
            }
        }
        let count = descriptions.len();
        descriptions.sort_unstable();
        descriptions.dedup();
        assert_eq!(descriptions.len(), count, "{descriptions:?}");
    }
}
