//! Convolutions as matrix products: the entries under each window as a row ("im2col").

use std::ops::Range;

use crate::windows::Windows;

/// Copies what lies under some rows of windows on an image, `[rows, columns, channels]`, to one row for each
/// window: `[windows, window rows, window columns, channels]`, with zeros beyond the edges.
pub(super) fn gather(
    windows: &Windows,
    rows: Range<usize>,
    channels: usize,
    image: &[f32],
    patches: &mut [f32],
) {
    let mut runs = patches.chunks_mut(windows.size[1] * channels);
    each_run(windows, rows, |row, first, run| {
        let patch = runs.next().expect("a run for each row of each window");
        let Some(row) = row else {
            return patch.fill(0.0);
        };
        let [from, to] = [run.start * channels, run.end * channels];
        let start = (row * windows.image[1] + first) * channels;
        patch[..from].fill(0.0);
        for (entry, value) in patch[from..to].iter_mut().zip(&image[start..]) {
            *entry = *value;
        }
        patch[to..].fill(0.0);
    });
}

/// Adds each entry of the patches to where it came from.
pub(super) fn scatter(
    windows: &Windows,
    rows: Range<usize>,
    channels: usize,
    patches: &[f32],
    image: &mut [f32],
) {
    let mut runs = patches.chunks(windows.size[1] * channels);
    each_run(windows, rows, |row, first, run| {
        let patch = runs.next().expect("a run for each row of each window");
        let Some(row) = row else {
            return;
        };
        let start = (row * windows.image[1] + first) * channels;
        let entries = &patch[run.start * channels..run.end * channels];
        for (sum, entry) in image[start..].iter_mut().zip(entries) {
            *sum += *entry;
        }
    });
}

/// Calls `run` for each row of each window in some rows of windows, in order: with the row of the image, if there is one; and with the
/// first column of the image and the columns of the window that lie on the image.
#[inline(always)]
fn each_run(
    windows: &Windows,
    rows: Range<usize>,
    mut run: impl FnMut(Option<usize>, usize, Range<usize>),
) {
    let width = windows.size[1];
    for window_row in rows {
        for window_column in 0..windows.count[1] {
            let start = (0..width).find(|&within| windows.column(window_column, within).is_some());
            let start = start.unwrap_or(width);
            let first = windows.column(window_column, start).unwrap_or(0);
            let end = (start + windows.image[1] - first).min(width).max(start);
            for within in 0..windows.size[0] {
                run(windows.row(window_row, within), first, start..end);
            }
        }
    }
}
