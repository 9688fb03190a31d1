//! Every default of a config, in one place. Keras's where Keras has one.

use super::{Activation, Metric};

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

pub fn activation() -> Activation {
    Activation::Relu
}

pub fn batch_norm_momentum() -> f64 {
    0.99
}

pub fn batch_norm_epsilon() -> f64 {
    0.001
}

pub fn momentum() -> f64 {
    0.0
}

pub fn nesterov() -> bool {
    false
}

pub fn weight_decay() -> f64 {
    0.004
}

pub fn shuffle() -> bool {
    true
}

pub fn penalty() -> f64 {
    0.0
}

pub fn early_stopping_metric() -> Metric {
    Metric::ValidationLoss
}

/// Keras's is 0, which ends training at the first epoch that is no better.
pub fn patience() -> usize {
    3
}

pub fn min_delta() -> f64 {
    0.0
}
