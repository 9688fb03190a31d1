//! The commands, a file each: its arguments beside what it does.

/// Makes the enum `Command` that clap parses, and its dispatch, of a list of `Name: module`, in the
/// order in which help shows them.
///
/// A module has a struct `Arguments`, whose doc comment is the command's description, and a function
/// `execute` that takes it.
macro_rules! commands {
    ($($Name:ident: $module:ident,)+) => {
        // No doc comment: clap would show it in place of the program's or the parent command's.
        #[derive(Debug, clap::Subcommand)]
        pub enum Command {
            $($Name($module::Arguments),)+
        }

        impl Command {
            /// Executes the command, whose output goes to `out`.
            pub fn execute(
                &self,
                out: &mut dyn std::io::Write,
            ) -> anyhow::Result<std::process::ExitCode> {
                match self {
                    $(Self::$Name(arguments) => $module::execute(arguments, out),)+
                }
            }
        }
    };
}

// Below the macro, which some of them use for their own subcommands.
mod check;
mod data;
mod diff;
mod doctor;
mod evaluate;
mod explain;
mod export;
mod flips;
mod gradcheck;
mod init;
mod list;
mod migrate;
mod predict;
mod report;
mod run;
mod schema;
mod spread;
mod summary;
mod sweep;
mod verify;

commands! {
    Init: init,
    Run: run,
    Check: check,
    Summary: summary,
    List: list,
    Diff: diff,
    Explain: explain,
    Spread: spread,
    Flips: flips,
    Report: report,
    Verify: verify,
    Migrate: migrate,
    Sweep: sweep,
    Evaluate: evaluate,
    Predict: predict,
    Gradcheck: gradcheck,
    Export: export,
    Data: data,
    Doctor: doctor,
    Schema: schema,
}
