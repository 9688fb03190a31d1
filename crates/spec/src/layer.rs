use crate::activation::Activation;

/// A layer of a network, as in Keras's `summary`.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// The prefix of its tensors' names, for instance `hidden.0` for `hidden.0.weight`. A layer
    /// without tensors is named after what it does.
    pub name: String,
    /// The operation.
    pub kind: LayerKind,
    /// The output's shape for one example, without the batch dimension.
    pub output_shape: Vec<usize>,
    /// Applied to the output as part of the layer.
    pub activation: Option<Activation>,
    /// The name that the config gives it.
    pub given_name: Option<String>,
}

/// The operation of a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LayerKind {
    /// `x w + b`
    Dense {
        /// Input features.
        inputs: usize,
        /// Whether there is a `b`.
        bias: bool,
    },
    /// A one-dimensional convolution.
    Conv1d {
        /// Input channels.
        channels: usize,
        /// Length of the filters.
        kernel: usize,
        /// Whether a bias is added.
        bias: bool,
    },
    /// A two-dimensional convolution.
    Conv2d {
        /// Input channels.
        channels: usize,
        /// Rows and columns of the filters.
        kernel: [usize; 2],
        /// Whether a bias is added.
        bias: bool,
    },
    /// A learnt vector for each token.
    Embedding {
        /// Rows of the table.
        tokens: usize,
    },
    /// Batch normalisation (Ioffe and Szegedy, 2015) with a scale and a shift per feature.
    BatchNorm,
    /// Layer normalisation (Ba, Kiros and Hinton, 2016) with a scale and a shift per feature.
    LayerNorm,
    /// Sets random entries to 0 in training and scales up the others (Srivastava et al., 2014).
    Dropout,
    /// A function of each entry.
    Activation(Activation),
    /// The maximum of each window.
    MaxPool2d,
    /// The mean of each window.
    AveragePool2d,
    /// The maximum over time.
    GlobalMaxPool1d,
    /// The maximum over rows and columns.
    GlobalMaxPool2d,
    /// The mean over time.
    GlobalAveragePool1d,
    /// The mean over rows and columns.
    GlobalAveragePool2d,
    /// Reshapes an example to one dimension.
    Flatten,
    /// The sum of a layer's input and of what further layers make of it (He et al., 2016).
    Add,
}

/// The time of looking up one entry of an embedding, with its dropout and the maximum over time, as a
/// number of a matrix product's operations that take as long. Measured.
const LOOKUP_FLOPS: f64 = 50.0;

impl Layer {
    /// A layer; `output_shape` is that of one example.
    pub fn new(name: impl Into<String>, kind: LayerKind, output_shape: &[usize]) -> Self {
        Self {
            name: name.into(),
            kind,
            output_shape: output_shape.to_vec(),
            activation: None,
            given_name: None,
        }
    }

    /// A dense layer with a bias from `inputs` to `units` features.
    pub fn dense(name: impl Into<String>, inputs: usize, units: usize) -> Self {
        let kind = LayerKind::Dense { inputs, bias: true };
        Self::new(name, kind, &[units])
    }

    /// A dropout layer for entries of this shape; `rate` is the probability of dropping an entry.
    pub fn dropout(rate: f64, shape: &[usize]) -> Self {
        Self::new(format!("dropout {rate}"), LayerKind::Dropout, shape)
    }

    /// An activation for entries of this shape.
    pub fn activation(activation: Activation, shape: &[usize]) -> Self {
        Self::new(activation.name(), LayerKind::Activation(activation), shape)
    }

    /// Keras's name of the layer's type.
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            LayerKind::Dense { .. } => "Dense",
            LayerKind::Conv1d { .. } => "Conv1D",
            LayerKind::Conv2d { .. } => "Conv2D",
            LayerKind::Embedding { .. } => "Embedding",
            LayerKind::BatchNorm => "BatchNormalization",
            LayerKind::LayerNorm => "LayerNormalization",
            LayerKind::Dropout => "Dropout",
            LayerKind::Activation(_) => "Activation",
            LayerKind::MaxPool2d => "MaxPooling2D",
            LayerKind::AveragePool2d => "AveragePooling2D",
            LayerKind::GlobalMaxPool1d => "GlobalMaxPooling1D",
            LayerKind::GlobalMaxPool2d => "GlobalMaxPooling2D",
            LayerKind::GlobalAveragePool1d => "GlobalAveragePooling1D",
            LayerKind::GlobalAveragePool2d => "GlobalAveragePooling2D",
            LayerKind::Flatten => "Flatten",
            LayerKind::Add => "Add",
        }
    }

    /// The function that the layer is or ends with.
    pub fn function(&self) -> Option<Activation> {
        if let LayerKind::Activation(function) = self.kind {
            Some(function)
        } else {
            self.activation
        }
    }

    /// The number of trainable parameters.
    pub fn parameters(&self) -> usize {
        let units = self.output_shape.last().copied().unwrap_or(0);
        match self.kind {
            LayerKind::Dense { inputs, bias } => (inputs + usize::from(bias)) * units,
            LayerKind::Conv1d {
                channels,
                kernel,
                bias,
            } => (kernel * channels + usize::from(bias)) * units,
            LayerKind::Conv2d {
                channels,
                kernel,
                bias,
            } => (kernel[0] * kernel[1] * channels + usize::from(bias)) * units,
            LayerKind::Embedding { tokens } => tokens * units,
            LayerKind::BatchNorm | LayerKind::LayerNorm => 2 * units,
            LayerKind::Dropout
            | LayerKind::Activation(_)
            | LayerKind::MaxPool2d
            | LayerKind::AveragePool2d
            | LayerKind::GlobalMaxPool1d
            | LayerKind::GlobalMaxPool2d
            | LayerKind::GlobalAveragePool1d
            | LayerKind::GlobalAveragePool2d
            | LayerKind::Flatten
            | LayerKind::Add => 0,
        }
    }

    /// The number of entries of the output for one example.
    pub fn activations(&self) -> usize {
        self.output_shape.iter().product()
    }

    /// The name of the tensor that `l1` and `l2` penalise: the weights of dense layers and
    /// convolutions, as Keras's `kernel_regularizer` does. `None` for all other layers.
    pub fn penalised(&self) -> Option<String> {
        match self.kind {
            LayerKind::Dense { .. } | LayerKind::Conv1d { .. } | LayerKind::Conv2d { .. } => {
                Some(format!("{}.weight", self.name))
            }
            LayerKind::Embedding { .. }
            | LayerKind::BatchNorm
            | LayerKind::LayerNorm
            | LayerKind::Dropout
            | LayerKind::Activation(_)
            | LayerKind::MaxPool2d
            | LayerKind::AveragePool2d
            | LayerKind::GlobalMaxPool1d
            | LayerKind::GlobalMaxPool2d
            | LayerKind::GlobalAveragePool1d
            | LayerKind::GlobalAveragePool2d
            | LayerKind::Flatten
            | LayerKind::Add => None,
        }
    }

    /// An estimate of a training step's cost for one example, in multiplications and additions of a
    /// matrix product, at each time or pixel. The backward pass counts twice as much as the forward
    /// pass.
    pub fn step_flops(&self) -> f64 {
        if let LayerKind::Embedding { .. } = self.kind {
            return LOOKUP_FLOPS * self.activations() as f64;
        }
        let positions: usize = self.output_shape.iter().rev().skip(1).product();
        6.0 * self.parameters() as f64 * positions as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_counted_as_in_keras() {
        let kernel = [3, 3];
        let conv = LayerKind::Conv2d {
            channels: 32,
            kernel,
            bias: true,
        };
        assert_eq!(Layer::new("conv", conv, &[11, 11, 64]).parameters(), 18_496);
        assert_eq!(Layer::dense("output", 1600, 10).parameters(), 16_010);
        let without_bias = LayerKind::Conv1d {
            channels: 16,
            kernel: 5,
            bias: false,
        };
        let conv = Layer::new("conv", without_bias, &[100, 8]);
        assert_eq!(conv.parameters(), 640);
        let table = LayerKind::Embedding { tokens: 10_000 };
        assert_eq!(
            Layer::new("embedding", table, &[200, 256]).parameters(),
            2_560_000
        );
        assert_eq!(
            Layer::new("norm", LayerKind::BatchNorm, &[128]).parameters(),
            256
        );
    }

    #[test]
    fn a_convolution_costs_its_kernel_at_every_position() {
        let kind = LayerKind::Conv2d {
            channels: 1,
            kernel: [3, 3],
            bias: true,
        };
        let conv = Layer::new("conv", kind, &[26, 26, 32]);
        assert_eq!(conv.step_flops(), 6.0 * 320.0 * 676.0);
    }
}
