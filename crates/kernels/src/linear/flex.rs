//! A dense layer as one operation. The threads share its columns: the weights of a column stay in the cache of
//! one core.

use burn::backend::flex::FlexTensor;
use ndarray::{Array2, Axis, s};

use crate::memory::unset;
use crate::product::product;
use crate::team;
use crate::weighted::{Activation, Finish, Found, Start, Wanted, Weighted, matrix, tensor, values};

/// `x w + b`
#[derive(Clone, Debug)]
pub(super) struct Dense;

impl Weighted for Dense {
    fn forward(
        &self,
        input: &FlexTensor,
        weight: &FlexTensor,
        bias: Option<&FlexTensor>,
        activation: Activation,
    ) -> FlexTensor {
        let [inputs, units] = dims(weight);
        let (input, weight) = (input.to_contiguous(), weight.to_contiguous());
        let bias = bias.map(FlexTensor::to_contiguous);
        let (input, weight) = (matrix(&input, inputs), matrix(&weight, units));
        let bias = bias.as_ref().map(values);
        let batch = input.nrows();
        let mut output = unset([batch, units]);
        let width = share(units, input.len());
        let parts = output.axis_chunks_iter_mut(Axis(1), width).enumerate();
        team::for_each(parts.collect(), |(number, mut part)| {
            let columns = number * width..number * width + part.ncols();
            let weight = weight.slice(s![.., columns.clone()]);
            product(input, weight, part.view_mut());
            let bias = bias.map(|bias| &bias[columns]);
            pulp::Arch::new().dispatch(Finish {
                sums: part,
                bias,
                activation,
            });
        });
        from_matrix(output)
    }

    fn backward(
        &self,
        input: &FlexTensor,
        weight: &FlexTensor,
        gradient: &FlexTensor,
        rectified: Option<&FlexTensor>,
        wanted: Wanted,
    ) -> Found {
        let [inputs, units] = dims(weight);
        let (input, weight) = (input.to_contiguous(), weight.to_contiguous());
        let (input, weight) = (matrix(&input, inputs), matrix(&weight, units));
        let gradient = gradient.to_contiguous();
        let gradient = matrix(&gradient, units);
        let rectified = rectified.map(|rectified| matrix(rectified, units));
        let batch = input.nrows();

        let mut of_sums = unset([batch, units]);
        let mut of_weight = unset([inputs, units]);
        let mut of_bias = vec![0.0; units];
        let width = share(units, input.len());
        let parts = of_sums.axis_chunks_iter_mut(Axis(1), width);
        let parts = parts.zip(of_weight.axis_chunks_iter_mut(Axis(1), width));
        let parts = parts.zip(of_bias.chunks_mut(width));
        team::for_each(
            parts.enumerate().collect(),
            |(number, ((mut of_sums, of_weight), of_bias))| {
                let columns = s![.., number * width..number * width + of_sums.ncols()];
                let gradient = gradient.slice(columns);
                let rectified = rectified.map(|rectified| rectified.slice_move(columns));
                pulp::Arch::new().dispatch(Start {
                    gradient,
                    rectified,
                    of_sums: of_sums.view_mut(),
                    of_bias,
                });
                product(input.t(), of_sums.view(), of_weight);
            },
        );

        let of_input = (wanted == Wanted::All).then(|| {
            let mut of_input = unset([batch, inputs]);
            let width = share(inputs, of_sums.len());
            let parts = of_input.axis_chunks_iter_mut(Axis(1), width).enumerate();
            team::for_each(parts.collect(), |(number, part)| {
                let inputs = number * width..number * width + part.ncols();
                let weight = weight.slice(s![inputs, ..]).reversed_axes();
                product(of_sums.view(), weight, part);
            });
            from_matrix(of_input)
        });
        Found {
            input: of_input,
            weight: from_matrix(of_weight),
            bias: tensor(of_bias, [units]),
        }
    }
}

/// The number of columns in each thread's share, of so many columns that take `work` multiplications each.
fn share(columns: usize, work: usize) -> usize {
    /// Columns in a cache line: no line is written by two threads.
    const LINE: usize = 16;
    /// Multiplications that are worth a further thread: it takes a microsecond to begin and to end with it.
    const WORTH_SHARING: usize = 1 << 18;
    let shares = (columns * work / WORTH_SHARING).clamp(1, team::threads());
    columns.div_ceil(LINE).div_ceil(shares) * LINE
}

/// The weights' inputs and units.
fn dims(weight: &FlexTensor) -> [usize; 2] {
    let shape = weight.layout().shape();
    [shape[0], shape[1]]
}

fn from_matrix(matrix: Array2<f32>) -> FlexTensor {
    let shape = [matrix.nrows(), matrix.ncols()];
    tensor(matrix.into_raw_vec_and_offset().0, shape)
}
