mod drawn;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use compare::{Flips, Group};
use datasets::{Dataset, Inputs, Preprocessing};
use present::{Column, Table, count, percent, thousands};
use spec::InputSpec;

use crate::arguments::DataDirArgument;
use crate::{exit, test_set};

/// Show which test examples some seeds get right and others wrong
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth flips results/mnist-l1")]
pub struct Arguments {
    /// Folder of an experiment with several seeds, or a glob
    #[arg(value_name = "EXPERIMENT")]
    runs: PathBuf,
    /// Number of examples to show, the most divided first
    #[arg(long, default_value_t = 3, value_name = "N")]
    most: usize,
    /// Print JSON, with the number of runs that are right for every example
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    data: DataDirArgument,
}

/// Prints how many examples flip. Classes, pictures and texts are shown if the data are at hand.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let group = Group::read(&arguments.runs)?;
    let flips = Flips::of(&group)?;
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&flips)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let examples = flips.right.len();
    let share = |part: usize| percent(part as f64 / examples.max(1) as f64) + " %";
    writeln!(
        out,
        "{}: {}, {}",
        flips.experiment,
        count(flips.runs, "seed"),
        count(examples, "test example")
    )?;
    let mut table = Table::new([
        Column::text(""),
        Column::number("examples"),
        Column::number("share"),
    ]);
    for (name, part) in [
        ("right with every seed", flips.always_right),
        ("wrong with every seed", flips.always_wrong),
        ("right with some seeds, wrong with others", flips.flipping),
    ] {
        table.add([name.to_owned(), thousands(part), share(part)]);
    }
    write!(out, "{}", table.text())?;
    writeln!(
        out,
        "Of two seeds, one is right and the other wrong on {} % of the examples.",
        percent(flips.disagreement)
    )?;
    let record = &group.runs[0].record;
    let loaded = test_set::data_of(&group.runs[0], &test_set::at_hand(&arguments.data));
    let dataset = loaded.and_then(|dataset| {
        if dataset.test.digest() == record.result.data.test.digest {
            Ok(dataset)
        } else {
            Err("the test set at hand is not the one that was tested on".to_owned())
        }
    });
    match dataset {
        Ok(dataset) => {
            write!(out, "\n{}", by_class(&flips, &dataset))?;
            write!(out, "{}", most_divided(&flips, &dataset, arguments.most))?;
        }
        Err(reason) => exit::say(&format!("the examples are not shown: {reason}")),
    }
    Ok(ExitCode::SUCCESS)
}

/// The most classes that are listed.
const MOST_CLASSES: usize = 20;

/// The flips of each class, most first.
fn by_class(flips: &Flips, dataset: &Dataset) -> String {
    let mut classes = vec![[0; 3]; dataset.spec.classes.len()];
    for (&right, &label) in flips.right.iter().zip(dataset.test.labels()) {
        let [examples, flipping, wrong] = &mut classes[usize::from(label)];
        *examples += 1;
        *flipping += usize::from(0 < right && right < flips.runs);
        *wrong += usize::from(right == 0);
    }
    let numbers = ["examples", "flip", "share", "always wrong"].map(Column::number);
    let mut table = Table::new([Column::text("class")].into_iter().chain(numbers));
    let share = |[examples, flipping, _]: &[usize; 3]| *flipping as f64 / (*examples).max(1) as f64;
    let mut order: Vec<usize> = (0..classes.len()).collect();
    order.sort_by(|&one, &other| share(&classes[other]).total_cmp(&share(&classes[one])));
    for class in order.into_iter().take(MOST_CLASSES) {
        let [examples, flipping, wrong] = classes[class];
        table.add([
            dataset.spec.classes[class].clone(),
            thousands(examples),
            thousands(flipping),
            percent(share(&classes[class])) + " %",
            thousands(wrong),
        ]);
    }
    table.text()
}

/// The examples on which the seeds agree least.
fn most_divided(flips: &Flips, dataset: &Dataset, most: usize) -> String {
    let mut text = String::new();
    for example in flips.most_divided(most) {
        let class = usize::from(dataset.test.labels()[example]);
        text += &format!(
            "\nNo. {example}, class {}, right with {} of {}\n",
            dataset.spec.classes[class],
            flips.right[example],
            count(flips.runs, "seed")
        );
        text += &shown(dataset, example);
    }
    text
}

/// The most characters of a text that are shown.
const MOST_CHARACTERS: usize = 240;

/// The example itself.
fn shown(dataset: &Dataset, example: usize) -> String {
    let width = dataset.test.width();
    let row = example * width..(example + 1) * width;
    match (
        dataset.test.inputs(),
        &dataset.preprocessing,
        &dataset.spec.input,
    ) {
        (Inputs::Bytes(bytes), _, InputSpec::Dense { shape }) => {
            drawn::picture(&bytes[row], shape).unwrap_or_default()
        }
        (Inputs::Tokens(tokens), Preprocessing::Vocabulary(words), _) => {
            let text = words.decode(&tokens[row]);
            let characters = text.chars().count();
            let last: String = text
                .chars()
                .skip(characters.saturating_sub(MOST_CHARACTERS))
                .collect();
            let cut = if characters > MOST_CHARACTERS {
                "... "
            } else {
                ""
            };
            format!("{cut}{last}\n")
        }
        _ => String::new(),
    }
}
