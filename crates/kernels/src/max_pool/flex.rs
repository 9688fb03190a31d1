//! Max pooling as one operation with a backward pass of its own. The threads share the images.

use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind, unary};
use burn::backend::flex::FlexTensor;
use burn::backend::{Autodiff, Flex};
use burn::nn::pool::MaxPool2d;
use burn::tensor::{DType, Tensor};
use ndarray::Axis;
use pulp::{Simd, WithSimd};

use crate::channels_last::{from_images, images};
use crate::memory::unset;
use crate::team;
use crate::weighted::values;
use crate::windows::Windows;

type Differentiable = Autodiff<Flex, NoCheckpointing>;

/// The maxima; `None` if the input is not on flex or not of 32-bit floats, or the windows have dilation.
pub(super) fn max_pool(pool: &MaxPool2d, input: &Tensor<4>) -> Option<Tensor<4>> {
    if input.dtype() != DType::F32 || pool.dilation != [1, 1] || pool.ceil_mode {
        return None;
    }
    let [batch, channels, rows, columns] = input.dims();
    let windows = Windows::new(
        [rows, columns],
        pool.kernel_size,
        pool.stride,
        &pool.padding,
    );
    let pooling = Pooling {
        windows,
        batch,
        channels,
    };
    if let Ok(input) = input.clone().try_into_primitive::<Flex>() {
        let (maxima, _) = pooling.forward(&input);
        return Some(Tensor::from_primitive::<Flex>(maxima));
    }
    let input = input.clone().try_into_primitive::<Differentiable>().ok()?;
    let (input, node) = input.into_parts();
    let (maxima, places) = pooling.forward(&input);
    let operation = Operation.prepare::<NoCheckpointing>([node]);
    let maxima = match operation.compute_bound().stateful() {
        OpsKind::UnTracked(operation) => operation.finish(maxima),
        OpsKind::Tracked(operation) => operation.finish((pooling, places), maxima),
    };
    Some(Tensor::from_primitive::<Differentiable>(maxima))
}

#[derive(Debug)]
struct Operation;

impl Backward<Flex, 1> for Operation {
    type State = (Pooling, Arc<[u32]>);

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let (pooling, places) = ops.state;
        unary::<Flex, _>(ops.parents, ops.node, gradients, |gradient| {
            pooling.backward(&gradient, &places)
        });
    }
}

#[derive(Clone, Copy, Debug)]
struct Pooling {
    windows: Windows,
    batch: usize,
    channels: usize,
}

impl Pooling {
    /// Numbers in an image.
    fn image(&self) -> usize {
        self.windows.image.iter().product::<usize>() * self.channels
    }

    /// Numbers in a pooled image.
    fn pooled(&self) -> usize {
        self.windows.total() * self.channels
    }

    /// The maxima, and for each of them its place in the window.
    fn forward(&self, input: &FlexTensor) -> (FlexTensor, Arc<[u32]>) {
        let input = images(input);
        let mut maxima = unset([self.batch, self.pooled()]);
        let mut places = vec![0; self.batch * self.pooled()];
        let parts = values(&input).chunks(self.image().max(1));
        let parts = parts.zip(maxima.axis_iter_mut(Axis(0)));
        let parts = parts.zip(places.chunks_mut(self.pooled().max(1)));
        team::for_each(parts.collect(), |((image, mut maxima), places)| {
            let maxima = maxima.as_slice_mut().expect("rows are contiguous");
            pulp::Arch::new().dispatch(Pool {
                pooling: *self,
                image,
                maxima,
                places,
            });
        });
        let [rows, columns] = self.windows.count;
        let maxima = from_images(maxima, [self.batch, rows, columns, self.channels]);
        (maxima, places.into())
    }

    /// The pixel at a place of a window; `None` beyond the edges.
    #[inline(always)]
    fn pixel(&self, window: usize, place: usize) -> Option<usize> {
        let ([_, columns], [_, width]) = (self.windows.count, self.windows.size);
        let row = self.windows.row(window / columns, place / width)?;
        let column = self.windows.column(window % columns, place % width)?;
        Some(row * self.windows.image[1] + column)
    }

    fn backward(&self, gradient: &FlexTensor, places: &[u32]) -> FlexTensor {
        let gradient = images(gradient);
        let mut sums = unset([self.batch, self.image()]);
        let parts = values(&gradient).chunks(self.pooled().max(1));
        let parts = parts.zip(places.chunks(self.pooled().max(1)));
        let parts = parts.zip(sums.axis_iter_mut(Axis(0)));
        team::for_each(parts.collect(), |((gradient, places), mut sums)| {
            let sums = sums.as_slice_mut().expect("rows are contiguous");
            pulp::Arch::new().dispatch(Spread {
                pooling: *self,
                gradient,
                places,
                sums,
            });
        });
        let [rows, columns] = self.windows.image;
        from_images(sums, [self.batch, rows, columns, self.channels])
    }
}

/// Pools an image.
struct Pool<'a> {
    pooling: Pooling,
    image: &'a [f32],
    maxima: &'a mut [f32],
    places: &'a mut [u32],
}

impl WithSimd for Pool<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Pooling {
            windows, channels, ..
        } = self.pooling;
        let outputs = self.maxima.chunks_mut(channels);
        let outputs = outputs.zip(self.places.chunks_mut(channels));
        for (window, (maxima, places)) in outputs.enumerate() {
            maxima.fill(f32::NEG_INFINITY);
            for place in 0..windows.area() {
                let Some(pixel) = self.pooling.pixel(window, place) else {
                    continue;
                };
                let values = &self.image[pixel * channels..][..channels];
                for ((maximum, at), &value) in maxima.iter_mut().zip(&mut *places).zip(values) {
                    // What is not a number stays the maximum.
                    let is_smaller = value <= *maximum || maximum.is_nan();
                    *maximum = if is_smaller { *maximum } else { value };
                    *at = if is_smaller { *at } else { place as u32 };
                }
            }
        }
    }
}

/// Adds the gradients of an image's maxima to those of where they come from.
struct Spread<'a> {
    pooling: Pooling,
    gradient: &'a [f32],
    places: &'a [u32],
    sums: &'a mut [f32],
}

impl WithSimd for Spread<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Pooling {
            windows, channels, ..
        } = self.pooling;
        self.sums.fill(0.0);
        let inputs = self
            .gradient
            .chunks(channels)
            .zip(self.places.chunks(channels));
        for (window, (gradient, places)) in inputs.enumerate() {
            for place in 0..windows.area() {
                let Some(pixel) = self.pooling.pixel(window, place) else {
                    continue;
                };
                let sums = &mut self.sums[pixel * channels..][..channels];
                for ((sum, &gradient), &at) in sums.iter_mut().zip(gradient).zip(places) {
                    *sum += if at == place as u32 { gradient } else { 0.0 };
                }
            }
        }
    }
}
