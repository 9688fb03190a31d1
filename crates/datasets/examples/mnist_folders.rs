//! Writes MNIST as a person's own images, a PNG file each in a folder per digit:
//!
//! ```sh
//! cargo run --release -p datasets --example mnist_folders -- data data/mnist-folders
//! ```
//!
//! The first argument is a data folder as for `--data-dir`.

use std::path::Path;

use datasets::{Data, Examples, Location, Places};
use image::GrayImage;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(data), Some(to)) = (arguments.next(), arguments.next()) else {
        return Err("give a data folder with MNIST and a folder to write to".into());
    };
    let mnist: Data = serde_json::from_str(r#"{ "mnist": {} }"#)?;
    let location = Location::Folder(data.into());
    let places = Places {
        published: &location,
        config_folder: Path::new("."),
    };
    let dataset = mnist.load(&places, &mut |_| ())?;
    write(&dataset.train, &Path::new(&to).join("train"))?;
    write(&dataset.test, &Path::new(&to).join("test"))?;
    Ok(())
}

/// Writes 28 x 28 images, named by their position in the set.
fn write(examples: &Examples, folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    for digit in 0..10 {
        std::fs::create_dir_all(folder.join(digit.to_string()))?;
    }
    let pixels = examples
        .bytes()
        .unwrap_or_default()
        .chunks(examples.width());
    for (index, (pixels, digit)) in pixels.zip(examples.labels()).enumerate() {
        let image = GrayImage::from_raw(28, 28, pixels.to_vec()).ok_or("28 x 28 pixels")?;
        image.save(folder.join(format!("{digit}/{index:05}.png")))?;
    }
    Ok(())
}
