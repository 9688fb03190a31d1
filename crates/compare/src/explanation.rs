//! Which of the changes between two configs make their difference.

use std::collections::BTreeMap;

use present::{Column, Table, count, p_value, score_difference, score_unit, shown as shown_value};
use record::Metric;
use serde::Serialize;
use serde_json::Value;

use crate::statistics::{ALPHA, Interval, Pairs, TTest, mean, shapley};

/// The values of a config by seed.
pub type BySeed = BTreeMap<u64, f64>;

/// A key that changes, with its values before and after.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangedKey {
    /// The key's path.
    pub key: String,
    /// The value in the first config.
    pub from: Value,
    /// The value in the second config.
    pub to: Value,
}

/// How the difference of two configs is shared out among the changes between them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The first experiment.
    pub baseline: String,
    /// The second experiment, which has all changes.
    pub group: String,
    /// The metric.
    pub metric: Metric,
    /// How it is shared out.
    pub method: Method,
    /// The number of seeds that all configs have values of.
    pub seeds: usize,
    /// The number of configs that were run.
    pub configs: usize,
    /// The difference of all changes together.
    pub difference: f64,
    /// Of each change: for [`Method::Path`] in the order of the path.
    pub contributions: Vec<Contribution>,
}

/// How a difference is shared out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// By Shapley values: a change counts with its mean gain over every order of the changes.
    Shapley,
    /// Along one path from the first config to the second, which makes the change with the largest share
    /// in the difference first (Fawcett and Hoos 2016, doi:10.1007/s10732-014-9275-9).
    Path,
}

/// The share of a change in the difference.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Contribution {
    /// The change.
    #[serde(flatten)]
    pub changed: ChangedKey,
    /// The share, in the metric's unit.
    pub difference: f64,
    /// The 95 % interval over seeds, with Bonferroni's correction for all changes; null for one seed or
    /// without a spread.
    pub interval_95: Option<Interval>,
    /// The two-sided p-value of no share, corrected likewise.
    pub p: Option<f64>,
    /// The difference that the change makes alone, on the first config.
    pub alone: Option<f64>,
    /// The difference that it makes last, when the other changes are made.
    pub last: Option<f64>,
}

impl Explanation {
    /// Shares the difference out by Shapley values. `values[set]` are those of the config with the changes
    /// whose bits are set. `None` if no seed has values in all of them.
    pub fn shapley(
        [baseline, group]: [&str; 2],
        metric: Metric,
        changes: Vec<ChangedKey>,
        values: &[BySeed],
    ) -> Option<Self> {
        let by_seed = aligned(values)?;
        let shares: Vec<Vec<f64>> = by_seed.iter().map(|values| shapley(values)).collect();
        let all = values.len() - 1;
        let between = |before: usize, after: usize| {
            let differences = by_seed.iter().map(|values| values[after] - values[before]);
            mean(&differences.collect::<Vec<f64>>())
        };
        let number = changes.len();
        let contributions = changes.into_iter().enumerate().map(|(change, changed)| {
            let shares: Vec<f64> = shares.iter().map(|shares| shares[change]).collect();
            Some(Contribution {
                alone: between(0, 1 << change),
                last: between(all ^ 1 << change, all),
                ..Contribution::of(changed, &shares, number)?
            })
        });
        Some(Self {
            baseline: baseline.to_owned(),
            group: group.to_owned(),
            metric,
            method: Method::Shapley,
            seeds: by_seed.len(),
            configs: values.len(),
            difference: between(0, all)?,
            contributions: contributions.collect::<Option<_>>()?,
        })
    }

    /// Shares the difference out along a path: `values` are those of the first config and after each
    /// change. `configs` counts those that were run to find the path. `None` if no seed has values in all
    /// of them.
    pub fn path(
        [baseline, group]: [&str; 2],
        metric: Metric,
        changes: Vec<ChangedKey>,
        values: &[BySeed],
        configs: usize,
    ) -> Option<Self> {
        let by_seed = aligned(values)?;
        let number = changes.len();
        let step = |before: usize, after: usize| -> Vec<f64> {
            let values = by_seed.iter();
            values
                .map(|values| values[after] - values[before])
                .collect()
        };
        let contributions = changes.into_iter().enumerate();
        let contributions = contributions
            .map(|(index, changed)| Contribution::of(changed, &step(index, index + 1), number));
        Some(Self {
            baseline: baseline.to_owned(),
            group: group.to_owned(),
            metric,
            method: Method::Path,
            seeds: by_seed.len(),
            configs,
            difference: mean(&step(0, number))?,
            contributions: contributions.collect::<Option<_>>()?,
        })
    }

    /// For a terminal.
    pub fn text(&self) -> String {
        let quantity = self.metric.quantity;
        let unit = score_unit(quantity);
        let shown = |value: f64| score_difference(quantity, value);
        let mut text = format!(
            "{} against {}: {} {}{unit} over {}\n\n",
            self.group,
            self.baseline,
            self.metric.words(),
            shown(self.difference),
            count(self.seeds, "seed"),
        );
        let contribution = format!("contribution{}", unit.replace(' ', ", "));
        let mut columns = vec![
            Column::text("change"),
            Column::text("from"),
            Column::text("to"),
            Column::number(contribution),
            Column::number("95 % interval"),
            Column::number("p"),
        ];
        let is_shapley = self.method == Method::Shapley && self.contributions.len() > 1;
        if is_shapley {
            columns.extend(["alone", "last"].map(Column::number));
        }
        let mut table = Table::new(columns);
        for one in &self.contributions {
            let more = [one.alone, one.last].map(|value| value.map(shown));
            let more = more.into_iter().filter(|_| is_shapley);
            let cells = [
                Some(one.changed.key.clone()),
                Some(shown_value(&one.changed.from)),
                Some(shown_value(&one.changed.to)),
                Some(shown(one.difference)),
                one.interval_95
                    .map(|around| format!("{} to {}", shown(around.low), shown(around.high))),
                one.p.map(|p| {
                    p_value(p)
                        .trim_start_matches("p ")
                        .trim_start_matches("= ")
                        .to_owned()
                }),
            ];
            table.add(cells.into_iter().chain(more));
        }
        text += &table.text();
        let configs = count(self.configs, "config");
        let changes = self.contributions.len();
        text += &match self.method {
            Method::Shapley if changes == 1 => String::new(),
            Method::Shapley => format!(
                "\nThe contribution is the mean over every order of making the changes (Shapley value, \
                 {configs}). Alone: on {} without the others. Last: with the others made.\n",
                self.baseline
            ),
            Method::Path => format!(
                "\nEach step makes the change that brings {} furthest towards {} ({configs}). The order is \
                 chosen by the same figures, so early steps look a little larger than they are.\n",
                self.baseline, self.group
            ),
        };
        if changes > 1 && self.seeds > 1 {
            text += &format!(
                "Intervals and p-values are corrected for {changes} changes (Bonferroni).\n"
            );
        }
        if self.seeds == 1 {
            text += "With one seed there is no interval: add --seeds 0..5.\n";
        }
        text
    }

    /// All fields, indented.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("names, texts and finite numbers") + "\n"
    }
}

impl Contribution {
    fn of(changed: ChangedKey, shares: &[f64], changes: usize) -> Option<Self> {
        let pairs = Pairs {
            values: shares.iter().map(|&share| (0.0, share)).collect(),
        };
        let test = TTest::paired(&pairs, 0.0);
        Some(Self {
            changed,
            difference: mean(shares)?,
            interval_95: test.map(|test| test.interval(1.0 - ALPHA / changes as f64)),
            p: test.map(|test| (test.p * changes as f64).min(1.0)),
            alone: None,
            last: None,
        })
    }
}

/// The values of each seed that all configs have, in the order of the configs.
fn aligned(values: &[BySeed]) -> Option<Vec<Vec<f64>>> {
    let seeds = values.first()?.keys();
    let of_seed = |seed: &u64| {
        values
            .iter()
            .map(|by_seed| by_seed.get(seed).copied())
            .collect()
    };
    let aligned: Vec<Vec<f64>> = seeds.filter_map(of_seed).collect();
    (!aligned.is_empty()).then_some(aligned)
}
