use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use compare::{Group, Run};
use record::{Evaluation, Record, Status};

/// The runs of one experiment: one config, backend, test set and results folder, another seed each.
#[derive(Clone, Debug)]
pub(crate) struct Experiment {
    /// The results folder.
    folder: PathBuf,
    /// By seed. Its name is the experiment's and whatever else tells it from others of that name.
    pub group: Group,
}

impl Experiment {
    /// In the order of the names; with a sentence on each run that is left out.
    pub fn all(runs: Vec<(PathBuf, Run)>) -> (Vec<Self>, Vec<String>) {
        let mut groups: BTreeMap<[String; 5], BTreeMap<u64, (PathBuf, Run)>> = BTreeMap::new();
        let mut left_out = Vec::new();
        for (folder, run) in runs {
            let of_one_kind = groups.entry(traits(&folder, &run.record)).or_default();
            match of_one_kind.get(&run.record.seed) {
                Some((_, first)) => left_out.push(format!(
                    "{}: the same seed of the same experiment as {}, which stands for both",
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
                unfinished: 0,
            };
            Some(Self { folder, group })
        });
        (experiments.collect(), left_out)
    }

    pub fn name(&self) -> &str {
        &self.group.name
    }

    pub fn runs(&self) -> impl Iterator<Item = &Record> {
        self.group.runs.iter().map(|run| &run.record)
    }

    /// A run like all others but for the seed.
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

    pub fn tests(&self) -> impl Iterator<Item = &Evaluation> {
        self.runs().filter_map(|run| run.result.test.as_ref())
    }

    pub fn accuracies(&self) -> Vec<f64> {
        self.tests().map(|test| test.accuracy).collect()
    }

    pub fn losses(&self) -> Vec<f64> {
        self.tests().map(|test| test.loss).collect()
    }

    /// What its config says that it is.
    pub fn about(&self) -> Option<&str> {
        self.first().config.get("about")?.as_str()
    }

    /// What a class is called: models of texts tell negative from positive.
    pub fn class(&self, class: usize) -> String {
        let of_texts = self.first().config.pointer("/model/embedding_classifier");
        match (of_texts, class) {
            (Some(_), 0) => "negative".to_owned(),
            (Some(_), 1) => "positive".to_owned(),
            _ => class.to_string(),
        }
    }
}

/// What the runs of one experiment have in common, the name first.
fn traits(folder: &Path, record: &Record) -> [String; 5] {
    // A hash is known by its beginning.
    let short = |hash: &str| hash.chars().take("sha256:".len() + 8).collect::<String>();
    [
        record.experiment.clone(),
        format!("in {}", folder.display()),
        format!("on {}", record.run.backend),
        format!("config {}", short(&record.signature)),
        format!("test set {}", short(&record.result.data.test.digest)),
    ]
}

/// The name with the traits in which it differs from others of that name.
fn told_apart(kind: &[String; 5], kinds: &[[String; 5]]) -> String {
    let [name, traits @ ..] = kind;
    let namesakes = || kinds.iter().filter(|other| other[0] == *name);
    let differing = traits.iter().zip(1..).filter_map(|(own, index)| {
        let differs = namesakes().any(|other| other[index] != *own);
        differs.then_some(own.as_str())
    });
    let differing: Vec<&str> = differing.collect();
    match differing.is_empty() {
        true => name.clone(),
        false => format!("{name} ({})", differing.join(", ")),
    }
}
