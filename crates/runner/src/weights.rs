//! Weights as safetensors: the model's own names, `hidden.0.weight` and so on, kernels
//! `[inputs, units]`, 32-bit floats.

use std::path::Path;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};
use record::RecordError;
use safetensors::tensor::{Dtype, TensorView, serialize};

/// Writes a model's weights, whole or not at all.
pub(crate) fn save<M: Module>(model: &M, path: &Path) -> Result<(), RecordError> {
    let mut collected = Collected::default();
    model.visit(&mut collected);
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
