//! Every default of a config, in one place. Keras's where Keras has one.

pub fn validation_fraction() -> f64 {
    0.0
}

pub fn validate_on_test() -> bool {
    false
}

/// The notebook's, as the next.
pub fn vocabulary_size() -> usize {
    10_000
}

pub fn sequence_length() -> usize {
    200
}

pub fn train_examples() -> usize {
    6000
}

pub fn test_examples() -> usize {
    1000
}

pub fn sgd_learning_rate() -> f64 {
    0.01
}

pub fn rmsprop_learning_rate() -> f64 {
    0.001
}

pub fn rho() -> f64 {
    0.9
}

pub fn adam_learning_rate() -> f64 {
    0.001
}

pub fn beta_1() -> f64 {
    0.9
}

pub fn beta_2() -> f64 {
    0.999
}

pub fn epsilon() -> f64 {
    1e-7
}

pub fn batch_size() -> usize {
    32
}

pub fn seeds() -> Vec<u64> {
    vec![0]
}
