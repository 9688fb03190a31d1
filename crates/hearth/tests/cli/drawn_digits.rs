//! Digits as people draw and scan them, answered by a model of the real MNIST.

use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use image::imageops::{FilterType, crop_imm, overlay, resize};
use image::{GrayImage, Luma};

use crate::hearth::{Folder, repository};

const DIGITS: usize = 300;

/// Five epochs of the notebook's best perceptron, and the first test digits.
fn trained(data: &Path) -> (Folder, Vec<GrayImage>, Vec<u8>) {
    let folder = Folder::new();
    let config = repository().join("configs/mnist-dropout-adam.json");
    folder.succeed(&[
        "run",
        config.to_str().unwrap(),
        "--data-dir",
        data.to_str().unwrap(),
        "--name",
        "digits",
        "--set",
        "training.epochs=5",
        "--set",
        "expect={}",
    ]);
    let unzipped = |name: &str| {
        let file = std::fs::File::open(data.join("mnist").join(name)).unwrap();
        let mut bytes = Vec::new();
        GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
        bytes
    };
    let pixels = unzipped("t10k-images-idx3-ubyte.gz");
    let digits = pixels[16..].chunks(784).take(DIGITS);
    let digits = digits.map(|digit| GrayImage::from_raw(28, 28, digit.to_vec()).unwrap());
    let labels = unzipped("t10k-labels-idx1-ubyte.gz")[8..][..DIGITS].to_vec();
    (folder, digits.collect(), labels)
}

/// The share of right answers to pictures made of the digits.
fn accuracy(folder: &Folder, name: &str, pictures: &[GrayImage], labels: &[u8]) -> f64 {
    let root = folder.path().join(name);
    std::fs::create_dir(&root).unwrap();
    for (index, picture) in pictures.iter().enumerate() {
        picture.save(root.join(format!("{index:03}.png"))).unwrap();
    }
    let done = folder.hearth(&[
        "predict",
        "results/digits/flex-seed0",
        "--json",
        "--image",
        name,
    ]);
    let right = done.out.lines().zip(labels).filter(|(line, label)| {
        let answer: serde_json::Value = serde_json::from_str(line).unwrap();
        answer["class"] == label.to_string()
    });
    right.count() as f64 / labels.len() as f64
}

/// Ten times as large, drawn with `ink` on `paper`.
fn drawn(digit: &GrayImage, paper: u8, ink: u8) -> GrayImage {
    let large = resize(digit, 280, 280, FilterType::Triangle);
    GrayImage::from_fn(280, 280, |x, y| {
        let share = f32::from(large.get_pixel(x, y).0[0]) / 255.0;
        let tone = f32::from(paper) + share * (f32::from(ink) - f32::from(paper));
        Luma([tone.round() as u8])
    })
}

fn placed(small: &GrayImage, size: [u32; 2], at: [i64; 2]) -> GrayImage {
    let mut picture = GrayImage::from_pixel(size[0], size[1], *small.get_pixel(0, 0));
    overlay(&mut picture, small, at[0], at[1]);
    picture
}

/// Only the box of pixels that are not paper.
fn cropped(picture: &GrayImage) -> GrayImage {
    let paper = picture.get_pixel(0, 0).0[0];
    let ink = picture
        .enumerate_pixels()
        .filter(|(_, _, pixel)| pixel.0[0].abs_diff(paper) > 25);
    let [left, top, right, bottom] = ink.fold([280, 280, 0, 0], |[l, t, r, b], (x, y, _)| {
        [l.min(x), t.min(y), r.max(x), b.max(y)]
    });
    crop_imm(picture, left, top, right - left + 1, bottom - top + 1).to_image()
}

fn with_frame(mut picture: GrayImage, tone: u8) -> GrayImage {
    let last = picture.width() - 1;
    for place in 0..=last {
        for (x, y) in [(place, 0), (place, last), (0, place), (last, place)] {
            picture.put_pixel(x, y, Luma([tone]));
        }
    }
    picture
}

#[test]
fn framing_paper_and_ink_hardly_matter() {
    let Some(data) = std::env::var_os("HEARTH_DATA_DIR") else {
        println!("skipped: HEARTH_DATA_DIR is not set");
        return;
    };
    let (folder, digits, labels) = trained(Path::new(&data));
    let made = |change: &dyn Fn(&GrayImage) -> GrayImage| digits.iter().map(change).collect();
    let variants: [(&str, Vec<GrayImage>); 10] = [
        ("large", made(&|digit| drawn(digit, 255, 0))),
        ("cropped", made(&|digit| cropped(&drawn(digit, 255, 0)))),
        (
            "half",
            made(&|digit| placed(&drawn(digit, 255, 0), [560, 560], [140, 140])),
        ),
        (
            "aside",
            made(&|digit| placed(&drawn(digit, 255, 0), [280, 280], [40, 40])),
        ),
        (
            "corner",
            made(&|digit| placed(&drawn(digit, 255, 0), [600, 400], [310, 5])),
        ),
        ("grey", made(&|digit| drawn(digit, 190, 60))),
        ("dark", made(&|digit| drawn(digit, 120, 30))),
        ("board", made(&|digit| drawn(digit, 30, 220))),
        ("framed", made(&|digit| with_frame(drawn(digit, 255, 0), 0))),
        (
            "framed-board",
            made(&|digit| with_frame(drawn(digit, 0, 255), 255)),
        ),
    ];
    let plain = accuracy(&folder, "plain", &digits, &labels);
    assert!(plain > 0.95, "{plain}");
    for (name, pictures) in variants {
        let found = accuracy(&folder, name, &pictures, &labels);
        println!("{name}: {found:.3}, unchanged {plain:.3}");
        assert!(found > 0.95 * plain, "{name}: {found}, unchanged {plain}");
    }
}
