//! Pictures in a terminal.

/// From dark to bright.
const SHADES: &[u8] = b" .:-=+*#%@";
/// The most characters in a line.
const WIDEST: usize = 56;

/// A picture in characters, each as wide as one pixel and as high as two. `None` if it is none: `shape` is
/// height, width and channels.
pub(super) fn picture(bytes: &[u8], shape: &[usize]) -> Option<String> {
    let &[height, width, channels @ (1 | 3)] = shape else {
        return None;
    };
    if bytes.len() != height * width * channels || bytes.is_empty() {
        return None;
    }
    let step = width.div_ceil(WIDEST);
    let mut text = String::new();
    for top in (0..height).step_by(2 * step) {
        let line = (0..width).step_by(step).map(|left| {
            let rows = top..height.min(top + 2 * step);
            let columns = left..width.min(left + step);
            let pixels =
                rows.flat_map(|row| columns.clone().map(move |column| row * width + column));
            let values = pixels.flat_map(|pixel| &bytes[pixel * channels..][..channels]);
            let (sum, count) = values.fold((0, 0), |(sum, count), &value| {
                (sum + usize::from(value), count + 1)
            });
            let shade = sum * SHADES.len() / (256 * count);
            char::from(SHADES[shade])
        });
        let line: String = line.collect();
        text += line.trim_end();
        text.push('\n');
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bright_pixels_are_dense_characters() {
        let bytes = [0, 255, 0, 255, 0, 128, 0, 128];
        assert_eq!(picture(&bytes, &[4, 2, 1]).unwrap(), " @\n +\n");
        let wide = vec![255; 100 * 3];
        assert_eq!(picture(&wide, &[1, 100, 3]).unwrap(), "@".repeat(50) + "\n");
        assert_eq!(picture(&bytes, &[2, 2, 2]), None);
        assert_eq!(picture(&bytes, &[3, 3, 1]), None);
    }
}
