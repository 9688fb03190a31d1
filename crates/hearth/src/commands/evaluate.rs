use std::cmp::Reverse;
use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use present::{Column, Table, thousands};
use record::Confusion;
use runner::{FinishedRun, SplitEvaluation};
use serde_json::json;
use spec::Split;

use crate::arguments::{BackendArgument, ConfigDirArgument, DataDirArgument, RunArgument};
use crate::progress::downloads;

/// Evaluate a finished run's model on a split of its data
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth evaluate results/mnist-l2/flex-seed0 --split test")]
pub struct Arguments {
    #[command(flatten)]
    run: RunArgument,
    /// Split of the data to evaluate on: train, validation or test
    #[arg(long, default_value = "test", value_name = "SPLIT", value_parser = split)]
    split: Split,
    #[command(flatten)]
    backend: BackendArgument,
    #[command(flatten)]
    data: DataDirArgument,
    #[command(flatten)]
    config_dir: ConfigDirArgument,
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
    let mut run = FinishedRun::open(&arguments.run.folder()?)?;
    if let Some(folder) = &arguments.config_dir.config_dir {
        run = run.in_folder(folder.clone());
    }
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
            "{} examples, loss {:.4}, accuracy {:.4}",
            thousands(evaluation.answers.len()),
            scores.loss,
            scores.accuracy,
        )?;
        if let Some((class, share)) = by_class.most_frequent() {
            writeln!(
                out,
                "always answering `{class}`, the most frequent class, gives accuracy {share:.4}; mean \
                 recall {:.4}",
                by_class.mean_recall(),
            )?;
        }
        write!(out, "\n{}\n{}", by_class.table(), by_class.confusions())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The most classes whose confusion matrix is printed.
const WIDEST: usize = 20;

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

    /// The class with the most examples, the first of equals, and its share: the chance level. `None`
    /// without examples.
    fn most_frequent(&self) -> Option<(&str, f64)> {
        let counts = (0..self.classes.len()).map(|class| self.confusion.examples(class));
        let counts: Vec<usize> = counts.collect();
        let all: usize = counts.iter().sum();
        let most = *counts.iter().max()?;
        let class = counts.iter().position(|&count| count == most)?;
        (all > 0).then(|| (self.classes[class].as_str(), most as f64 / all as f64))
    }

    /// The mean recall of the classes that have examples, also called balanced accuracy.
    fn mean_recall(&self) -> f64 {
        let recalls = (0..self.classes.len()).filter_map(|class| self.confusion.recall(class));
        let recalls: Vec<f64> = recalls.collect();
        recalls.iter().sum::<f64>() / recalls.len().max(1) as f64
    }

    /// The confusion matrix, or the most frequent confusions if it would be too wide.
    fn confusions(&self) -> String {
        if self.classes.len() <= WIDEST {
            return self.matrix();
        }
        let mut all: Vec<(usize, usize, usize)> = Vec::new();
        for (class, counts) in self.confusion.counts().iter().enumerate() {
            let wrong = counts
                .iter()
                .enumerate()
                .filter(|&(answer, _)| answer != class);
            all.extend(wrong.map(|(answer, &count)| (count, class, answer)));
        }
        // Stable, so equal counts go by class.
        all.sort_by_key(|&(count, ..)| Reverse(count));
        let columns = [
            Column::text("class"),
            Column::text("answer"),
            Column::number("examples"),
        ];
        let mut table = Table::new(columns);
        for (count, class, answer) in all.into_iter().take(WIDEST) {
            if count > 0 {
                let names = [class, answer].map(|class| self.classes[class].clone());
                table.add(names.into_iter().chain([thousands(count)]));
            }
        }
        format!("most frequent confusions\n{}", table.text())
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
            "most_frequent": self.most_frequent().map(|(class, share)| {
                json!({ "class": class, "share": share })
            }),
            "mean_recall": self.mean_recall(),
            "classes": classes.collect::<Vec<_>>(),
            "confusion": self.confusion.counts(),
        })
    }
}
