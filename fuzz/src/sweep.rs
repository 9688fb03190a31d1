//! A sweep and, optionally after a zero byte, its base config instead of the default one.

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

/// Checks that a sweep is refused with a one-line error, or that its members are distinct and their
/// overrides give the same plans.
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
    // Only the first few: there may be thousands.
    for member in sweep.members.iter().take(30) {
        assert_eq!(member.values.len(), sweep.keys.len());
        let plan = &member.plan;
        // Different members have different folders.
        let before = named.insert(plan.name(), plan);
        assert!(
            before.is_none_or(|before| before.is_same_config(plan)),
            "{}",
            plan.name()
        );
        // A member's process gets these overrides.
        let changes = member.changes.iter().map(|change| change.parse());
        let changes: Vec<Override> = changes.collect::<Result<_, _>>().expect("key=value");
        let again = Plan::from_text(&sweep.base, base, &changes).expect("a config");
        let again = again.named(plan.name()).expect("a name");
        assert_eq!(again.with_seeds(plan.seeds().clone()), *plan);
        // Its seeds are also valid in a config.
        Plan::from_text(&sweep.base, &plan.config().to_string(), &[]).expect("a config");
    }
}
