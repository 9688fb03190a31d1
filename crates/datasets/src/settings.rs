//! The ranges and defaults of keys that several sources have.

use std::path::Path;

use spec::{Count, Fraction, Problem, ProperFraction};

use crate::source::Validation;
use crate::text::encoding::Encoding;

/// The number of examples in a synthetic set.
pub(crate) type SetSize = Count<10, 1_000_000>;
/// The number of token ids: at least the four reserved ones and a word.
pub(crate) type VocabularySize = Count<5, 1_000_000>;
pub(crate) type SequenceLength = Count<1, 10_000>;

pub(crate) fn train_examples() -> SetSize {
    const { SetSize::new(6000) }
}

pub(crate) fn test_examples() -> SetSize {
    const { SetSize::new(1000) }
}

/// The value of the Keras notebook.
pub(crate) fn vocabulary_size() -> VocabularySize {
    const { VocabularySize::new(10_000) }
}

/// The value of the Keras notebook.
pub(crate) fn sequence_length() -> SequenceLength {
    const { SequenceLength::new(200) }
}

/// No examples are held out.
pub(crate) fn validation_fraction() -> Fraction {
    Fraction::new(0.0)
}

pub(crate) fn encoding(vocabulary: VocabularySize, length: SequenceLength) -> Encoding {
    Encoding {
        vocabulary_size: vocabulary.get(),
        sequence_length: length.get(),
    }
}

pub(crate) fn validation(fraction: Fraction, on_test: bool) -> Validation {
    if on_test {
        Validation::TestSet
    } else {
        Validation::HeldOut(fraction.get())
    }
}

/// Refuses validation on the test set together with a fraction of the training set.
pub(crate) fn one_validation(fraction: Fraction, on_test: bool) -> Result<(), Problem> {
    if on_test && fraction.get() > 0.0 {
        return Err(Problem::new(
            "validate_on_test",
            "set validate_on_test or a validation_fraction, not both",
        ));
    }
    Ok(())
}

/// Defines the config of a person's own data: the keys of its kind, and those on splitting that all
/// kinds share.
macro_rules! own_data {
    ($(#[$documentation:meta])* pub struct $Name:ident { $($keys:tt)* }) => {
        $(#[$documentation])*
        #[derive(
            Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
        )]
        #[serde(deny_unknown_fields)]
        pub struct $Name {
            $($keys)*
            /// The test data, of the same form. Without them, set `test_fraction`.
            #[serde(default)]
            pub test: Option<std::path::PathBuf>,
            /// The fraction of `train` to hold out for the test, the same of every class.
            #[serde(default)]
            pub test_fraction: Option<spec::ProperFraction>,
            /// The fraction of the remaining examples to hold out for validation, the same of every
            /// class.
            #[serde(default = "crate::settings::validation_fraction")]
            pub validation_fraction: spec::Fraction,
            /// The seed that chooses the held-out examples. It is not the seed of a run, so all runs
            /// are tested on the same examples.
            #[serde(default)]
            pub split_seed: u64,
            /// Whether to validate on the test set. If validation is then used to choose among models
            /// or epochs, the test score is biased.
            #[serde(default)]
            pub validate_on_test: bool,
        }

        impl $Name {
            /// Checks the paths and the keys on splitting.
            fn check_split(&self) -> Result<(), spec::Problem> {
                crate::settings::is_named("train", &self.train)?;
                if let Some(test) = &self.test {
                    crate::settings::is_named("test", test)?;
                }
                crate::settings::one_test(self.test.as_deref(), self.test_fraction)?;
                crate::settings::one_validation(self.validation_fraction, self.validate_on_test)
            }

            /// How much of `train` is held out.
            fn hold_out(&self) -> crate::split::HoldOut {
                crate::split::HoldOut {
                    test: self.test_fraction.map_or(0.0, spec::ProperFraction::get),
                    validation: self.validation_fraction.get(),
                    seed: self.split_seed,
                }
            }
        }
    };
}
pub(crate) use own_data;

/// Refuses an empty path, which would stand for the config's folder.
pub(crate) fn is_named(key: &'static str, path: &Path) -> Result<(), Problem> {
    if path.as_os_str().is_empty() {
        return Err(Problem::new(key, "empty; name a file or folder"));
    }
    Ok(())
}

/// Requires test data or a fraction of the training data, not both.
pub(crate) fn one_test(
    test: Option<&Path>,
    fraction: Option<ProperFraction>,
) -> Result<(), Problem> {
    match (test, fraction) {
        (Some(_), None) | (None, Some(_)) => Ok(()),
        (None, None) => Err(Problem::new(
            "test",
            "name the test data, or set test_fraction, for instance 0.2",
        )),
        (Some(_), Some(_)) => Err(Problem::new(
            "test_fraction",
            "set test or test_fraction, not both",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_path_is_refused() {
        let problem = is_named("train", Path::new("")).unwrap_err();
        assert_eq!(
            problem,
            Problem::new("train", "empty; name a file or folder")
        );
        assert!(is_named("train", Path::new("a")).is_ok());
    }
}
