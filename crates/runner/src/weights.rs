//! A model's weights by the model's own names, `hidden.0.weight` and so on, kernels
//! `[inputs, units]`.

use std::path::Path;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};
use record::{RecordError, Tensors};

/// Writes a model's weights, whole or not at all.
pub(crate) fn save<M: Module>(model: &M, path: &Path) -> Result<(), RecordError> {
    record::write_atomically(path, &of(model).to_bytes())
}

/// All weights, running statistics included.
pub(crate) fn of<M: Module>(model: &M) -> Tensors {
    let mut collected = Collected::default();
    // Running statistics have their last step in the inference form only.
    model.valid().visit(&mut collected);
    collected.tensors
}

/// The weights met on a walk through a module.
#[derive(Default)]
struct Collected {
    path: Vec<String>,
    tensors: Tensors,
}

impl ModuleVisitor for Collected {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let data = param.val().into_data();
        self.tensors
            .insert(self.path.join("."), shape_of(&data), values_of(data));
    }
}

pub(crate) fn shape_of(data: &TensorData) -> Vec<usize> {
    data.shape().iter().copied().collect()
}

pub(crate) fn values_of(data: TensorData) -> Vec<f32> {
    data.convert::<f32>().try_into_vec().expect("32-bit floats")
}

/// The model with the weights of a file, in the format that [`save`] writes, or what is wrong with
/// it.
pub(crate) fn load<M: Module>(model: M, bytes: &[u8]) -> Result<M, String> {
    let tensors = Tensors::from_bytes(bytes)?;
    match tensors.not_finite() {
        Some(name) => Err(format!("`{name}` holds a value that is not finite")),
        None => with(model, tensors),
    }
}

/// The model with these weights, or what is wrong with them. Every tensor of the model must be
/// there, and no other.
pub(crate) fn with<M: Module>(model: M, tensors: Tensors) -> Result<M, String> {
    let mut replacement = Replacement {
        path: Vec::new(),
        tensors,
        problem: None,
    };
    let model = model.map(&mut replacement);
    match (replacement.problem, replacement.tensors.names().next()) {
        (Some(problem), _) => Err(problem),
        (None, Some(name)) => Err(format!("the model has no tensor `{name}`")),
        (None, None) => Ok(model),
    }
}

/// Takes the place of each tensor on a walk through a module.
struct Replacement {
    path: Vec<String>,
    tensors: Tensors,
    /// The first one.
    problem: Option<String>,
}

impl Replacement {
    fn data(&mut self, name: &str, shape: &[usize]) -> Result<TensorData, String> {
        let values = self.tensors.take_of_shape(name, shape)?;
        Ok(TensorData::new(values, shape.to_vec()))
    }
}

impl ModuleMapper for Replacement {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.path.join(".");
        let shape: Vec<usize> = param.val().dims().to_vec();
        match self.data(&name, &shape) {
            Ok(data) => param.map(|tensor| {
                let trained = tensor.is_require_grad();
                let replaced = Tensor::from_data(data, &tensor.device());
                replaced.set_require_grad(trained)
            }),
            Err(problem) => {
                self.problem.get_or_insert(problem);
                param
            }
        }
    }
}
