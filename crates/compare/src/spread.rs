//! How much of the spread of an experiment each source of randomness makes.
//!
//! `hearth run --vary` writes the runs: each source varies alone, with the others pinned (Bouthillier et
//! al. 2021, "Accounting for variance in machine learning benchmarks", arXiv:2103.03098).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use present::{Column, Table, count, score, score_unit};
use record::{Metric, Record, RecordError, RunFolder};
use serde::Serialize;
use serde_json::Value;

use crate::statistics::{Interval, deviation, deviation_interval, mean};
use crate::{CompareError, Source};

/// The spread of an experiment's metric, by source.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpreadBySource {
    /// The experiment's name.
    pub experiment: String,
    /// The metric.
    pub metric: Metric,
    /// All sources together first, if they were run, then by deviation, largest first.
    pub sources: Vec<SourceSpread>,
    /// What was left out, one sentence each.
    pub notes: Vec<String>,
}

/// The spread that some sources make while the others are pinned.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceSpread {
    /// The sources that vary, for instance `["init"]`.
    pub varies: Vec<&'static str>,
    /// The number of runs.
    pub runs: usize,
    /// The mean of the metric.
    pub mean: f64,
    /// The standard deviation over runs; null for a single run.
    pub deviation: Option<f64>,
    /// The 95 % confidence interval of the deviation.
    pub interval_95: Option<Interval>,
    /// The variance as a share of that of all sources together; null if these were not run.
    pub share: Option<f64>,
}

const ALL: [&str; 3] = ["init", "order", "dropout"];
const SPLIT: &str = "split";

impl SpreadBySource {
    /// Reads the runs of an experiment's folder, and those of the folders beside it in which
    /// `hearth run --vary` wrote its other runs.
    ///
    /// # Errors
    ///
    /// If there is no finished run, or one cannot be read or is damaged.
    pub fn read(folder: &Path, metric: Metric) -> Result<Self, CompareError> {
        // A folder may be named from within.
        let place = folder.canonicalize();
        let folder = place.as_deref().unwrap_or(folder);
        let own = Source::find(folder);
        let beside = beside(folder)?;
        let varied = format!("{}+vary=", name_of(folder));
        let mut runs = Vec::new();
        // An experiment of which only variations were run has no folder of its own.
        match own {
            Ok(source) => add(&mut runs, source)?,
            Err(missing) => {
                let any = beside
                    .iter()
                    .find(|path| name_of(path).starts_with(&varied));
                let any = any.and_then(|path| Source::find(path).ok());
                add(&mut runs, any.ok_or(missing)?)?;
            }
        }
        let base = runs.first().map(varied_from);
        for path in beside {
            if let Ok(source) = Source::find(&path) {
                add(&mut runs, source)?;
            }
        }
        let mut seen = BTreeSet::new();
        let mut notes = Vec::new();
        let all: Vec<&Record> = runs
            .iter()
            .filter(|record| Some(varied_from(record)) == base)
            .filter(|record| seen.insert((&record.signature, record.seed)))
            .collect();
        let mut by_source: BTreeMap<Vec<&'static str>, Vec<f64>> = BTreeMap::new();
        let split = usual_split(&all);
        for record in &all {
            let Some(value) = metric.of(record).filter(|_| !record.learnt_nothing()) else {
                notes.push(format!(
                    "{} seed {} is left out: it diverged or learnt nothing",
                    record.experiment, record.seed
                ));
                continue;
            };
            if split_seed(record) == split {
                by_source.entry(varies(record)).or_default().push(value);
            }
        }
        by_source.extend(splits(&all, split, metric).map(|values| (vec![SPLIT], values)));
        let whole = by_source
            .get(ALL.as_slice())
            .and_then(|values| deviation(values));
        let mut sources: Vec<SourceSpread> = by_source
            .into_iter()
            .filter_map(|(varies, values)| {
                let deviation = deviation(&values);
                Some(SourceSpread {
                    runs: values.len(),
                    mean: mean(&values)?,
                    deviation,
                    interval_95: deviation_interval(&values),
                    share: whole
                        .zip(deviation)
                        .filter(|&(whole, _)| whole > 0.0)
                        .map(|(whole, deviation)| (deviation / whole).powi(2)),
                    varies,
                })
            })
            .collect();
        sources.sort_by(|one, other| {
            let key = |source: &SourceSpread| {
                let deviation = source.deviation.unwrap_or(0.0);
                (source.varies != ALL, -deviation)
            };
            let (one, other) = (key(one), key(other));
            one.0.cmp(&other.0).then(one.1.total_cmp(&other.1))
        });
        Ok(Self {
            experiment: name_of(folder),
            metric,
            sources,
            notes,
        })
    }

    /// For a terminal.
    pub fn text(&self) -> String {
        let quantity = self.metric.quantity;
        let unit = score_unit(quantity);
        let figure = |value: f64| score(quantity, value).trim_end_matches(" %").to_owned();
        let largest = self.sources.iter().filter_map(|source| source.deviation);
        let largest = largest.fold(0.0, f64::max);
        let mut table = Table::new([
            Column::text("varies"),
            Column::number("runs"),
            Column::number(format!("mean {}", self.metric.words())),
            Column::number(format!(
                "deviation,{}",
                if unit.is_empty() { " nats" } else { unit }
            )),
            Column::number("95 % interval"),
            Column::number("share of variance"),
            Column::text(""),
        ]);
        for source in &self.sources {
            let bar = source
                .deviation
                .filter(|_| largest > 0.0)
                .map(|deviation| "█".repeat((16.0 * deviation / largest).round() as usize));
            table.add([
                Some(if source.varies == ALL {
                    "everything".to_owned()
                } else {
                    source.varies.join(" and ")
                }),
                Some(source.runs.to_string()),
                Some(score(quantity, source.mean)),
                source.deviation.map(figure),
                source
                    .interval_95
                    .map(|around| format!("{} to {}", figure(around.low), figure(around.high))),
                source.share.map(|share| format!("{:.0} %", 100.0 * share)),
                bar,
            ]);
        }
        let mut text = table.text();
        let counts = self.sources.iter().map(|source| source.runs);
        if let Some(fewest @ ..10) = counts.filter(|&runs| runs > 1).min() {
            text += &format!(
                "\nWith {} the interval of a deviation spans a factor of {:.1}.\n",
                count(fewest, "run"),
                factor(fewest)
            );
        }
        if self.sources.len() < 2 {
            text += "\nRun each source alone: `hearth run CONFIG --vary init,order,dropout --seeds 0..10`.\n";
        }
        for note in &self.notes {
            text += &format!("Note: {note}.\n");
        }
        text
    }

    /// All fields, indented.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("names and finite numbers") + "\n"
    }
}

/// The upper limit of the interval of a deviation over its lower one.
fn factor(runs: usize) -> f64 {
    let values: Vec<f64> = (0..runs).map(|index| index as f64).collect();
    deviation_interval(&values).map_or(f64::INFINITY, |around| around.high / around.low)
}

fn add(runs: &mut Vec<Record>, source: Source) -> Result<(), CompareError> {
    for path in source.finished {
        runs.extend(RunFolder::at(path).read()?);
    }
    Ok(())
}

/// The folders beside one that are named after it.
fn beside(folder: &Path) -> Result<Vec<PathBuf>, CompareError> {
    let parent = folder
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    let beginning = format!("{}+", name_of(folder));
    let mut folders = Vec::new();
    for entry in fs::read_dir(parent).into_iter().flatten() {
        let path = entry.map_err(RecordError::io(parent))?.path();
        if name_of(&path).starts_with(&beginning) {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

fn name_of(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The config without what varies: runs that agree in it are variations of one experiment.
fn varied_from(record: &Record) -> Value {
    let mut config = record::deciding(&record.config);
    if let Value::Object(keys) = &mut config {
        keys.remove("pinned_seeds");
    }
    if let Some(Value::Object(sources)) = config.get_mut("data") {
        for source in sources.values_mut().filter_map(Value::as_object_mut) {
            source.remove("split_seed");
        }
    }
    config
}

fn split_seed(record: &Record) -> Option<u64> {
    let sources = record.config.get("data")?.as_object()?;
    sources
        .values()
        .find_map(|source| source.get("split_seed"))?
        .as_u64()
}

/// The split that most runs have in common.
fn usual_split(runs: &[&Record]) -> Option<u64> {
    let mut counts: BTreeMap<Option<u64>, usize> = BTreeMap::new();
    for record in runs {
        *counts.entry(split_seed(record)).or_default() += 1;
    }
    let most = counts.values().copied().max()?;
    counts.into_iter().find(|&(_, runs)| runs == most)?.0
}

/// The sources that the run's seed decides.
fn varies(record: &Record) -> Vec<&'static str> {
    let pinned = &record.config["pinned_seeds"];
    ALL.into_iter()
        .filter(|source| pinned[source].is_null())
        .collect()
}

/// The values of runs that differ in their split alone, if there are any.
fn splits(runs: &[&Record], usual: Option<u64>, metric: Metric) -> Option<Vec<f64>> {
    let unpinned = || runs.iter().filter(|record| varies(record) == ALL);
    let seed = unpinned().find(|record| split_seed(record) != usual)?.seed;
    let values = unpinned().filter(|record| record.seed == seed);
    let values = values.filter(|record| !record.learnt_nothing());
    Some(values.filter_map(|record| metric.of(record)).collect())
}
