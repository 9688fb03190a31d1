use std::io::Write;
use std::process::ExitCode;

use config::Plan;
use indicatif::ProgressBar;
use runner::{GradientCheck, gradcheck};
use serde_json::{Value, json};

use crate::arguments::GradcheckArguments;
use crate::exit;
use crate::format::{lines, table};
use crate::progress::{has_bars, show_download};

pub fn run(arguments: &GradcheckArguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let mut plans = Vec::new();
    for path in &arguments.configs {
        plans.push(Plan::load(path, &arguments.overrides.overrides)?);
    }
    let location = arguments.data.location();
    let mut report = table(
        &[
            "experiment",
            "tensor",
            "",
            "entries",
            "largest gradient",
            "error",
        ],
        3,
    );
    let mut all_pass = true;
    for plan in &plans {
        let mut bar = ProgressBar::hidden();
        let checks = gradcheck(plan, plan.seeds()[0], &location, &mut |progress| {
            if has_bars() {
                show_download(&mut bar, progress);
            }
        })?;
        for check in &checks {
            if !check.passes() {
                all_pass = false;
                let (name, tensor, error) = (plan.name(), &check.tensor, check.error);
                exit::say(&format!(
                    "{name}: the gradient of {tensor} is off by {error:.1e}"
                ));
            }
            match arguments.json {
                true => writeln!(out, "{}", json(plan, check))?,
                false => {
                    report.add_row(row(plan, check));
                }
            }
        }
    }
    if !arguments.json {
        write!(out, "{}", lines(&report))?;
    }
    Ok(match all_pass {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(exit::FAILED),
    })
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
    let verdict = match check.passes() {
        true => "passes",
        false => "FAILS",
    };
    [
        plan.name().to_owned(),
        check.tensor.clone(),
        verdict.to_owned(),
        check.entries.to_string(),
        format!("{:.1e}", check.largest_gradient),
        format!("{:.1e}", check.error),
    ]
}
