//! Saves and loads a model's weights. Tensors are named by their paths in the module, for instance
//! `hidden.0.weight`; weight matrices are `[inputs, units]`.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};
use record::Tensors;

use crate::module_path::ModulePath;

/// All weights, including running statistics.
pub(crate) fn of<M: Module>(model: &M) -> Tensors {
    let mut collected = Collected::default();
    // Only inference mode applies the last step's update to running statistics.
    model.valid().visit(&mut collected);
    collected.tensors
}

/// Collects the weights of a module.
#[derive(Default)]
struct Collected {
    path: ModulePath,
    tensors: Tensors,
}

impl ModuleVisitor for Collected {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let data = param.val().into_data();
        self.tensors
            .insert(self.path.name(), shape_of(&data), values_of(data));
    }
}

pub(crate) fn shape_of(data: &TensorData) -> Vec<usize> {
    data.shape().iter().copied().collect()
}

pub(crate) fn values_of(data: TensorData) -> Vec<f32> {
    data.convert::<f32>().try_into_vec().expect("32-bit floats")
}

/// The model with the weights of a file as a run writes it.
///
/// # Errors
///
/// If the file does not fit the model, a value is not finite or a variance is negative. The error is a
/// message.
pub(crate) fn load<M: Module>(model: M, bytes: &[u8]) -> Result<M, String> {
    let tensors = Tensors::from_bytes(bytes)?;
    if let Some(name) = tensors.not_finite() {
        return Err(format!("`{name}` holds a value that is not finite"));
    }
    if let Some(name) = tensors.negative("running_var") {
        return Err(format!("`{name}` holds a negative variance"));
    }
    with(model, tensors)
}

/// The model with these weights.
///
/// # Errors
///
/// If a tensor of the model is missing or has another shape, or if there is a tensor that the model
/// does not have. The error is a message.
pub(crate) fn with<M: Module>(model: M, tensors: Tensors) -> Result<M, String> {
    let mut replacement = Replacement {
        path: ModulePath::default(),
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

/// Replaces each tensor of a module.
struct Replacement {
    path: ModulePath,
    tensors: Tensors,
    /// The first problem found.
    problem: Option<String>,
}

impl Replacement {
    fn data(&mut self, name: &str, shape: &[usize]) -> Result<TensorData, String> {
        let values = self.tensors.take_of_shape(name, shape)?;
        Ok(TensorData::new(values, shape.to_vec()))
    }
}

impl ModuleMapper for Replacement {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.exit();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.path.name();
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

/// The number of trainable parameters. Running statistics are not trainable.
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
