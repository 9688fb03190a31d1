use std::io::Write;
use std::process::ExitCode;

use indicatif::ProgressBar;
use runner::{Answer, FinishedRun, Part, PartEvaluation};
use serde_json::json;

use crate::arguments::{EvaluateArguments, Split};
use crate::format::{lines, table, thousands};
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
    let confusion = Confusion::new(run.classes(), &evaluation.answers);
    match arguments.json {
        true => writeln!(out, "{:#}", confusion.json(&evaluation))?,
        false => {
            let scores = evaluation.scores;
            writeln!(
                out,
                "{} examples, loss {:.4}, accuracy {:.4}\n",
                thousands(evaluation.answers.len()),
                scores.loss,
                scores.accuracy,
            )?;
            write!(out, "{}\n{}", confusion.by_class(), confusion.matrix())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// How often each class was given each answer.
struct Confusion {
    classes: &'static [&'static str],
    /// By class, then by answer.
    counts: Vec<Vec<usize>>,
}

impl Confusion {
    fn new(classes: &'static [&'static str], answers: &[Answer]) -> Self {
        let mut counts = vec![vec![0; classes.len()]; classes.len()];
        for answer in answers {
            counts[answer.label][answer.answer] += 1;
        }
        Self { classes, counts }
    }

    fn examples(&self, class: usize) -> usize {
        self.counts[class].iter().sum()
    }

    /// Of what was answered with the class, the part that is of it; nothing where nothing was.
    fn precision(&self, class: usize) -> Option<f64> {
        let answered = self.counts.iter().map(|answers| answers[class]).sum();
        ratio(self.counts[class][class], answered)
    }

    /// Of what is of the class, the part that was answered with it.
    fn recall(&self, class: usize) -> Option<f64> {
        ratio(self.counts[class][class], self.examples(class))
    }

    fn by_class(&self) -> String {
        let mut table = table(&["class", "examples", "precision", "recall"], 1);
        let shown =
            |figure: Option<f64>| figure.map_or("-".into(), |figure| format!("{figure:.4}"));
        for (class, name) in self.classes.iter().enumerate() {
            table.add_row([
                (*name).to_owned(),
                thousands(self.examples(class)),
                shown(self.precision(class)),
                shown(self.recall(class)),
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
        for (name, counts) in self.classes.iter().zip(&self.counts) {
            let counts = counts.iter().map(|&count| thousands(count));
            table.add_row([(*name).to_owned()].into_iter().chain(counts));
        }
        lines(&table)
    }

    fn json(&self, evaluation: &PartEvaluation) -> serde_json::Value {
        let classes = self.classes.iter().enumerate().map(|(class, name)| {
            json!({
                "class": name,
                "examples": self.examples(class),
                "precision": self.precision(class),
                "recall": self.recall(class),
            })
        });
        json!({
            "examples": evaluation.answers.len(),
            "loss": evaluation.scores.loss,
            "accuracy": evaluation.scores.accuracy,
            "classes": classes.collect::<Vec<_>>(),
            "confusion": self.counts,
        })
    }
}

fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
