//! Images on flex with the channels of each pixel side by side in memory. Their tensors are `[batch, channels, rows,
//! columns]`, as Burn has them: the layout says where the numbers are.

use burn::backend::flex::FlexTensor;
use ndarray::Array2;

use crate::weighted::tensor;

/// The images as a contiguous tensor, `[batch, rows, columns, channels]`. Copies nothing if they lie in memory in
/// this order.
pub(crate) fn images(tensor: &FlexTensor) -> FlexTensor {
    tensor.permute(&[0, 2, 3, 1]).to_contiguous()
}

/// A tensor of images in this order.
pub(crate) fn from_images(images: Array2<f32>, shape: [usize; 4]) -> FlexTensor {
    let (values, _) = images.into_raw_vec_and_offset();
    tensor(values, shape).permute(&[0, 3, 1, 2])
}
