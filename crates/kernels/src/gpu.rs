//! Common parts of the kernels on CubeCL's backends: one source for Vulkan, Metal, DX12 and CUDA.

mod draws;
mod queue;

pub(crate) use draws::{Draws, draws, kept, philox};
pub(crate) use queue::{Queued, launch_size, new_tensor, queue};
