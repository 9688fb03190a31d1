//! Descriptions of data that several sources share.

use spec::{DataSpec, InputSpec};

use crate::text::encoding::Encoding;

/// Grey images of the ten digits, `side` x `side` pixels.
pub(crate) fn digits(side: usize) -> DataSpec {
    DataSpec {
        input: InputSpec::Dense {
            shape: vec![side, side, 1],
        },
        classes: (0..10).map(|digit| digit.to_string()).collect(),
    }
}

/// Reviews, negative or positive.
pub(crate) fn reviews(encoding: Encoding) -> DataSpec {
    DataSpec {
        input: encoding.input(),
        classes: ["negative", "positive"].map(str::to_owned).to_vec(),
    }
}
