use burn::tensor::{Device, Tensor, TensorData};

/// A tensor's values on the host while one pass over them updates them in place.
///
/// An optimizer written in tensor operations reads and writes every parameter a dozen times. On
/// the CPU backends taking the values out and putting them back copies nothing.
pub(crate) struct HostValues<const D: usize> {
    data: TensorData,
    device: Device,
}

impl<const D: usize> HostValues<D> {
    pub(crate) fn take(tensor: Tensor<D>) -> Self {
        let device = tensor.device();
        Self {
            data: tensor.into_data(),
            device,
        }
    }

    pub(crate) fn zeros_like(other: &Self) -> Self {
        Self {
            data: TensorData::zeros::<f32, _>(other.data.shape().clone()),
            device: other.device.clone(),
        }
    }

    /// # Panics
    ///
    /// If the tensor is not of 32-bit floats, the only ones hearth trains with.
    pub(crate) fn values(&mut self) -> &mut [f32] {
        self.data.as_mut_slice().expect("a tensor of 32-bit floats")
    }

    pub(crate) fn put_back(self) -> Tensor<D> {
        Tensor::from_data(self.data, &self.device)
    }
}
