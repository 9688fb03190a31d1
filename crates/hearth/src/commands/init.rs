mod draft;
mod from_keras;
mod own_data;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use config::Plan;
use datasets::guess::{Guess, look};
use record::write_output;

use self::draft::Draft;
use self::from_keras::Saved;
use crate::exit::Usage;
use crate::output::{is_stdout, shown};

/// Write a config for your own data, or for a network that Keras saved
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  hearth init penguins.csv --label species\n  hearth init --from-keras model.keras\n  hearth init photos --from-keras model.keras"
)]
pub struct Arguments {
    /// A CSV, TSV or JSON Lines file, or a folder with a folder of images or texts per class
    #[arg(value_name = "DATA", required_unless_present = "from_keras")]
    data: Option<PathBuf>,
    /// Column or key of the class [default: the likeliest]
    #[arg(long, value_name = "NAME", requires = "data")]
    label: Option<String>,
    /// Take the layers of a Sequential of Keras: a .keras file or the text of model.to_json(). Without
    /// DATA, MNIST or IMDB by what it reads
    #[arg(long, value_name = "FILE")]
    from_keras: Option<PathBuf>,
    /// Config file to write, or - for standard output [default: the name of DATA or FILE with .json, in this folder]
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

/// Looks at the data and the network, writes the config and prints what to do next.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let source = Source::of(arguments)?;
    let path = match &arguments.to {
        Some(path) => path.clone(),
        None => PathBuf::from(format!("{}.json", plain(&source.name()))),
    };
    if path.is_file() || path.is_dir() {
        let problem = format!("{}: exists; name another file with --to", path.display());
        return Err(Usage::new(problem).into());
    }
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new("."));
    if !folder.is_dir() {
        let problem = format!(
            "{}: no such folder; create it, or name another file with --to",
            folder.display()
        );
        return Err(Usage::new(problem).into());
    }
    let text = source.draft(folder)?.text();
    // A config that hearth writes must be one that it reads.
    Plan::from_text(&path, &text, &[])?;
    if is_stdout(&path) {
        write!(out, "{text}")?;
        return Ok(ExitCode::SUCCESS);
    }
    write_output(&path, text.as_bytes())?;
    let shown = shown(&path);
    let (described, next) = (source.described(), source.next());
    writeln!(
        out,
        "wrote {shown}: {described}\n\nnext:\n  hearth {next} {shown}\n  hearth run {shown}"
    )?;
    Ok(ExitCode::SUCCESS)
}

/// What the config is written from.
enum Source {
    Data(Guess),
    Network(Saved),
    Both(Guess, Saved),
}

impl Source {
    fn of(arguments: &Arguments) -> anyhow::Result<Self> {
        let label = arguments.label.as_deref();
        let saved = arguments.from_keras.as_deref().map(Saved::read);
        let guess = arguments.data.as_deref().map(|data| look(data, label));
        match (guess.transpose()?, saved.transpose()?) {
            (Some(guess), Some(saved)) => Ok(Self::Both(guess, saved)),
            (Some(guess), None) => Ok(Self::Data(guess)),
            (None, Some(saved)) => Ok(Self::Network(saved)),
            (None, None) => Err(Usage::new("no DATA; name a file or folder").into()),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Data(guess) | Self::Both(guess, _) => guess.name.clone(),
            Self::Network(saved) => saved.stem(),
        }
    }

    fn draft(&self, folder: &Path) -> anyhow::Result<Draft> {
        match self {
            Self::Data(guess) => own_data::draft(guess, folder),
            Self::Network(saved) => saved.on_published_data(),
            Self::Both(guess, saved) => saved.on(own_data::draft(guess, folder)?, guess),
        }
    }

    /// What was found, with a line for each thing that is left out.
    fn described(&self) -> String {
        match self {
            Self::Data(guess) => own_data::described(&guess.kind),
            Self::Network(saved) => saved.described(),
            Self::Both(guess, saved) => {
                format!(
                    "{}; {}",
                    own_data::described(&guess.kind),
                    saved.described()
                )
            }
        }
    }

    fn next(&self) -> &'static str {
        match self {
            Self::Data(_) | Self::Both(..) => "data describe",
            Self::Network(_) => "summary",
        }
    }
}

/// A name of characters that a config's name may have.
fn plain(name: &str) -> String {
    let usual = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    let name: String = name
        .chars()
        .map(|character| if usual(character) { character } else { '-' })
        .collect();
    let name = name.trim_matches(['-', '.']);
    if name.is_empty() {
        "experiment".to_owned()
    } else {
        name.to_owned()
    }
}
