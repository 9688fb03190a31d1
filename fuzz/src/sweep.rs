//! Sweeps, and after a zero byte the base where it is another than the usual.

use std::collections::HashMap;
use std::path::Path;

use ::config::{Override, Plan, Sweep};

use super::sentence;

const BASE: &str = r#"{
    "data": { "mnist": { "validation_fraction": 0.2 } },
    "model": { "dropout_mlp": { "hidden": [128, 64], "dropout": 0.3 } },
    "optimizer": { "sgd": { "learning_rate": 0.01 } },
    "training": { "epochs": 20 }
}"#;
const MOST_MEMBERS: usize = 10_000;

pub fn check(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let (text, base) = text.split_once('\0').unwrap_or((text, BASE));
    let read_base = |_: &Path| Ok(base.to_owned());
    let sweep = match Sweep::from_text(Path::new("sweeps/fuzzed.json"), text, read_base) {
        Ok(sweep) => sweep,
        Err(error) => return sentence::check(&error.to_string()),
    };
    assert!((1..=MOST_MEMBERS).contains(&sweep.members.len()));
    let mut named = HashMap::new();
    // The first few stand for all: there may be thousands.
    for member in sweep.members.iter().take(30) {
        assert_eq!(member.values.len(), sweep.keys.len());
        let plan = &member.plan;
        // Runs of members that are not the same lie in folders that are not the same.
        let signature = plan.signature();
        let before = named.insert(plan.name().to_owned(), signature.clone());
        assert!(
            before.is_none_or(|before| before == signature),
            "{}",
            plan.name()
        );
        // What a member's process is started with.
        let changes = member.changes.iter().map(|change| change.parse());
        let changes: Vec<Override> = changes.collect::<Result<_, _>>().expect("key=value");
        let again = Plan::from_text(&sweep.base, base, &changes).expect("a config");
        assert_eq!(again.with_seeds(plan.seeds().to_vec()), *plan);
        // Its seeds, too, are such as a config may have.
        Plan::from_text(&sweep.base, &plan.config().to_string(), &[]).expect("a config");
    }
}
