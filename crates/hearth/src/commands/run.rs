mod until_decided;

use std::io::Write;
use std::num::NonZeroUsize;
use std::process::ExitCode;

use clap::Args;
use config::{Plan, Seeds, Source};
use runner::Results;

use crate::arguments::{
    ComputeArguments, ConfigArguments, OverrideArguments, VerdictArguments, seeds,
};
use crate::exit::{Failures, Usage};
use crate::interrupt;
use crate::training::Training;

/// Train and test models: one run per config and seed
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    hearth run configs/mnist-*.json --seeds 0..3 --backend flex\n  \
    hearth run a.json b.json --until-decided\n  \
    hearth run a.json --vary init,order --seeds 0..10")]
pub struct Arguments {
    #[command(flatten)]
    configs: ConfigArguments,
    #[command(flatten)]
    overrides: OverrideArguments,
    #[command(flatten)]
    compute: ComputeArguments,
    /// Seeds instead of the config's: numbers and ranges, for example 0,1,2 or 0..5 (0 to 4)
    #[arg(long, value_name = "SEEDS", value_parser = seeds)]
    seeds: Option<Seeds>,
    /// Name of the experiment instead of the config's and the keys that were set
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Let the seeds vary one source of randomness at a time and hold the others at the first seed:
    /// init, order, dropout, split, as in init,order; `hearth spread` shows the outcome
    #[arg(long, value_name = "SOURCES", value_delimiter = ',')]
    vary: Vec<Source>,
    /// Add seeds to two configs, the same to both, until it is decided which is better, or that they are
    /// equivalent: the verdict is asked for after 5, 10, 20 and 30 seeds, as strictly as so many looks
    /// require
    #[arg(long, conflicts_with_all = ["seeds", "vary", "until_epoch", "name"])]
    until_decided: bool,
    /// With --until-decided: the number of seeds after which to stop [default: 30]
    #[arg(long, value_name = "N", requires = "until_decided", value_parser = clap::value_parser!(u16).range(2..=1000))]
    max_seeds: Option<u16>,
    #[command(flatten)]
    verdict: VerdictArguments,
    /// Rerun finished runs and discard unfinished ones
    #[arg(long)]
    overwrite: bool,
    /// Fail when an expectation of the config does not hold even though --set changes its numbers
    #[arg(long)]
    expect: bool,
    /// Save each run after this epoch and leave it; the same command without it goes on
    #[arg(long, value_name = "EPOCH")]
    until_epoch: Option<NonZeroUsize>,
    /// Stop, as after a signal, when standard input closes: the process that started this one has
    /// ended or asks it to stop
    #[arg(long, hide = true)]
    while_stdin_open: bool,
    /// Look for finished runs under their own names alone: the sweep that they are of has looked further
    #[arg(long, hide = true)]
    own_name: bool,
}

/// Runs every config with every seed and prints a table. A config or run that fails gets its error and
/// does not stop the others. Exits with the code of the first error, with 1 if a run diverges or does not
/// meet an expectation, with 75 if interrupted.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    arguments.compute.check()?;
    if arguments.verdict.is_given() && !arguments.until_decided {
        let problem =
            "--metric and --margin are those of --until-decided; add it, or ask `hearth diff`";
        return Err(Usage::new(problem).into());
    }
    let mut failures = Failures::default();
    // All configs are checked before the first is run.
    let plans = plans(arguments, &mut failures)?;
    let mut training = Training::new(&arguments.compute, results(arguments), &plans)?;
    training.until_epoch = arguments.until_epoch.map(NonZeroUsize::get);
    training.requires_expectations = arguments.expect;
    training.failures = failures;
    if arguments.while_stdin_open {
        interrupt::when_stdin_closes();
    }
    if arguments.until_decided {
        return until_decided::execute(arguments, &plans, training, out);
    }
    let done = plans.iter().try_for_each(|plan| {
        let finished = training.run(plan)?;
        training.sum_up(plan, &finished);
        Ok(())
    });
    // Finished runs are shown even when a later one failed.
    training.show(out)?;
    training.code(done)
}

fn results(arguments: &Arguments) -> Results<'_> {
    let folder = &arguments.compute.results.folder;
    let results = if arguments.overwrite {
        Results::overwriting(folder)
    } else {
        Results::keeping(folder)
    };
    if arguments.own_name {
        results.under_own_names()
    } else {
        results
    }
}

/// The plans of the configs that are valid.
fn plans(arguments: &Arguments, failures: &mut Failures) -> anyhow::Result<Vec<Plan>> {
    let mut plans: Vec<Plan> = Vec::new();
    for path in arguments.configs.files()? {
        let mut plan = match Plan::load(&path, &arguments.overrides.overrides) {
            Ok(plan) => plan,
            Err(error) => {
                failures.add(&error.into());
                continue;
            }
        };
        if let Some(seeds) = &arguments.seeds {
            plan = plan.with_seeds(seeds.clone());
        }
        if let Some(name) = &arguments.name {
            plan = plan.named(name)?;
        }
        let is_namesake = |other: &&Plan| other.name() == plan.name();
        let namesake = plans.iter().find(is_namesake);
        if namesake.is_some_and(|other| !other.is_same_config(&plan)) {
            let problem = format!(
                "{}: two different configs are named `{}`; rename one of them, or give each its \
                 own --name or --out",
                path.display(),
                plan.name()
            );
            return Err(Usage::new(problem).into());
        }
        if arguments.vary.is_empty() {
            plans.push(plan);
            continue;
        }
        for &source in &arguments.vary {
            plans.extend(plan.varying(source)?);
        }
    }
    Ok(plans)
}
