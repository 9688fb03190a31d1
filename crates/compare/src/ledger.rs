//! How often a test set was looked at.

use std::collections::{BTreeMap, BTreeSet};

use record::Record;

/// The experiments that were tested on each test set, by its digest. The best of many is best by chance,
/// too.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    looks: BTreeMap<String, Looked>,
}

/// What looked at a test set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Looked {
    /// The runs.
    pub runs: usize,
    /// Their distinct configs.
    configs: BTreeSet<String>,
}

impl Looked {
    /// The number of distinct configs.
    pub fn configs(&self) -> usize {
        self.configs.len()
    }
}

impl Ledger {
    /// Counts the runs that were tested.
    pub fn of<'a>(records: impl IntoIterator<Item = &'a Record>) -> Self {
        let mut ledger = Self::default();
        for record in records {
            if record.result.test.is_some() {
                let digest = record.result.data.test.digest.clone();
                let looked = ledger.looks.entry(digest).or_default();
                looked.runs += 1;
                looked.configs.insert(record.signature.clone());
            }
        }
        ledger
    }

    /// What looked at the test set with this digest.
    pub fn looked(&self, digest: &str) -> Option<&Looked> {
        self.looks.get(digest)
    }
}
