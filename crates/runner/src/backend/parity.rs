//! Compares operations on a GPU with those on flex: random decisions must be bit-identical, other
//! numbers equal up to rounding.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "only tests, where a panic is a failure"
)]

use burn::tensor::{Device, Int, Tensor, TensorData};
use kernels::{DropoutKey, dropout, pooled_embedding, pooled_embedding_with_dropout};
use optimizers::Optimizer;
use random::{Purpose, Stream, unit};
use serde_json::{Value, json};

use super::name::Backend;

const KEY: DropoutKey = DropoutKey {
    seed: 0x0123_4567_89AB_CDEF,
    step: 77,
};

/// The devices of flex and of the GPU. If wgpu finds no adapter, prints a message and returns
/// `None`, or fails if `HEARTH_REQUIRE_WGPU` is set.
fn devices() -> Option<[Device; 2]> {
    match Backend::Wgpu(None).open() {
        Ok(gpu) => Some([Backend::Flex.open().unwrap().device, gpu.device]),
        Err(error) => {
            assert!(std::env::var_os("HEARTH_REQUIRE_WGPU").is_none(), "{error}");
            eprintln!("skipped: {error}");
            None
        }
    }
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter().collect()
}

/// Numbers between -0.5 and 0.5.
fn numbers(which: u32, count: usize) -> Vec<f32> {
    let words = Stream::new(1, Purpose::InitialWeights, which, 0).words(count);
    words.into_iter().map(|word| unit(word) - 0.5).collect()
}

#[track_caller]
fn assert_close(found: &[f32], expected: &[f32], tolerance: f32, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let scale = expected
        .iter()
        .fold(0.0, |scale: f32, value| scale.max(value.abs()));
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs();
        assert!(
            error <= tolerance * scale,
            "{what}, entry {index}: {found} instead of {expected}"
        );
    }
}

#[test]
fn dropout_masks_are_bit_identical() {
    let Some(devices) = devices() else { return };
    for (rows, columns) in [(128, 128), (3, 300), (1, 1), (500, 64), (17, 129)] {
        for (rate, layer) in [(0.3, 0), (0.5, 1), (0.999, 7)] {
            let [flex, gpu] = devices.clone().map(|device| {
                let ones = Tensor::<2>::ones([rows, columns], &device);
                values(dropout(ones, rate, layer, KEY))
            });
            assert_eq!(flex, gpu, "{rows} x {columns} at {rate}");
        }
    }
    let [flex, gpu] =
        devices.map(|device| values(dropout(Tensor::<1>::ones([70], &device), 0.3, 2, KEY)));
    assert_eq!(flex, gpu);
}

/// Outputs are bit-identical, gradients equal up to the rounding of sums.
#[test]
fn the_pooled_embedding_is_the_same() {
    let Some(devices) = devices() else { return };
    for [batch, time, rows, width] in [
        [3, 5, 7, 128],
        [6, 4, 3, 20],
        [50, 20, 30, 256],
        [9, 33, 60, 300],
    ] {
        let table = TensorData::new(numbers(0, rows * width), [rows, width]);
        let ids = Stream::new(2, Purpose::InitialWeights, 0, 0).words(batch * time);
        let ids: Vec<i32> = ids.iter().map(|word| (word % rows as u32) as i32).collect();
        let ids = TensorData::new(ids, [batch, time]);
        let weights = TensorData::new(numbers(3, batch * width), [batch, width]);
        for rate in [0.0, 0.3, 0.9] {
            let [flex, gpu] = devices.clone().map(|device| {
                let table = Tensor::<2>::from_data(table.clone(), &device.clone().autodiff());
                let table = table.require_grad();
                let tokens = Tensor::<2, Int>::from_data(ids.clone(), &device);
                let pooled =
                    pooled_embedding_with_dropout(table.clone(), tokens.clone(), rate, 4, KEY);
                let weights = Tensor::<2>::from_data(weights.clone(), &device);
                let gradients = (pooled.clone() * weights).sum().backward();
                let inference = pooled_embedding(table.clone().inner(), tokens);
                let gradient = table.grad(&gradients).unwrap();
                [values(pooled.inner()), values(inference), values(gradient)]
            });
            let shape = format!("{batch} x {time} of {rows} x {width} at {rate}");
            assert_eq!(flex[0], gpu[0], "{shape}");
            assert_eq!(flex[1], gpu[1], "{shape}, inference");
            assert_close(&gpu[2], &flex[2], 1e-6, &shape);
        }
    }
}

/// The weights after a few optimizer steps.
fn stepped(optimizer: &Value, device: &Device) -> Vec<f32> {
    let optimizer: Optimizer = serde_json::from_value(optimizer.clone()).unwrap();
    let rule = optimizer.rule();
    let data = |which| Tensor::<2>::from_data(TensorData::new(numbers(which, 45), [5, 9]), device);
    let (mut weights, mut state) = (data(0), None);
    for step in 1..=6 {
        let (next, next_state) = rule.step_dyn(
            2,
            0.01,
            weights.into_bridge(),
            data(step).into_bridge(),
            state,
        );
        (weights, state) = (Tensor::from_bridge(next), next_state);
    }
    values(weights)
}

#[test]
fn optimizer_steps_are_the_same() {
    let Some([flex, gpu]) = devices() else { return };
    for optimizer in [
        json!({ "sgd": {} }),
        json!({ "sgd": { "momentum": 0.9 } }),
        json!({ "sgd": { "momentum": 0.9, "nesterov": true } }),
        json!({ "rmsprop": {} }),
        json!({ "adam": {} }),
        json!({ "adamw": {} }),
    ] {
        let [found, expected] = [&gpu, &flex].map(|device| stepped(&optimizer, device));
        assert_close(&found, &expected, 1e-6, &optimizer.to_string());
    }
}
