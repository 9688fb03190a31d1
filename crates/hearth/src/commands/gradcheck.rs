use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use config::Plan;
use present::{Column, Table};
use runner::{GradientCheck, gradcheck};
use serde_json::{Value, json};

use crate::arguments::{ConfigArguments, DataDirArgument, OverrideArguments};
use crate::exit::{self, Failures};
use crate::progress::downloads;

/// Check a model's gradients against finite differences of its loss
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth gradcheck configs/mnist-batchnorm.json")]
pub struct Arguments {
    #[command(flatten)]
    configs: ConfigArguments,
    #[command(flatten)]
    overrides: OverrideArguments,
    #[command(flatten)]
    data: DataDirArgument,
    /// Print one JSON object per tensor
    #[arg(long)]
    json: bool,
}

/// Prints a row per tensor. A config that fails does not stop the others. Exits with 1 if a gradient is
/// off.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let mut failures = Failures::default();
    let location = arguments.data.location();
    let texts = ["experiment", "tensor", "result"].map(Column::text);
    let numbers = ["entries", "largest gradient", "error"].map(Column::number);
    let mut report = Table::new(texts.into_iter().chain(numbers));
    for path in arguments.configs.files()? {
        let checked = Plan::load(&path, &arguments.overrides.overrides)
            .map_err(anyhow::Error::from)
            .and_then(|plan| {
                let seed = plan.seeds()[0];
                let checks = gradcheck(&plan, seed, &location, &mut downloads())?;
                Ok((plan, checks))
            });
        let (plan, checks) = match checked {
            Ok(checked) => checked,
            Err(error) => {
                failures.add(&error);
                continue;
            }
        };
        for check in &checks {
            if !check.passes() {
                failures.fail();
                let (name, tensor, error) = (plan.name(), &check.tensor, check.error);
                exit::say(&format!(
                    "{name}: the gradient of {tensor} is off by {error:.1e}"
                ));
            }
            if arguments.json {
                writeln!(out, "{}", json(&plan, check))?;
            } else {
                report.add(row(&plan, check));
            }
        }
    }
    if !report.is_empty() {
        write!(out, "{}", report.text())?;
    }
    Ok(failures.code())
}

fn json(plan: &Plan, check: &GradientCheck) -> Value {
    json!({
        "experiment": plan.name(),
        "tensor": check.tensor,
        "entries": check.entries,
        "largest_gradient": check.largest_gradient,
        "error": check.error,
        "passes": check.passes(),
    })
}

fn row(plan: &Plan, check: &GradientCheck) -> [String; 6] {
    let result = if check.passes() { "passes" } else { "FAILS" };
    [
        plan.name().to_owned(),
        check.tensor.clone(),
        result.to_owned(),
        check.entries.to_string(),
        format!("{:.1e}", check.largest_gradient),
        format!("{:.1e}", check.error),
    ]
}
