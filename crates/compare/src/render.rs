//! A comparison as text, Markdown, CSV and JSON.

mod figures;
mod sentences;
mod sheet;

use present::{Column, Table, score, score_with_deviation, shown};

use self::figures::named;
use crate::{Best, Comparison};

impl Comparison {
    /// For a terminal: the config differences, the metrics, and a verdict on each difference.
    pub fn text(&self) -> String {
        let mut parts = Vec::new();
        if self.config.is_empty() {
            parts.push("The configs do not differ.\n".to_owned());
        } else {
            parts.push(self.config_table().text());
        }
        parts.push(self.group_table().text());
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

    /// For an issue or a README: like [`text`](Self::text), in Markdown.
    pub fn markdown(&self) -> String {
        let mut parts = Vec::new();
        if !self.config.is_empty() {
            parts.push(self.config_table().markdown());
        }
        parts.push(self.group_table().markdown());
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

    /// One row per group, with its unrounded numbers and, except for the baseline, its contrast.
    /// Config differences are not included.
    pub fn csv(&self) -> String {
        sheet::csv(self)
    }

    /// All fields of the comparison, indented.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("names, texts and finite numbers") + "\n"
    }

    fn config_table(&self) -> Table {
        let names = self.groups.iter().map(|group| Column::text(&group.name));
        let mut table = Table::new([Column::text("config")].into_iter().chain(names));
        for difference in &self.config {
            let values = difference.values.iter().map(|values| {
                let shown: Vec<String> = values.iter().map(shown).collect();
                (!shown.is_empty()).then(|| shown.join(", "))
            });
            table.add([Some(difference.path.clone())].into_iter().chain(values));
        }
        table
    }

    fn group_table(&self) -> Table {
        let by_epoch = self.metric.by_epoch();
        let split = if by_epoch == self.metric {
            String::new()
        } else {
            format!(" {}", by_epoch.split)
        };
        let mut table = Table::new([
            Column::text("group"),
            Column::number("runs"),
            Column::number(named(self.metric)),
            Column::number(format!("best{split}")),
            Column::number("epoch"),
            Column::number(format!("last{split}")),
        ]);
        let quantity = self.metric.quantity;
        for group in &self.groups {
            let runs = if group.n == group.runs.len() {
                group.n.to_string()
            } else {
                format!("{} of {}", group.n, group.runs.len())
            };
            let mean = group.mean;
            let mean =
                mean.map(|mean| score_with_deviation(quantity, mean, group.standard_deviation));
            let best = group.curve.and_then(|curve| curve.best);
            table.add([
                Some(group.name.clone()),
                Some(runs),
                mean,
                best.map(|best| score(quantity, best.mean)),
                best.map(epochs),
                group.curve.map(|curve| score(quantity, curve.last)),
            ]);
        }
        table
    }
}

/// `12`, or `12 to 20`.
fn epochs(best: Best) -> String {
    if best.earliest_epoch == best.latest_epoch {
        best.earliest_epoch.to_string()
    } else {
        format!("{} to {}", best.earliest_epoch, best.latest_epoch)
    }
}
