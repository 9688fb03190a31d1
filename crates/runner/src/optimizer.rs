use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer, SgdConfig};
use kernels::{Adam, RmsProp};

use crate::config::OptimizerConfig;

/// An optimizer with its learning rate and its state.
pub(crate) struct Optimizer {
    rule: ModuleOptimizer,
    learning_rate: f64,
}

impl Optimizer {
    pub fn new(config: &OptimizerConfig) -> Self {
        match *config {
            // Without momentum Burn's is Keras's.
            OptimizerConfig::Sgd(ref sgd) => Self {
                rule: SgdConfig::new().init(),
                learning_rate: sgd.learning_rate,
            },
            OptimizerConfig::Rmsprop(ref rmsprop) => Self {
                rule: ModuleOptimizer::from(RmsProp {
                    rho: rmsprop.rho,
                    epsilon: rmsprop.epsilon,
                }),
                learning_rate: rmsprop.learning_rate,
            },
            OptimizerConfig::Adam(ref adam) => Self {
                rule: ModuleOptimizer::from(Adam {
                    beta_1: adam.beta_1,
                    beta_2: adam.beta_2,
                    epsilon: adam.epsilon,
                }),
                learning_rate: adam.learning_rate,
            },
        }
    }

    /// The model after one step against the gradients.
    pub fn step<M: Module>(&mut self, model: M, gradients: GradientsParams) -> M {
        self.rule.step(self.learning_rate, model, gradients)
    }
}

#[cfg(test)]
mod tests {
    use burn::module::{ModuleMapper, Param};
    use burn::tensor::{Device, Tensor, TensorData};
    use hidden_mlp::{HiddenMlp, HiddenMlpConfig};
    use serde::Deserialize;

    use super::*;
    use crate::loss::Loss;

    /// `golden/optimizers.json`, made by Keras with the script beside it.
    #[derive(Deserialize)]
    struct Golden {
        inputs: Vec<Vec<f32>>,
        labels: Vec<Vec<i32>>,
        initial_weights: Vec<Vec<f32>>,
        optimizers: std::collections::BTreeMap<String, Expected>,
    }

    #[derive(Deserialize)]
    struct Expected {
        config: OptimizerConfig,
        losses: Vec<f32>,
        final_weights: Vec<Vec<f32>>,
    }

    const SHAPE: [usize; 4] = [8, 7, 5, 4];
    const BATCH: usize = 16;

    /// Puts weights in, or takes them out, in the order of the layers, kernel before bias.
    struct Weights {
        put: Option<std::vec::IntoIter<Vec<f32>>>,
        taken: Vec<Vec<f32>>,
    }

    impl ModuleMapper for Weights {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let put = &mut self.put;
            let taken = &mut self.taken;
            param.map(|tensor| {
                let shape = tensor.shape();
                let device = tensor.device();
                taken.push(tensor.to_data().try_into_vec().unwrap());
                match put {
                    None => tensor,
                    Some(weights) => {
                        let data = TensorData::new(weights.next().unwrap(), shape);
                        Tensor::from_data(data, &device).require_grad()
                    }
                }
            })
        }
    }

    fn network(weights: Vec<Vec<f32>>, device: &Device) -> HiddenMlp {
        let config = HiddenMlpConfig {
            inputs: SHAPE[0],
            hidden: SHAPE[1..3].to_vec(),
            classes: SHAPE[3],
        };
        let put = Some(weights.into_iter());
        let taken = Vec::new();
        config.init(0, device).map(&mut Weights { put, taken })
    }

    /// Trains as the golden file's script did: the losses and the final weights.
    fn train(golden: &Golden, config: &OptimizerConfig) -> (Vec<f32>, Vec<Vec<f32>>) {
        let plain = Device::flex();
        let device = plain.clone().autodiff();
        let mut model = network(golden.initial_weights.clone(), &device);
        let mut optimizer = Optimizer::new(config);
        let mut losses = Vec::new();
        for (inputs, labels) in golden.inputs.iter().zip(&golden.labels) {
            let inputs = TensorData::new(inputs.clone(), [BATCH, SHAPE[0]]);
            let labels = TensorData::new(labels.clone(), [BATCH]);
            let logits = model.forward(Tensor::from_data(inputs, &plain));
            let loss = Loss::CrossEntropy.mean(logits, Tensor::from_data(labels, &plain));
            let gradients = GradientsParams::from_grads(loss.backward(), &model);
            losses.push(loss.inner().into_scalar());
            model = optimizer.step(model, gradients);
        }
        let mut weights = Weights {
            put: None,
            taken: Vec::new(),
        };
        model.valid().map(&mut weights);
        (losses, weights.taken)
    }

    /// Within 1e-5 of Keras's largest value.
    #[track_caller]
    fn assert_close(found: &[f32], expected: &[f32], what: &str) {
        assert_eq!(found.len(), expected.len(), "{what}");
        let scale = expected
            .iter()
            .fold(0f32, |scale, value| scale.max(value.abs()));
        for (found, expected) in found.iter().zip(expected) {
            let error = (found - expected).abs();
            assert!(
                error <= 1e-5 * scale,
                "{what}: {found} instead of {expected}"
            );
        }
    }

    #[test]
    fn twenty_steps_end_where_keras_ends() {
        let golden: Golden =
            serde_json::from_str(include_str!("../golden/optimizers.json")).unwrap();
        assert_eq!(golden.optimizers.len(), 3);
        for (name, expected) in &golden.optimizers {
            let (losses, weights) = train(&golden, &expected.config);
            for (step, (found, expected)) in losses.iter().zip(&expected.losses).enumerate() {
                assert_close(&[*found], &[*expected], &format!("{name}, loss {step}"));
            }
            for (index, (found, expected)) in
                weights.iter().zip(&expected.final_weights).enumerate()
            {
                assert_close(found, expected, &format!("{name}, weights {index}"));
            }
        }
    }
}
