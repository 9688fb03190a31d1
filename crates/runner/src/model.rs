//! What the loop needs of a model, and how each family gives it.

use burn::module::{Module, ModuleVisitor, Param};
use burn::nn::activation::ActivationConfig;
use burn::tensor::kind::Basic;
use burn::tensor::{Device, Float, Int, Tensor};
use datasets::{CLASSES, Encoding, PIXELS};
use dropout_mlp::{DropoutMlp, DropoutMlpConfig};
use embedding_classifier::{EmbeddingClassifier, EmbeddingClassifierConfig};
use hidden_mlp::{BatchNormalization, HiddenMlp, HiddenMlpConfig};
use kernels::DropoutKey;

use crate::data::{Data, Loaded};
use crate::loss::Loss;
use config::{Activation, ModelConfig, Plan};

pub(crate) trait Network: Module {
    /// What its inputs are made of: floats, or tokens.
    type Kind: Basic;
    const LOSS: Loss;

    /// Logits for evaluation and prediction.
    fn logits(&self, inputs: Tensor<2, Self::Kind>) -> Tensor<2>;

    /// Logits for a training step; the key decides whatever is random in it.
    fn training_logits(&self, inputs: Tensor<2, Self::Kind>, key: DropoutKey) -> Tensor<2>;
}

impl Network for HiddenMlp {
    type Kind = Float;
    const LOSS: Loss = Loss::CrossEntropy;

    fn logits(&self, inputs: Tensor<2>) -> Tensor<2> {
        self.forward(inputs)
    }

    fn training_logits(&self, inputs: Tensor<2>, _: DropoutKey) -> Tensor<2> {
        self.forward(inputs)
    }
}

impl Network for DropoutMlp {
    type Kind = Float;
    const LOSS: Loss = Loss::CrossEntropy;

    fn logits(&self, inputs: Tensor<2>) -> Tensor<2> {
        self.forward(inputs)
    }

    fn training_logits(&self, inputs: Tensor<2>, key: DropoutKey) -> Tensor<2> {
        self.forward_training(inputs, key)
    }
}

impl Network for EmbeddingClassifier {
    type Kind = Int;
    const LOSS: Loss = Loss::BinaryCrossEntropy;

    fn logits(&self, inputs: Tensor<2, Int>) -> Tensor<2> {
        self.forward(inputs)
    }

    fn training_logits(&self, inputs: Tensor<2, Int>, key: DropoutKey) -> Tensor<2> {
        self.forward_training(inputs, key)
    }
}

/// What is to be done with a plan's network and something of the kind that it reads.
pub(crate) trait Job {
    type Input<K: Basic>;
    type Output;

    fn on<M: Network>(self, model: M, input: Self::Input<M::Kind>) -> Self::Output;
}

/// A job's input of either kind.
pub(crate) enum Input<J: Job> {
    Images(J::Input<Float>),
    Texts(J::Input<Int>),
}

impl<J: Job<Input<Float> = Data<Float>, Input<Int> = Data<Int>>> From<Loaded> for Input<J> {
    fn from(loaded: Loaded) -> Self {
        match loaded {
            Loaded::Images(data) => Self::Images(data),
            Loaded::Reviews(data, _) => Self::Texts(data),
        }
    }
}

/// Does a job with the network that a plan's model comes to, with the seed's initial weights.
///
/// # Panics
///
/// If the network does not read inputs of that kind; a plan's own data always fit.
pub(crate) fn with_network<J: Job>(
    plan: &Plan,
    seed: u64,
    device: &Device,
    input: Input<J>,
    job: J,
) -> J::Output {
    match (&plan.experiment().model, input) {
        (ModelConfig::HiddenMlp(model), Input::Images(input)) => {
            job.on(hidden_mlp(model).init(seed, device), input)
        }
        (ModelConfig::DropoutMlp(model), Input::Images(input)) => {
            job.on(dropout_mlp(model).init(seed, device), input)
        }
        (ModelConfig::EmbeddingClassifier(model), Input::Texts(input)) => {
            let config = embedding_classifier(model, plan.encoding());
            job.on(config.init(seed, device), input)
        }
        _ => unreachable!("the check lets no model meet data of another kind"),
    }
}

/// The notebook's network on images of the digits.
pub(crate) fn hidden_mlp(model: &config::HiddenMlpConfig) -> HiddenMlpConfig {
    HiddenMlpConfig {
        inputs: PIXELS,
        hidden: model.hidden.clone(),
        classes: CLASSES,
        activation: activation(model.activation),
        batch_norm: model.batch_norm.map(|norm| BatchNormalization {
            momentum: norm.momentum,
            epsilon: norm.epsilon,
        }),
    }
}

fn dropout_mlp(model: &config::DropoutMlpConfig) -> DropoutMlpConfig {
    DropoutMlpConfig {
        inputs: PIXELS,
        hidden: model.hidden.clone(),
        classes: CLASSES,
        activation: activation(model.activation),
        dropout: model.dropout,
    }
}

fn embedding_classifier(
    model: &config::EmbeddingClassifierConfig,
    encoding: Encoding,
) -> EmbeddingClassifierConfig {
    EmbeddingClassifierConfig {
        vocabulary_size: encoding.vocabulary_size,
        embedding: model.embedding,
        embedding_dropout: model.embedding_dropout,
        hidden: model.hidden,
        hidden_dropout: model.hidden_dropout,
    }
}

fn activation(activation: Activation) -> ActivationConfig {
    match activation {
        Activation::Relu => ActivationConfig::Relu,
        Activation::Sigmoid => ActivationConfig::Sigmoid,
        Activation::Tanh => ActivationConfig::Tanh,
    }
}

/// The numbers of a model that training changes: running statistics are none.
pub(crate) fn trainable<M: Module>(model: &M) -> usize {
    struct Count(usize);

    impl ModuleVisitor for Count {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if param.val().is_require_grad() {
                self.0 += param.val().shape().num_elements();
            }
        }
    }

    let mut count = Count(0);
    model.visit(&mut count);
    count.0
}
