//! The windows of a convolution or a pooling over images.

use burn::nn::PaddingConfig2d;

/// Where windows lie on an image. Each pair is rows, then columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Windows {
    /// The image's size.
    pub image: [usize; 2],
    /// A window's size.
    pub size: [usize; 2],
    stride: [usize; 2],
    /// Positions beyond the upper and the left edge.
    before: [usize; 2],
    /// The number of windows.
    pub count: [usize; 2],
}

impl Windows {
    pub fn new(
        image: [usize; 2],
        size: [usize; 2],
        stride: [usize; 2],
        padding: &PaddingConfig2d,
    ) -> Self {
        let along = |axis: usize| {
            let (image, size, stride) = (image[axis], size[axis], stride[axis]);
            let [before, after] = match padding {
                PaddingConfig2d::Valid => [0, 0],
                PaddingConfig2d::Same => {
                    let covered = (image.div_ceil(stride).max(1) - 1) * stride + size;
                    let missing = covered.saturating_sub(image);
                    [missing / 2, missing - missing / 2]
                }
                PaddingConfig2d::Explicit(top, left, bottom, right) => {
                    [[*top, *bottom], [*left, *right]][axis]
                }
            };
            let count = match (before + image + after).checked_sub(size) {
                Some(free) => free / stride + 1,
                None => 0,
            };
            (before, count)
        };
        let [(above, rows), (left, columns)] = [along(0), along(1)];
        Self {
            image,
            size,
            stride,
            before: [above, left],
            count: [rows, columns],
        }
    }

    /// The number of windows on an image.
    pub fn total(&self) -> usize {
        self.count[0] * self.count[1]
    }

    /// The number of positions in a window.
    pub fn area(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// The row of the image for a row of the windows and a row within a window; `None` beyond the edges.
    #[inline(always)]
    pub fn row(&self, window: usize, within: usize) -> Option<usize> {
        self.place(0, window, within)
    }

    /// The same for columns.
    #[inline(always)]
    pub fn column(&self, window: usize, within: usize) -> Option<usize> {
        self.place(1, window, within)
    }

    #[inline(always)]
    fn place(&self, axis: usize, window: usize, within: usize) -> Option<usize> {
        let place = (window * self.stride[axis] + within).checked_sub(self.before[axis])?;
        (place < self.image[axis]).then_some(place)
    }
}
