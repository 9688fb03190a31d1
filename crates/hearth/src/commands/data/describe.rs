use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use config::Plan;
use datasets::table::columns::{Column as TableColumn, Kind};
use datasets::{Dataset, Description, InputFacts, Places};
use present::{Column, Table, count, csv_of, noticed, percent, thousands};
use serde::Serialize;
use serde_json::json;

use crate::arguments::{DataDirArgument, OverrideArguments};
use crate::exit::Usage;
use crate::progress::downloads;

/// Show what a config's data hold: classes, ranges, repetitions and a few examples
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth data describe configs/penguins.json")]
pub struct Arguments {
    /// Config file
    #[arg(value_name = "CONFIG")]
    config: PathBuf,
    #[command(flatten)]
    overrides: OverrideArguments,
    #[command(flatten)]
    data: DataDirArgument,
    /// Number of training examples to show
    #[arg(long, default_value_t = 3, value_name = "N")]
    examples: usize,
    /// Print the split of each example of `train` as CSV, in the order of reading
    #[arg(long, conflicts_with = "json")]
    splits: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints the description.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let plan = Plan::load(&arguments.config, &arguments.overrides.overrides)?;
    let places = Places {
        published: &arguments.data.location(),
        config_folder: plan.folder(),
    };
    let dataset = plan.experiment().data.load(&places, &mut downloads())?;
    if arguments.splits {
        let Some(splits) = &dataset.splits else {
            let problem = "this data set holds out its last training examples; there are no splits";
            return Err(Usage::new(problem).into());
        };
        let rows = splits.iter().zip(1..).map(|(split, example)| SplitRow {
            example,
            split: split.name(),
        });
        write!(out, "{}", csv_of(rows))?;
        return Ok(ExitCode::SUCCESS);
    }
    let description = dataset.description();
    if arguments.json {
        let examples = dataset.first_examples(arguments.examples).into_iter();
        let examples: Vec<_> = examples
            .map(|(class, lines)| json!({ "class": class, "example": lines.join("\n") }))
            .collect();
        let mut json = serde_json::to_value(&description)?;
        json["examples"] = examples.into();
        writeln!(out, "{json:#}")?;
    } else {
        write!(out, "{}", text(&description, &dataset, arguments.examples))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The split of an example of a person's own training data.
#[derive(Serialize)]
struct SplitRow {
    /// Counted from 1.
    example: usize,
    split: &'static str,
}

fn text(description: &Description, dataset: &Dataset, examples: usize) -> String {
    let Description {
        name,
        spec,
        classes,
        ..
    } = description;
    let total = |count: fn(&datasets::ClassCounts) -> usize| classes.iter().map(count).sum();
    let totals: [usize; 3] = [
        total(|class| class.train),
        total(|class| class.validation),
        total(|class| class.test),
    ];
    let mut text = format!(
        "{name}: {}, {} in {}\n\n",
        spec.input,
        count(totals.iter().sum::<usize>(), "example"),
        count(classes.len(), "class"),
    );
    let splits = ["train", "validation", "test"].map(Column::number);
    let mut table = Table::new([Column::text("class")].into_iter().chain(splits));
    for class in classes {
        let counts = [class.train, class.validation, class.test].map(thousands);
        table.add([class.class.clone()].into_iter().chain(counts));
    }
    let totals = totals.map(thousands);
    table.add(["all".to_owned()].into_iter().chain(totals));
    text += &table.text();
    text += &format!(
        "\nAlways answering `{}`, the most frequent class in training, is right for {} % of the test \
         examples.\n",
        description.most_frequent,
        percent(description.chance),
    );
    if description.imbalance >= UNBALANCED {
        text += &format!(
            "The classes are unbalanced: `{}` has {:.1} times as many training examples as the least \
             frequent class. Compare accuracies with the share above.\n",
            description.most_frequent, description.imbalance,
        );
    }
    let mut sentences = noticed::sentences(&description.noticed);
    if description.validation_in_train > 0 {
        let repeated = description.validation_in_train;
        let what = "also occurs in the training set";
        sentences.push(noticed::sentence(repeated, "validation example", what));
    }
    for sentence in sentences {
        text += &format!("{sentence}.\n");
    }
    text.push('\n');
    text += &inputs(&description.inputs);
    let examples = dataset.first_examples(examples);
    if !examples.is_empty() {
        text += "\nTraining examples:\n";
    }
    for (class, lines) in examples {
        match lines.as_slice() {
            [line] => {
                let line: String = line.chars().take(LONGEST).collect();
                text += &format!("{class}: {line}\n");
            }
            lines => text += &format!("{class}:\n{}\n", lines.join("\n")),
        }
    }
    text
}

/// From this ratio of the most to the least frequent class on, it is said.
const UNBALANCED: f64 = 3.0;
/// Characters of an example that are shown on one line.
const LONGEST: usize = 400;

fn inputs(facts: &InputFacts) -> String {
    match facts {
        InputFacts::Pixels { least, most, mean } => {
            format!("Pixels from {least} to {most} of 255, on average {mean:.1}.\n")
        }
        InputFacts::Words {
            fewest,
            median,
            most,
            unknown,
            vocabulary,
        } => format!(
            "{fewest} to {most} words per text are read, {median} in the median. The vocabulary has {} \
             words; {} % of the words read are not in it.\n",
            thousands(vocabulary),
            percent(*unknown),
        ),
        InputFacts::Columns(columns) => {
            let numbers = ["mean", "deviation", "least", "most"].map(Column::number);
            let titles = [Column::text("column")].into_iter().chain(numbers);
            let mut table = Table::new(titles.chain([Column::text("values")]));
            for TableColumn { name, kind } in columns {
                let row = match kind {
                    Kind::Number {
                        mean,
                        deviation,
                        least,
                        most,
                    } => {
                        let mut row = vec![Some(name.clone())];
                        row.extend(
                            [mean, deviation, least, most].map(|&value| Some(significant(value))),
                        );
                        row.push(None);
                        row
                    }
                    Kind::Text { values } => {
                        let mut row = vec![Some(name.clone()), None, None, None, None];
                        row.push(Some(listed(values)));
                        row
                    }
                };
                table.add(row);
            }
            table.text()
        }
    }
}

/// A number with four significant digits.
fn significant(number: f64) -> String {
    const DIGITS: i32 = 4;
    if number == 0.0 || !number.is_finite() {
        return number.to_string();
    }
    let before = number.abs().log10().floor() as i32;
    if !(-DIGITS..=6).contains(&before) {
        return format!("{number:.3e}");
    }
    let decimals = (DIGITS - 1 - before).max(0) as usize;
    let text = format!("{number:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// The first values of a column of texts.
fn listed(values: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = values.iter().take(SHOWN);
    let shown: Vec<&str> = shown
        .map(|value| if value.is_empty() { "(missing)" } else { value })
        .collect();
    let shown = shown.join(", ");
    match values.len().checked_sub(SHOWN) {
        None | Some(0) => shown,
        Some(more) => format!("{shown}, and {more} more"),
    }
}
