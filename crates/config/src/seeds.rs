use std::collections::BTreeSet;
use std::ops::Deref;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The seeds of an experiment's runs: at least one, each once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<u64>")]
#[schemars(extend("minItems" = 1, "uniqueItems" = true))]
pub struct Seeds(Vec<u64>);

impl Default for Seeds {
    /// Seed 0 alone.
    fn default() -> Self {
        Self(vec![0])
    }
}

impl TryFrom<Vec<u64>> for Seeds {
    type Error = String;

    fn try_from(seeds: Vec<u64>) -> Result<Self, String> {
        let mut distinct = BTreeSet::new();
        match seeds.iter().find(|seed| !distinct.insert(**seed)) {
            Some(twice) => Err(format!("seed {twice} is given twice; give each once")),
            None if seeds.is_empty() => Err("gives no seed; give at least one, each once".into()),
            None => Ok(Self(seeds)),
        }
    }
}

impl Deref for Seeds {
    type Target = [u64];

    fn deref(&self) -> &[u64] {
        &self.0
    }
}
