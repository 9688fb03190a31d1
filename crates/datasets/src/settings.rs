//! The ranges and defaults of keys that several sources have.

use spec::{Count, Fraction, Problem};

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
