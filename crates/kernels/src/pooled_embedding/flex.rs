//! The pooled embedding on flex.

use std::sync::Arc;

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::tensor::{Int, Tensor, TensorData};

use super::fused::Fused;
use super::search::{Maxima, search};
use crate::decisions::Decisions;
use crate::memory::unset;
use crate::team;

impl Fused for Flex {
    type Origins = Arc<[i32]>;

    fn maxima(
        table: FlexTensor,
        tokens: &Tensor<2, Int>,
        dropout: Option<Decisions>,
    ) -> Option<(FlexTensor, Arc<[i32]>)> {
        let [batch, time] = tokens.dims();
        let table = table.to_contiguous();
        let width = table.layout().shape()[1];
        let start = table.layout().start_offset();
        let tokens = tokens.clone().into_data().convert::<i32>();
        let tokens = tokens.as_slice().expect("converted to 32-bit integers");
        let table = &table.storage()[start..];
        let Maxima { values, origins } = search(table, width, tokens, time, dropout.as_ref());
        let maxima = FlexTensor::from_data(TensorData::new(values, [batch, width]));
        Some((maxima, origins.into()))
    }

    /// Each task adds to its own rows of the table.
    fn table_gradient(
        [rows, width]: [usize; 2],
        gradient: FlexTensor,
        origins: &Arc<[i32]>,
        scale: f32,
    ) -> FlexTensor {
        let gradient = gradient.to_contiguous();
        let start = gradient.layout().start_offset();
        let gradient = &gradient.storage::<f32>()[start..];
        let mut summed = unset([rows, width]);
        let rows_per_task = rows.div_ceil(team::threads());
        let values = summed.as_slice_mut().expect("the standard layout");
        let tasks = values.chunks_mut(rows_per_task * width).enumerate();
        team::for_each(tasks.collect(), |(task, summed)| {
            summed.fill(0.0);
            let first = task * rows_per_task * width;
            let origins = origins.chunks(width).zip(gradient.chunks(width));
            for (origins, gradient) in origins {
                for (column, (&origin, gradient)) in origins.iter().zip(gradient).enumerate() {
                    // A dropped element's origin is negative: as an index, far beyond the table.
                    let place = (origin as usize).wrapping_mul(width).wrapping_add(column);
                    if let Some(sum) = summed.get_mut(place.wrapping_sub(first)) {
                        *sum += gradient * scale;
                    }
                }
            }
        });
        let (summed, _) = summed.into_raw_vec_and_offset();
        FlexTensor::from_data(TensorData::new(summed, [rows, width]))
    }
}
