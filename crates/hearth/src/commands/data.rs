mod describe;
mod fetch;
mod verify;

use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use clap::builder::PossibleValuesParser;
use datasets::{Data, Published};

commands! {
    Describe: describe,
    Fetch: fetch,
    Verify: verify,
}

/// Describe, download or verify data sets
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth data verify --data-dir data")]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// Executes the subcommand.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    arguments.command.execute(out)
}

// What both subcommands take. No doc comment: clap would show it in place of theirs.
#[derive(Debug, Args)]
struct SetsArgument {
    /// Data sets [default: all]
    #[arg(value_name = "SET", value_parser = PossibleValuesParser::new(names()))]
    named: Vec<String>,
}

fn names() -> Vec<&'static str> {
    let published = Data::published().into_iter();
    published.map(|(name, _)| name).collect()
}

impl SetsArgument {
    /// Those that were named, or all that can be downloaded.
    fn sets(&self) -> Vec<(&'static str, &'static dyn Published)> {
        let mut sets = Data::published();
        if !self.named.is_empty() {
            sets.retain(|(name, _)| self.named.iter().any(|named| named == name));
        }
        sets
    }
}
