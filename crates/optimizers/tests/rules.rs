//! Compares the update rules with Keras's formulas in 64 bits, weight by weight.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use burn::tensor::{Device, Tensor, TensorData};
use optimizers::Optimizer;

const WEIGHTS: [f32; 6] = [0.5, -0.3, 0.0, 1.5, -2.0, 0.01];

/// The learning rate of a step, which varies as with a schedule.
fn learning_rate(step: usize) -> f64 {
    0.01 / step as f64
}

/// The gradient of a weight at a step.
fn gradient(step: usize, weight: usize) -> f32 {
    ((7 * step + 3 * weight) % 11) as f32 / 5.0 - 1.0
}

/// The weights after each of the first steps with a config's update rule.
fn stepped(config: &str) -> Vec<Vec<f32>> {
    let optimizer: Optimizer = serde_json::from_str(config).unwrap();
    let rule = optimizer.rule();
    let device = Device::flex();
    let tensor =
        |values: Vec<f32>| Tensor::<2>::from_data(TensorData::new(values, [2, 3]), &device);
    let (mut weights, mut state) = (tensor(WEIGHTS.to_vec()), None);
    let mut after = Vec::new();
    for step in 1..=6 {
        let gradients = (0..6).map(|weight| gradient(step, weight)).collect();
        let (next, next_state) = rule.step_dyn(
            2,
            learning_rate(step),
            weights.into_bridge(),
            tensor(gradients).into_bridge(),
            state,
        );
        (weights, state) = (Tensor::from_bridge(next), next_state);
        after.push(weights.clone().into_data().try_into_vec().unwrap());
    }
    after
}

/// `update` gets a weight, its state, the gradient, the learning rate and the step.
#[track_caller]
fn assert_follows(config: &str, update: fn(&mut f64, &mut [f64; 2], f64, f64, usize)) {
    let mut weights = WEIGHTS.map(f64::from);
    let mut states = [[0.0; 2]; 6];
    for (step, found) in (1..).zip(stepped(config)) {
        for (index, found) in found.into_iter().enumerate() {
            let (weight, state) = (&mut weights[index], &mut states[index]);
            let gradient = f64::from(gradient(step, index));
            update(weight, state, gradient, learning_rate(step), step);
            let error = (f64::from(found) - *weight).abs();
            assert!(
                error < 2e-6,
                "step {step}, weight {index}: {found} instead of {weight}"
            );
        }
    }
}

#[test]
fn sgd() {
    assert_follows(r#"{"sgd":{}}"#, |w, _, g, rate, _| *w -= rate * g);
}

#[test]
fn sgd_with_momentum() {
    let config = r#"{"sgd":{"momentum":0.9}}"#;
    assert_follows(config, |w, [v, _], g, rate, _| {
        *v = 0.9 * *v - rate * g;
        *w += *v;
    });
}

#[test]
fn sgd_with_nesterovs_momentum() {
    let config = r#"{"sgd":{"momentum":0.9,"nesterov":true}}"#;
    assert_follows(config, |w, [v, _], g, rate, _| {
        *v = 0.9 * *v - rate * g;
        *w += 0.9 * *v - rate * g;
    });
}

#[test]
fn rmsprop() {
    let config = r#"{"rmsprop":{"epsilon":0.01}}"#;
    assert_follows(config, |w, [v, _], g, rate, _| {
        *v = 0.9 * *v + 0.1 * g * g;
        *w -= rate * g / (*v + 0.01).sqrt();
    });
}

/// Updates Adam's running means and returns its step.
fn adam_step([m, v]: &mut [f64; 2], g: f64, rate: f64, step: usize) -> f64 {
    let step = step as f64;
    *m = 0.9 * *m + 0.1 * g;
    *v = 0.999 * *v + 0.001 * g * g;
    let rate = rate * (1.0 - 0.999f64.powf(step)).sqrt() / (1.0 - 0.9f64.powf(step));
    rate * *m / (v.sqrt() + 0.01)
}

#[test]
fn adam() {
    let config = r#"{"adam":{"epsilon":0.01}}"#;
    assert_follows(config, |w, state, g, rate, step| {
        *w -= adam_step(state, g, rate, step);
    });
}

#[test]
fn adamw() {
    let config = r#"{"adamw":{"epsilon":0.01,"weight_decay":0.5}}"#;
    assert_follows(config, |w, state, g, rate, step| {
        *w -= rate * 0.5 * *w;
        *w -= adam_step(state, g, rate, step);
    });
}

#[test]
fn adamw_without_decay_is_adam() {
    assert_eq!(
        stepped(r#"{"adamw":{"weight_decay":0}}"#),
        stepped(r#"{"adam":{}}"#)
    );
}

/// Subnormal weights would slow down the CPU.
#[test]
fn weights_that_decay_end_at_zero() {
    let optimizer: Optimizer = serde_json::from_str(r#"{"adamw":{"weight_decay":0.9}}"#).unwrap();
    let device = Device::flex();
    let (weights, gradients) = (
        Tensor::<1>::from_data([2.0 * f32::MIN_POSITIVE], &device),
        Tensor::<1>::from_data([0.0f32], &device),
    );
    let (weights, _) =
        optimizer
            .rule()
            .step_dyn(1, 1.0, weights.into_bridge(), gradients.into_bridge(), None);
    let weights: Vec<f32> = Tensor::<1>::from_bridge(weights)
        .into_data()
        .try_into_vec()
        .unwrap();
    assert_eq!(weights, [0.0]);
}
