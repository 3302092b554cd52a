//! Pictures as customers hand them in, drawn when they are asked for: a card, its back, and a face of an oval and two dots. Nobody is on
//! them. Each is another for another seed, and says so in a comment of the file, which a receiver has no reason to keep.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};

const WIDTH: u32 = 640;
const HEIGHT: u32 = 400;
/// A file that no receiver should take: one byte more than ten megabytes.
const TOO_LARGE: usize = 10_000_001;

/// What a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shows {
    /// Front of a document.
    Front,
    /// Back of a document.
    Back,
    /// A face.
    Face,
}

/// What is in the comment of the file that belongs to this seed.
pub fn canary(seed: &str) -> String {
    format!("Canary picture {seed}")
}

/// A JPEG.
pub(crate) fn draw(shows: Shows, seed: &str) -> Vec<u8> {
    let mut noise = DefaultHasher::new();
    seed.hash(&mut noise);
    let mut state = noise.finish();
    let picture = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let grain = u8::try_from(state >> 60).expect("four bits");
        Rgb(colour(shows, x, y).map(|part| part.saturating_add(grain)))
    });
    let mut file = Vec::new();
    // Writing into memory does not fail, and the size fits the format.
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut file, 90)).expect("a small picture");
    with_comment(&file, &canary(seed))
}

/// More than anybody should take.
pub(crate) fn too_large() -> Vec<u8> {
    let mut file = draw(Shows::Front, "large");
    file.resize(TOO_LARGE, 0);
    file
}

fn colour(shows: Shows, x: u32, y: u32) -> [u8; 3] {
    let is_in = |(cx, cy): (i64, i64), (rx, ry): (i64, i64)| {
        let (dx, dy) = (i64::from(x) - cx, i64::from(y) - cy);
        dx * dx * ry * ry + dy * dy * rx * rx <= rx * rx * ry * ry
    };
    let is_line = |from: u32| x > from && x < 580 && y > 90 && y < 320 && y % 40 < 10;
    match shows {
        Shows::Front if is_in((170, 200), (70, 95)) => [150, 140, 130],
        Shows::Front if is_line(300) => [70, 80, 110],
        Shows::Front => [200, 214, 224],
        Shows::Back if y > 260 && y < 360 && y % 30 < 14 => [40, 40, 40],
        Shows::Back => [222, 214, 198],
        Shows::Face if is_in((280, 180), (10, 10)) || is_in((360, 180), (10, 10)) => [40, 40, 40],
        Shows::Face if is_in((320, 210), (110, 150)) => [196, 170, 150],
        Shows::Face => [120, 140, 150],
    }
}

/// A comment segment right behind the start of the file (ITU-T T.81, B.2.4.5).
fn with_comment(file: &[u8], comment: &str) -> Vec<u8> {
    let length = u16::try_from(comment.len() + 2).expect("a short comment").to_be_bytes();
    [&file[..2], &[0xff, 0xfe], &length, comment.as_bytes(), &file[2..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_a_picture_of_its_own() {
        let face = draw(Shows::Face, "one");
        assert_eq!(image::load_from_memory(&face).unwrap().width(), WIDTH);
        assert_eq!(face, draw(Shows::Face, "one"));
        assert_ne!(face, draw(Shows::Face, "two"));
        assert!(face.windows(18).any(|part| part == canary("one").as_bytes()));
    }
}
