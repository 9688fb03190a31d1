//! What is wrong with a command line, on one line.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory, Error};

use super::CommandLine;

/// Names that other programs use for commands of this one.
const OTHER_NAMES: [(&str, &str); 3] = [("compare", "diff"), ("ls", "list"), ("train", "run")];

/// The mistake, what was probably meant, and the help to read. `words` is the whole command line.
pub(super) fn line(error: &Error, words: &[OsString]) -> String {
    let root = CommandLine::command();
    let mut command = &root;
    let mut path = root.get_name().to_owned();
    for word in words.iter().skip(1) {
        let Some(nested) = command.find_subcommand(word) else {
            break;
        };
        path = format!("{path} {}", nested.get_name());
        command = nested;
    }
    let problem = value_like_an_option(error, words, command).unwrap_or_else(|| problem(error));
    match suggestion(error, command) {
        Some(meant) => format!("{problem}, did you mean '{meant}'?; see {path} --help"),
        None => format!("{problem}; see {path} --help"),
    }
}

/// What to write instead of `--name -x`, where the value is taken for an option.
fn value_like_an_option(error: &Error, words: &[OsString], command: &Command) -> Option<String> {
    if error.kind() != ErrorKind::UnknownArgument {
        return None;
    }
    let typed = text(error, ContextKind::InvalidArg)?;
    let at = words.iter().position(|word| word == typed)?;
    let before = words.get(at.checked_sub(1)?)?.to_str()?;
    let mut options = command.get_arguments();
    let takes_value = options.any(|option| {
        let is_before =
            option.get_long().map(|long| format!("--{long}")).as_deref() == Some(before);
        is_before && option.get_action().takes_values()
    });
    takes_value.then(|| {
        format!("{before} needs a value; write one that begins with '-' as {before}={typed}")
    })
}

/// Clap's message without the usage, tips and reference to --help that follow an empty line.
fn problem(error: &Error) -> String {
    let text = error.to_string();
    let lines: Vec<&str> = text
        .lines()
        .take_while(|line| !line.is_empty())
        .map(str::trim)
        .collect();
    let problem = lines.join(" ");
    match problem.strip_prefix("error: ") {
        Some(problem) => problem.to_owned(),
        None => problem,
    }
}

fn suggestion(error: &Error, command: &Command) -> Option<String> {
    if let Some(typed) = text(error, ContextKind::InvalidSubcommand) {
        return subcommand(error, typed, command);
    }
    let meant =
        text(error, ContextKind::SuggestedArg).or_else(|| text(error, ContextKind::SuggestedValue));
    meant.map(str::to_owned)
}

/// The subcommand of `command` that was probably meant.
fn subcommand(error: &Error, typed: &str, command: &Command) -> Option<String> {
    let other_name = OTHER_NAMES
        .into_iter()
        .find(|(other, name)| *other == typed && command.find_subcommand(name).is_some());
    if let Some((_, name)) = other_name {
        return Some(name.to_owned());
    }
    // The most similar comes last.
    if let Some(ContextValue::Strings(similar)) = error.get(ContextKind::SuggestedSubcommand)
        && let Some(name) = similar.last()
    {
        return Some(name.clone());
    }
    // Clap's measure of similarity misses `rnu` and other slips in short names.
    command
        .get_subcommands()
        .map(Command::get_name)
        .find(|name| strsim::damerau_levenshtein(name, typed) == 1)
        .map(str::to_owned)
}

fn text(error: &Error, kind: ContextKind) -> Option<&str> {
    if let Some(ContextValue::String(text)) = error.get(kind) {
        Some(text)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[track_caller]
    fn line_for(words: &str) -> String {
        let words: Vec<OsString> = words.split(' ').map(OsString::from).collect();
        line(&CommandLine::try_parse_from(&words).unwrap_err(), &words)
    }

    #[test]
    fn a_slip_gets_a_suggestion_and_the_help_of_its_command() {
        for (words, said) in [
            (
                "hearth run a.json --seed 1",
                "unexpected argument '--seed' found, did you mean '--seeds'?; see hearth run --help",
            ),
            (
                "hearth rnu a.json",
                "unrecognized subcommand 'rnu', did you mean 'run'?; see hearth --help",
            ),
            (
                "hearth reprot",
                "unrecognized subcommand 'reprot', did you mean 'report'?; see hearth --help",
            ),
            (
                "hearth sweep rn a.json",
                "unrecognized subcommand 'rn', did you mean 'run'?; see hearth sweep --help",
            ),
            (
                "hearth run a.json --name -x",
                "--name needs a value; write one that begins with '-' as --name=-x; see hearth run --help",
            ),
            (
                "hearth sweep run a.json --job 2",
                "unexpected argument '--job' found, did you mean '--jobs'?; see hearth sweep run --help",
            ),
        ] {
            assert_eq!(line_for(words), said);
        }
        let value = line_for("hearth list --sort test.accuracies");
        assert!(
            value.ends_with(", did you mean `test.accuracy`?; see hearth list --help"),
            "{value}"
        );
    }

    #[test]
    fn names_from_other_programs_lead_to_the_command() {
        for (other, name) in OTHER_NAMES {
            assert_eq!(
                line_for(&format!("hearth {other}")),
                format!(
                    "unrecognized subcommand '{other}', did you mean '{name}'?; see hearth --help"
                )
            );
        }
        // Only where there is such a command.
        assert!(!line_for("hearth sweep compare").contains("diff"));
    }

    #[test]
    fn nothing_is_suggested_for_what_is_like_nothing() {
        for (words, said) in [
            (
                "hearth frobnicate",
                "unrecognized subcommand 'frobnicate'; see hearth --help",
            ),
            (
                "hearth run a.json --xyzzy",
                "unexpected argument '--xyzzy' found; see hearth run --help",
            ),
            (
                "hearth run",
                "the following required arguments were not provided: <CONFIG>...; see hearth run --help",
            ),
        ] {
            assert_eq!(line_for(words), said);
        }
    }
}
