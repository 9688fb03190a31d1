//! What was noticed in a person's own data, in sentences.

use spec::Noticed;

use crate::count;

/// A sentence for everything that was noticed.
#[must_use]
pub fn sentences(noticed: &Noticed) -> Vec<String> {
    let found = [
        (
            noticed.test_in_train,
            "test example",
            "also occurs in the training set",
        ),
        (
            noticed.skipped_files,
            "hidden or system file",
            "was skipped",
        ),
        (
            noticed.dropped_rows,
            "row",
            "with a missing value was dropped",
        ),
        (noticed.filled_values, "missing value", "was filled in"),
        (
            noticed.unknown_values,
            "value",
            "of held-out rows occurs in no training row",
        ),
    ];
    let found = found.into_iter().filter(|(number, ..)| *number > 0);
    found
        .map(|(number, thing, what)| sentence(number, thing, what))
        .collect()
}

/// A number of things and what they do, with the verb in agreement.
#[must_use]
pub fn sentence(number: usize, thing: &str, what: &str) -> String {
    let what = if number == 1 {
        what.to_owned()
    } else {
        what.replace("occurs", "occur").replace("was", "were")
    };
    format!("{} {what}", count(number, thing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_and_many_agree_with_the_verb() {
        let noticed = Noticed {
            test_in_train: 1,
            dropped_rows: 1200,
            ..Noticed::default()
        };
        assert_eq!(
            sentences(&noticed),
            [
                "1 test example also occurs in the training set",
                "1,200 rows with a missing value were dropped"
            ]
        );
    }
}
