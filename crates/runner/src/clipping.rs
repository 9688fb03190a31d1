use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

/// Clips by global norm, like Keras's `global_clipnorm`: scales all gradients by the same factor so
/// that their joint norm is at most `longest`. Burn only clips each tensor by its own norm.
///
/// Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks" (ICML
/// 2013).
pub(crate) fn clip_global_norm<M: Module>(
    model: &M,
    gradients: GradientsParams,
    longest: f64,
) -> GradientsParams {
    let mut length = Length {
        gradients: &gradients,
        squares: 0.0,
    };
    model.visit(&mut length);
    let norm = length.squares.sqrt();
    if norm <= longest {
        return gradients;
    }
    let mut scaling = Scaling {
        gradients,
        factor: longest / norm,
    };
    model.visit(&mut scaling);
    scaling.gradients
}

struct Length<'a> {
    gradients: &'a GradientsParams,
    squares: f64,
}

impl ModuleVisitor for Length<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            // Sum rows first: one sum over many millions would depend on the number of threads.
            let squares: f32 = gradient.square().sum_dim(D - 1).sum().into_scalar();
            self.squares += f64::from(squares);
        }
    }
}

struct Scaling {
    gradients: GradientsParams,
    factor: f64,
}

impl ModuleVisitor for Scaling {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.remove::<D>(param.id) {
            let scaled = gradient.mul_scalar(self.factor);
            self.gradients.register(param.id, scaled);
        }
    }
}
