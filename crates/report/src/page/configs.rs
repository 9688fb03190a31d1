use std::collections::BTreeMap;

use compare::{ConfigDifference, Group};
use maud::{Markup, html};
use present::shown;

use super::name::name;
use super::table::table;
use crate::Report;
use crate::config::values;

pub(super) fn section(report: &Report) -> Option<Markup> {
    let groups = report
        .experiments
        .iter()
        .map(|experiment| experiment.group.clone());
    let groups: Vec<Group> = groups.collect();
    if groups.len() < 2 {
        return None;
    }
    let differing = ConfigDifference::among(&groups);
    let configs = report
        .experiments
        .iter()
        .map(|experiment| values(&experiment.first().config));
    let configs: Vec<BTreeMap<String, String>> = configs.collect();
    let same: Vec<(&String, &String)> = configs[0]
        .iter()
        .filter(|(key, value)| configs.iter().all(|config| config.get(*key) == Some(value)))
        .collect();
    Some(html! {
        @if differing.is_empty() {
            p { "The configurations do not differ." }
        } @else {
            (differences(report, &differing))
        }
        @if !same.is_empty() {
            details {
                summary { "Common to all" }
                dl {
                    @for (key, value) in same {
                        div { dt { code { (name(key)) } } dd { (value) } }
                    }
                }
            }
        }
    })
}

fn differences(report: &Report, differences: &[ConfigDifference]) -> Markup {
    let rows = html! {
        thead {
            tr {
                th scope="col" { "Key" }
                @for experiment in &report.experiments {
                    th scope="col" { (name(experiment.name())) }
                }
            }
        }
        tbody {
            @for difference in differences {
                tr {
                    th scope="row" { code { (name(&difference.path)) } }
                    @for values in &difference.values {
                        @match values.as_slice() {
                            [] => td.absent { "–" },
                            values => td { (values.iter().map(shown).collect::<Vec<_>>().join(", ")) },
                        }
                    }
                }
            }
        }
    };
    let caption = "Keys that differ; a dash means that the experiment lacks the key";
    html! { div.configs { (table("configs-table", caption, &rows)) } }
}
