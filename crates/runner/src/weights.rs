//! Weights as safetensors: the model's own names, `hidden.0.weight` and so on, kernels
//! `[inputs, units]`, 32-bit floats.

use std::collections::BTreeSet;
use std::path::Path;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};
use record::RecordError;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView, serialize};

/// Writes a model's weights, whole or not at all.
pub(crate) fn save<M: Module>(model: &M, path: &Path) -> Result<(), RecordError> {
    let mut collected = Collected::default();
    // Running statistics have their last step in the inference form only.
    model.valid().visit(&mut collected);
    let views = collected.tensors.iter().map(|(name, data)| {
        let shape = data.shape().iter().copied().collect();
        let view = TensorView::new(Dtype::F32, shape, data.as_bytes());
        (name, view.expect("as many bytes as the shape says"))
    });
    let bytes = serialize(views, None).expect("names and sizes fit a header");
    record::write_atomically(path, &bytes)
}

/// The weights met on a walk through a module.
#[derive(Default)]
struct Collected {
    path: Vec<String>,
    tensors: Vec<(String, TensorData)>,
}

impl ModuleVisitor for Collected {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let data = param.val().into_data().convert::<f32>();
        self.tensors.push((self.path.join("."), data));
    }
}

/// The model with the weights of a file, in the format that [`save`] writes, or what is wrong with
/// it. Every tensor of the model must be there, and no other.
pub(crate) fn load<M: Module>(model: M, bytes: &[u8]) -> Result<M, String> {
    let tensors = SafeTensors::deserialize(bytes)
        .map_err(|error| format!("not a safetensors file: {error}"))?;
    let mut replacement = Replacement {
        path: Vec::new(),
        unused: tensors.names().into_iter().map(str::to_owned).collect(),
        tensors: &tensors,
        problem: None,
    };
    let model = model.map(&mut replacement);
    match (replacement.problem, replacement.unused.first()) {
        (Some(problem), _) => Err(problem),
        (None, Some(name)) => Err(format!("the model has no tensor `{name}`")),
        (None, None) => Ok(model),
    }
}

/// Takes the place of each tensor on a walk through a module.
struct Replacement<'a> {
    path: Vec<String>,
    tensors: &'a SafeTensors<'a>,
    unused: BTreeSet<String>,
    /// The first one.
    problem: Option<String>,
}

impl Replacement<'_> {
    fn data(&mut self, name: &str, shape: &[usize]) -> Result<TensorData, String> {
        self.unused.remove(name);
        let view = self.tensors.tensor(name);
        let view = view.map_err(|_| format!("it has no tensor `{name}`"))?;
        if view.dtype() != Dtype::F32 {
            return Err(format!("`{name}` is of {:?}, not F32", view.dtype()));
        }
        if view.shape() != shape {
            return Err(format!(
                "`{name}` has the shape {:?}, in the model {shape:?}",
                view.shape()
            ));
        }
        let (values, _) = view.data().as_chunks();
        let values: Vec<f32> = values
            .iter()
            .map(|&value| f32::from_le_bytes(value))
            .collect();
        match values.iter().all(|value| value.is_finite()) {
            true => Ok(TensorData::new(values, shape.to_vec())),
            false => Err(format!("`{name}` holds a value that is not finite")),
        }
    }
}

impl ModuleMapper for Replacement<'_> {
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
