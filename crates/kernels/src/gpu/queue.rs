//! Puts our own kernels among the operations that Burn queues before it runs them.

use std::array;

use burn::backend::fusion::FusionTensor;
use burn::backend::fusion::client::GlobalFusionClient;
use burn::backend::fusion::custom::{
    CustomOpIr, HandleContainer, OperationFn, OperationIr, StreamId,
};
use burn::backend::ir::TensorIr;
use burn::tensor::{DType, Shape};
use burn_cubecl::fusion::FusionCubeRuntime;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use burn_cubecl::{CubeBackend, CubeDevice};
use cubecl::calculate_cube_count_elemwise;
use cubecl::prelude::*;

/// A tensor that may not be computed yet.
pub(crate) type Queued = FusionTensor<FusionCubeRuntime>;

/// Queues a kernel and returns its outputs, with these shapes and types. When the kernel's turn
/// comes, `launch` gets the device and the inputs in memory.
pub(crate) fn queue<const I: usize, const O: usize>(
    name: &'static str,
    client: &GlobalFusionClient<FusionCubeRuntime>,
    inputs: [Queued; I],
    outputs: [(Shape, DType); O],
    launch: impl Fn(&CubeDevice, [CubeTensor; I]) -> [CubeTensor; O] + Send + Sync + 'static,
) -> [Queued; O] {
    let inputs = inputs.map(FusionTensor::into_ir);
    let outputs =
        outputs.map(|(shape, dtype)| TensorIr::uninit(client.create_empty_handle(), shape, dtype));
    let operation = CustomOpIr::new(name, &inputs, &outputs);
    let device = client.device().clone();
    let execute = move |handles: &mut HandleContainer<_>| {
        let inputs =
            array::from_fn(|index| handles.get_float_tensor::<CubeBackend>(&inputs[index]));
        for (output, tensor) in outputs.iter().zip(launch(&device, inputs)) {
            handles.register_float_tensor::<CubeBackend>(&output.id, tensor);
        }
        Ok(())
    };
    let outputs = client.register(
        StreamId::current(),
        OperationIr::Custom(operation),
        OperationFn(execute),
    );
    outputs.try_into().expect("as many as were described")
}

/// An uninitialised tensor.
pub(crate) fn new_tensor(device: &CubeDevice, shape: Shape, dtype: DType) -> CubeTensor {
    empty_device_contiguous_dtype(device.client(), device.clone(), shape, dtype)
}

/// How to launch a kernel with at least this many units.
pub(crate) fn launch_size(device: &CubeDevice, units: usize) -> (CubeCount, CubeDim) {
    let client = device.client();
    let size = CubeDim::new(&client, units);
    (calculate_cube_count_elemwise(&client, units, size), size)
}
