use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use present::{Column, Table, thousands};
use record::Confusion;
use runner::{FinishedRun, SplitEvaluation};
use serde_json::json;
use spec::Split;

use crate::arguments::{BackendArgument, DataDirArgument};
use crate::progress::downloads;

/// Evaluate a finished run's model on a split of its data
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth evaluate results/mnist-l2/flex-seed0 --split test")]
pub struct Arguments {
    /// Folder of a finished run
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// Split of the data to evaluate on: train, validation or test
    #[arg(long, default_value = "test", value_name = "SPLIT", value_parser = split)]
    split: Split,
    #[command(flatten)]
    backend: BackendArgument,
    #[command(flatten)]
    data: DataDirArgument,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn split(name: &str) -> Result<Split, String> {
    let mut all = Split::ALL.into_iter();
    let found = all.find(|split| split.name() == name);
    found.ok_or_else(|| "choose train, validation or test".to_owned())
}

/// Prints loss and accuracy, precision and recall of each class, and the confusion matrix.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let run = FinishedRun::open(&arguments.run)?;
    let location = arguments.data.location();
    let backend = arguments.backend.named;
    let evaluation = run.evaluate(arguments.split, backend, &location, &mut downloads())?;
    let by_class = ByClass::new(&run.record().spec.classes, &evaluation);
    if arguments.json {
        writeln!(out, "{:#}", by_class.json(&evaluation))?;
    } else {
        let scores = evaluation.scores;
        writeln!(
            out,
            "{} examples, loss {:.4}, accuracy {:.4}\n",
            thousands(evaluation.answers.len()),
            scores.loss,
            scores.accuracy,
        )?;
        write!(out, "{}\n{}", by_class.table(), by_class.matrix())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The answers by class, with the classes' names.
struct ByClass<'a> {
    classes: &'a [String],
    confusion: Confusion,
}

impl<'a> ByClass<'a> {
    fn new(classes: &'a [String], evaluation: &SplitEvaluation) -> Self {
        let answers = evaluation.answers.iter();
        let answers = answers.map(|given| (given.label, given.answer));
        Self {
            classes,
            confusion: Confusion::new(classes.len(), answers),
        }
    }

    fn table(&self) -> String {
        let numbers = ["examples", "precision", "recall"].map(Column::number);
        let mut table = Table::new([Column::text("class")].into_iter().chain(numbers));
        let shown = |figure: Option<f64>| figure.map(|figure| format!("{figure:.4}"));
        for (class, name) in self.classes.iter().enumerate() {
            table.add([
                Some(name.clone()),
                Some(thousands(self.confusion.examples(class))),
                shown(self.confusion.precision(class)),
                shown(self.confusion.recall(class)),
            ]);
        }
        table.text()
    }

    fn matrix(&self) -> String {
        let answers = self.classes.iter().map(Column::number);
        let columns = [Column::text("class \\ answer")].into_iter().chain(answers);
        let mut table = Table::new(columns);
        for (name, counts) in self.classes.iter().zip(self.confusion.counts()) {
            let counts = counts.iter().map(thousands);
            table.add([name.clone()].into_iter().chain(counts));
        }
        table.text()
    }

    fn json(&self, evaluation: &SplitEvaluation) -> serde_json::Value {
        let classes = self.classes.iter().enumerate().map(|(class, name)| {
            json!({
                "class": name,
                "examples": self.confusion.examples(class),
                "precision": self.confusion.precision(class),
                "recall": self.confusion.recall(class),
            })
        });
        json!({
            "examples": evaluation.answers.len(),
            "loss": evaluation.scores.loss,
            "accuracy": evaluation.scores.accuracy,
            "classes": classes.collect::<Vec<_>>(),
            "confusion": self.confusion.counts(),
        })
    }
}
