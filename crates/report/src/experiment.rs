use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use compare::statistics::MeanAndDeviation;
use compare::{Group, Run};
use record::{Evaluation, Metric, Record, Remark, Status};

/// The runs of one experiment, which differ only in the seed: they share config, backend, test set
/// and results folder.
#[derive(Clone, Debug)]
pub(crate) struct Experiment {
    /// The results folder.
    folder: PathBuf,
    /// Its runs, sorted by seed. Named after the experiment; if several experiments share that
    /// name, the differing traits are added.
    pub group: Group,
}

impl Experiment {
    /// Groups the runs, sorted by name. Also returns a message for each run left out.
    pub fn all(runs: Vec<(PathBuf, Run)>) -> (Vec<Self>, Vec<String>) {
        let mut groups: BTreeMap<[String; 5], BTreeMap<u64, (PathBuf, Run)>> = BTreeMap::new();
        let mut left_out = Vec::new();
        for (folder, run) in runs {
            let of_one_kind = groups.entry(traits(&folder, &run.record)).or_default();
            match of_one_kind.get(&run.record.seed) {
                Some((_, first)) => left_out.push(format!(
                    "{}: same experiment and seed as {}, which is shown instead",
                    run.path.display(),
                    first.path.display()
                )),
                None => {
                    of_one_kind.insert(run.record.seed, (folder, run));
                }
            }
        }
        let kinds: Vec<[String; 5]> = groups.keys().cloned().collect();
        let experiments = groups.into_iter().filter_map(|(kind, runs)| {
            let (folder, _) = runs.values().next()?.clone();
            let group = Group {
                name: told_apart(&kind, &kinds),
                argument: folder.display().to_string(),
                runs: runs.into_values().map(|(_, run)| run).collect(),
                unfinished: Vec::new(),
            };
            Some(Self { folder, group })
        });
        (experiments.collect(), left_out)
    }

    /// Whether one of the paths, with links resolved, is the experiment's folder or a run's.
    pub fn is_among(&self, named: &BTreeSet<PathBuf>) -> bool {
        self.group.runs.iter().any(|run| {
            let folders = [Some(run.place.as_path()), run.place.parent()];
            folders
                .into_iter()
                .flatten()
                .any(|folder| named.contains(folder))
        })
    }

    pub fn name(&self) -> &str {
        &self.group.name
    }

    pub fn runs(&self) -> impl Iterator<Item = &Record> {
        self.group.runs.iter().map(|run| &run.record)
    }

    /// The first run, to read what all runs have in common.
    pub fn first(&self) -> &Record {
        &self.group.runs[0].record
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn completed(&self) -> impl Iterator<Item = &Record> {
        let completed = |run: &&Record| run.result.status == Status::Completed;
        self.runs().filter(completed)
    }

    pub fn diverged(&self) -> impl Iterator<Item = &Record> {
        let diverged = |run: &&Record| run.result.status == Status::Diverged;
        self.runs().filter(diverged)
    }

    /// The number of runs that learnt nothing, so that their scores are worth nothing.
    pub fn learnt_nothing(&self) -> usize {
        self.runs().filter(|run| run.learnt_nothing()).count()
    }

    pub fn tests(&self) -> impl Iterator<Item = &Evaluation> {
        self.runs().filter_map(|run| run.result.test.as_ref())
    }

    /// Each remark on its runs, with the seeds that it is about. Where remarks of the same kind differ
    /// in their figures, that of the first seed stands for all.
    pub fn remarks(&self) -> Vec<(String, String)> {
        let mut remarks: Vec<(Remark, Vec<u64>)> = Vec::new();
        for run in self.runs() {
            for remark in Remark::of(run) {
                let label = remark.label();
                match remarks.iter_mut().find(|(known, _)| known.label() == label) {
                    Some((_, seeds)) => seeds.push(run.seed),
                    None => remarks.push((remark, vec![run.seed])),
                }
            }
        }
        let all = self.group.runs.len();
        let told = remarks.into_iter().map(|(remark, seeds)| {
            let seeds = match seeds.as_slice() {
                [only] => format!("seed {only}"),
                [first, ..] if seeds.len() == all => format!("all seeds, as of {first}"),
                [first, ..] => format!("{} seeds, as of {first}", seeds.len()),
                [] => String::new(),
            };
            (seeds, remark.to_string())
        });
        told.collect()
    }

    /// The mean over the runs that have the metric.
    pub fn mean(&self, metric: Metric) -> Option<MeanAndDeviation> {
        MeanAndDeviation::of(&self.group.figures(metric))
    }

    /// The `about` text of its config.
    pub fn about(&self) -> Option<&str> {
        self.first().config.get("about")?.as_str()
    }

    /// The name of a class, or its number if it has no name.
    pub fn class(&self, class: usize) -> String {
        let name = self.first().spec.classes.get(class);
        name.cloned().unwrap_or_else(|| class.to_string())
    }
}

/// What the runs of one experiment have in common; the first is the name.
fn traits(folder: &Path, record: &Record) -> [String; 5] {
    // The first digits of a hash are enough to recognize it.
    let short = |hash: &str| hash.chars().take("sha256:".len() + 8).collect::<String>();
    [
        record.experiment.clone(),
        format!("in {}", folder.display()),
        format!("on {}", record.run.backend),
        format!("config {}", short(&record.signature)),
        format!("test set {}", short(&record.result.data.test.digest)),
    ]
}

/// The name, with the traits that distinguish it from other experiments of the same name.
fn told_apart(kind: &[String; 5], kinds: &[[String; 5]]) -> String {
    let [name, traits @ ..] = kind;
    let namesakes = || kinds.iter().filter(|other| other[0] == *name);
    let differing = traits.iter().zip(1..).filter_map(|(own, index)| {
        let differs = namesakes().any(|other| other[index] != *own);
        differs.then_some(own.as_str())
    });
    let differing: Vec<&str> = differing.collect();
    if differing.is_empty() {
        name.clone()
    } else {
        format!("{name} ({})", differing.join(", "))
    }
}
