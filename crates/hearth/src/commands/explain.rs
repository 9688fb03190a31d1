use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use compare::{BySeed, ChangedKey, Explanation};
use config::{Change, Plan, Seeds};
use present::count;
use record::Metric;
use runner::Results;

use crate::arguments::{ComputeArguments, OverrideArguments, seeds};
use crate::exit::{self, Usage};
use crate::training::Training;

/// Find out which of the changes between two configs make the difference: runs the configs in between
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth explain sgd.json adam-dropout.json --seeds 0..5")]
pub struct Arguments {
    /// The config to start from
    #[arg(value_name = "FROM")]
    from: PathBuf,
    /// The config with all changes
    #[arg(value_name = "TO")]
    to: PathBuf,
    #[command(flatten)]
    overrides: OverrideArguments,
    /// Seeds instead of the first config's: numbers and ranges, for example 0,1,2 or 0..5 (0 to 4)
    #[arg(long, value_name = "SEEDS", value_parser = seeds)]
    seeds: Option<Seeds>,
    /// Metric: loss or accuracy, of train, validation or test
    #[arg(long, default_value_t, value_name = "METRIC")]
    metric: Metric,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    compute: ComputeArguments,
}

/// With so many changes at most, every combination of them is run.
const MOST_COMBINED: usize = 4;

/// A path of so many changes takes 210 configs.
const MOST_CHANGES: usize = 20;

/// Runs what is missing and prints the contribution of each change.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    arguments.compute.check()?;
    let between = Between::new(arguments)?;
    let plans = [between.from.clone(), between.to.clone()];
    let results = Results::keeping(&arguments.compute.results.folder);
    let mut training = Training::new(&arguments.compute, results, &plans)?;
    let explained = between.explain(&mut training);
    let (explanation, done) = match explained {
        Ok(explanation) => (explanation, Ok(())),
        Err(error) => (None, Err(error)),
    };
    if let Some(explanation) = explanation {
        let text = if arguments.json {
            explanation.json()
        } else {
            explanation.text()
        };
        write!(out, "{text}")?;
    }
    training.code(done)
}

/// Two plans and the changes between them. A set of changes is a number whose bits are the changes.
struct Between<'a> {
    arguments: &'a Arguments,
    from: Plan,
    to: Plan,
    changes: Vec<Change>,
}

impl<'a> Between<'a> {
    fn new(arguments: &'a Arguments) -> anyhow::Result<Self> {
        let load = |path: &Path| Plan::load(path, &arguments.overrides.overrides);
        let (mut from, mut to) = (load(&arguments.from)?, load(&arguments.to)?);
        let seeds = arguments.seeds.as_ref().unwrap_or(from.seeds()).clone();
        from = from.with_seeds(seeds.clone());
        to = to.with_seeds(seeds);
        let changes = from.changes_to(&to);
        if changes.is_empty() {
            let problem = format!(
                "{} and {} do not differ in anything that decides the numbers",
                arguments.from.display(),
                arguments.to.display()
            );
            return Err(Usage::new(problem).into());
        }
        if changes.len() > MOST_CHANGES {
            let problem = format!(
                "{} and {} differ in {} keys, at most {MOST_CHANGES} can be told apart; name configs that \
                 are closer",
                arguments.from.display(),
                arguments.to.display(),
                changes.len()
            );
            return Err(Usage::new(problem).into());
        }
        let is_elsewhere = from.folder().canonicalize().ok() != to.folder().canonicalize().ok();
        if is_elsewhere && (from.has_paths() || to.has_paths()) {
            let problem =
                "the configs name files, relative to different folders; put both into one";
            return Err(Usage::new(problem).into());
        }
        Ok(Self {
            arguments,
            from,
            to,
            changes,
        })
    }

    fn all(&self) -> usize {
        (1 << self.changes.len()) - 1
    }

    /// The plan with a set of changes.
    fn plan(&self, set: usize) -> anyhow::Result<Plan> {
        if set == 0 {
            return Ok(self.from.clone());
        }
        if set == self.all() {
            return Ok(self.to.clone());
        }
        let made = self.changes.iter().enumerate();
        let made: Vec<&Change> = made
            .filter(|(index, _)| set >> index & 1 == 1)
            .map(|(_, change)| change)
            .collect();
        let overrides = &self.arguments.overrides.overrides;
        let plan = Plan::load_between(&self.arguments.from, overrides, &made).map_err(|error| {
            let keys: Vec<&str> = made.iter().map(|change| change.key.as_str()).collect();
            Usage::new(format!(
                "a config in between, with {} changed alone, is not valid; let the two configs differ only \
                 in keys that can change on their own: {error}",
                keys.join(" and ")
            ))
        })?;
        Ok(plan.with_seeds(self.from.seeds().clone()))
    }

    /// `None` if there is no seed of which all configs have a value: their errors were said.
    fn explain(&self, training: &mut Training) -> anyhow::Result<Option<Explanation>> {
        let names = [self.from.name(), self.to.name()];
        let metric = self.arguments.metric;
        let changes: Vec<ChangedKey> = self.changes.iter().map(changed).collect();
        if changes.len() <= MOST_COMBINED {
            // All are checked before the first is run.
            let plans: Vec<Plan> = (0..=self.all())
                .map(|set| self.plan(set))
                .collect::<anyhow::Result<_>>()?;
            self.announce(plans.len());
            let mut values = Vec::new();
            let mut test_set = None;
            for plan in &plans {
                values.push(self.values(plan, training, &mut test_set)?);
            }
            let explanation = Explanation::shapley(names, metric, changes, &values);
            return Ok(unless_nothing(explanation, training));
        }
        let number = changes.len();
        let singles: anyhow::Result<Vec<Plan>> =
            (0..number).map(|one| self.plan(1 << one)).collect();
        singles?;
        self.announce(2 + number * (number + 1) / 2 - 1);
        let mut test_set = None;
        let first = self.values(&self.from, training, &mut test_set)?;
        let last = self.values(&self.to, training, &mut test_set)?;
        let Some(whole) = gain(&first, &last) else {
            return Ok(unless_nothing(None, training));
        };
        let (mut set, mut configs) = (0, 2);
        let (mut path, mut order) = (vec![first], Vec::new());
        while order.len() + 1 < number {
            let mut steps = Vec::new();
            for change in (0..number).filter(|change| set >> change & 1 == 0) {
                let plan = self.plan(set | 1 << change)?;
                let values = self.values(&plan, training, &mut test_set)?;
                configs += 1;
                steps.extend(
                    gain(&path[path.len() - 1], &values).map(|gain| (gain, change, values)),
                );
            }
            let towards = |gain: f64| gain * whole.signum();
            let largest = steps
                .into_iter()
                .max_by(|one, other| towards(one.0).total_cmp(&towards(other.0)));
            let Some((_, change, values)) = largest else {
                return Ok(unless_nothing(None, training));
            };
            set |= 1 << change;
            order.push(change);
            path.push(values);
        }
        order.extend((0..number).filter(|change| set >> change & 1 == 0));
        path.push(last);
        let changes = order
            .into_iter()
            .map(|change| changes[change].clone())
            .collect();
        let explanation = Explanation::path(names, metric, changes, &path, configs);
        Ok(unless_nothing(explanation, training))
    }

    fn announce(&self, configs: usize) {
        let seeds = self.from.seeds().len();
        exit::say(&format!(
            "{} between {} and {}: {} with {}, of which finished runs are skipped",
            count(self.changes.len(), "change"),
            self.from.name(),
            self.to.name(),
            count(configs, "config"),
            count(seeds, "seed"),
        ));
    }

    /// Runs a plan. A run that diverged has no value; one that learnt nothing does.
    fn values(
        &self,
        plan: &Plan,
        training: &mut Training,
        test_set: &mut Option<String>,
    ) -> anyhow::Result<BySeed> {
        let mut values = BySeed::new();
        for (record, _) in training.run(plan)? {
            let digest = &record.result.data.test.digest;
            if test_set.get_or_insert_with(|| digest.clone()) != digest {
                let problem = format!(
                    "{}: tested on other examples than {}, so their figures do not compare; keep the test \
                     set as it is",
                    plan.name(),
                    self.from.name()
                );
                return Err(Usage::new(problem).into());
            }
            match self.arguments.metric.of(&record) {
                Some(value) => {
                    values.insert(record.seed, value);
                }
                None => exit::say(&format!(
                    "{} seed {}: has no {}, so this seed is left out for every config",
                    plan.name(),
                    record.seed,
                    self.arguments.metric
                )),
            }
        }
        Ok(values)
    }
}

/// Says why there is no explanation, if there is none.
fn unless_nothing(
    explanation: Option<Explanation>,
    training: &mut Training,
) -> Option<Explanation> {
    if explanation.is_none() {
        exit::say("no seed has a value for every config, so nothing can be compared");
        training.failures.fail();
    }
    explanation
}

fn changed(change: &Change) -> ChangedKey {
    ChangedKey {
        key: change.key.clone(),
        from: change.from.clone(),
        to: change.to.clone(),
    }
}

/// The mean difference over the seeds that both have.
fn gain(before: &BySeed, after: &BySeed) -> Option<f64> {
    let common = before
        .iter()
        .filter_map(|(seed, before)| Some(after.get(seed)? - before));
    compare::statistics::mean(&common.collect::<Vec<f64>>())
}
