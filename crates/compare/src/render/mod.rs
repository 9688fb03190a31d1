//! A comparison as people and programs read it.

mod figures;
mod rows;
mod sentences;
mod sheet;

use serde_json::Value;

use crate::Comparison;
pub use figures::thousands;
use figures::{mean_and_deviation, named, percent_or_plain};
use rows::Rows;

impl Comparison {
    /// For a terminal: the config's differences, the figures, and what is held of each difference.
    pub fn text(&self) -> String {
        let mut parts = Vec::new();
        match self.config.is_empty() {
            true => parts.push("The configs do not differ.\n".to_owned()),
            false => parts.push(self.config_rows().text()),
        }
        parts.push(self.group_rows().text());
        for contrast in &self.contrasts {
            let mut part = format!("{}\n", sentences::title(contrast));
            for sentence in sentences::about(contrast, self) {
                part += &format!("  {sentence}\n");
            }
            parts.push(part);
        }
        if !self.notes.is_empty() {
            parts.push(
                self.notes
                    .iter()
                    .map(|note| format!("Note: {note}.\n"))
                    .collect(),
            );
        }
        parts.join("\n")
    }

    /// For an issue or a README: the same in Markdown.
    pub fn markdown(&self) -> String {
        let mut parts = Vec::new();
        if !self.config.is_empty() {
            parts.push(self.config_rows().markdown());
        }
        parts.push(self.group_rows().markdown());
        for contrast in &self.contrasts {
            let sentences = sentences::about(contrast, self).join(" ");
            parts.push(format!("**{}.** {sentences}\n", sentences::title(contrast)));
        }
        if !self.notes.is_empty() {
            parts.push(
                self.notes
                    .iter()
                    .map(|note| format!("- {note}\n"))
                    .collect(),
            );
        }
        parts.join("\n")
    }

    /// A row for each group with its figures and, but for the baseline, its contrast; unrounded.
    /// The config's differences are not in it.
    pub fn csv(&self) -> String {
        sheet::csv(self)
    }

    /// The comparison's fields, indented.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("names, texts and finite numbers") + "\n"
    }

    fn config_rows(&self) -> Rows {
        let names = self.groups.iter().map(|group| group.name.clone());
        let mut rows = Rows::new(["config".to_owned()].into_iter().chain(names), usize::MAX);
        for difference in &self.config {
            let values = difference
                .values
                .iter()
                .map(|values| match values.is_empty() {
                    true => "-".to_owned(),
                    false => values.iter().map(shown).collect::<Vec<_>>().join(", "),
                });
            rows.add([difference.path.clone()].into_iter().chain(values));
        }
        rows
    }

    fn group_rows(&self) -> Rows {
        let name = named(self.metric);
        let of = match self.metric.by_epoch() == self.metric {
            true => String::new(),
            false => format!(" {}", self.metric.by_epoch().split),
        };
        let header = ["group".to_owned(), "runs".to_owned(), name];
        let by_epoch = [format!("best{of}"), "epoch".to_owned(), format!("last{of}")];
        let mut rows = Rows::new(header.into_iter().chain(by_epoch), 1);
        let missing = || "-".to_owned();
        for group in &self.groups {
            let runs = match group.n == group.runs.len() {
                true => group.n.to_string(),
                false => format!("{} of {}", group.n, group.runs.len()),
            };
            let figure = |value: f64| percent_or_plain(self.metric, value);
            let best = group.curve.and_then(|curve| curve.best);
            let epochs = best.map(|best| match best.earliest_epoch == best.latest_epoch {
                true => best.earliest_epoch.to_string(),
                false => format!("{} to {}", best.earliest_epoch, best.latest_epoch),
            });
            rows.add([
                group.name.clone(),
                runs,
                mean_and_deviation(self.metric, group.mean, group.standard_deviation),
                best.map_or_else(missing, |best| figure(best.mean)),
                epochs.unwrap_or_else(missing),
                group.curve.map_or_else(missing, |curve| figure(curve.last)),
            ]);
        }
        rows
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}
