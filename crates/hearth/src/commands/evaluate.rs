use compare::thousands;
use std::io::Write;
use std::process::ExitCode;

use indicatif::ProgressBar;
use record::Confusion;
use runner::{Answer, FinishedRun, Part, PartEvaluation};
use serde_json::json;

use crate::arguments::{EvaluateArguments, Split};
use crate::format::{lines, table};
use crate::progress::{has_bars, show_download};

pub fn evaluate(arguments: &EvaluateArguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let run = FinishedRun::open(&arguments.run)?;
    let part = match arguments.split {
        Split::Train => Part::Train,
        Split::Validation => Part::Validation,
        Split::Test => Part::Test,
    };
    let mut bar = ProgressBar::hidden();
    let location = arguments.data.location();
    let evaluation = run.evaluate(part, arguments.backend.named, &location, &mut |progress| {
        if has_bars() {
            show_download(&mut bar, progress);
        }
    })?;
    let by_class = ByClass::new(run.classes(), &evaluation.answers);
    match arguments.json {
        true => writeln!(out, "{:#}", by_class.json(&evaluation))?,
        false => {
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
    }
    Ok(ExitCode::SUCCESS)
}

/// The answers by class, with the classes' names.
struct ByClass {
    classes: &'static [&'static str],
    confusion: Confusion,
}

impl ByClass {
    fn new(classes: &'static [&'static str], answers: &[Answer]) -> Self {
        let answers = answers.iter().map(|given| (given.label, given.answer));
        Self {
            classes,
            confusion: Confusion::new(classes.len(), answers),
        }
    }

    fn table(&self) -> String {
        let mut table = table(&["class", "examples", "precision", "recall"], 1);
        let shown =
            |figure: Option<f64>| figure.map_or("-".into(), |figure| format!("{figure:.4}"));
        for (class, name) in self.classes.iter().enumerate() {
            table.add_row([
                (*name).to_owned(),
                thousands(self.confusion.examples(class)),
                shown(self.confusion.precision(class)),
                shown(self.confusion.recall(class)),
            ]);
        }
        lines(&table)
    }

    fn matrix(&self) -> String {
        let header: Vec<&str> = ["class \\ answer"]
            .into_iter()
            .chain(self.classes.iter().copied())
            .collect();
        let mut table = table(&header, 1);
        for (name, counts) in self.classes.iter().zip(self.confusion.counts()) {
            let counts = counts.iter().map(|&count| thousands(count));
            table.add_row([(*name).to_owned()].into_iter().chain(counts));
        }
        lines(&table)
    }

    fn json(&self, evaluation: &PartEvaluation) -> serde_json::Value {
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
