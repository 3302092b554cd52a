//! Looking at what a customer sends before anything else does: which kind of file it is, how large the picture would be; and then
//! encoding it anew, so that nothing of the file is left but the picture.

use std::io::Cursor;

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::{PngDecoder, PngEncoder};
use image::{DynamicImage, ImageDecoder, ImageEncoder, ImageError, Limits};

/// Largest file, in bytes.
pub const LARGEST: usize = 10 * 1000 * 1000;
/// Most pixels, before anything is decoded: a small file can hold a picture that fills the memory.
const MOST_PIXELS: u64 = 40_000_000;
/// What one picture may take in memory: 40 megapixels of four bytes, and some to spare.
const MOST_MEMORY: u64 = 256 * 1024 * 1024;
/// What a PNG may hold besides its picture, unpacked: a small colour profile can be one that fills the memory.
const MOST_BESIDE: u64 = 32 * 1024 * 1024;
/// Fine print stays readable.
const QUALITY: u8 = 92;

/// Why a file is not accepted. Each has its sentence for the customer, under this key of the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAccepted {
    /// Nothing was sent.
    #[error("there is no file")]
    NoFile,
    /// More bytes than [`LARGEST`].
    #[error("the file is too large")]
    TooLarge,
    /// More pixels than are decoded.
    #[error("the picture has too many pixels")]
    TooManyPixels,
    /// A PDF.
    #[error("the file is a PDF")]
    Pdf,
    /// Neither JPEG nor PNG.
    #[error("the file is neither JPEG nor PNG")]
    NotAPicture,
    /// It cannot be decoded.
    #[error("the picture cannot be decoded")]
    Broken,
}

impl NotAccepted {
    /// The key of its sentence.
    pub const fn key(self) -> &'static str {
        match self {
            Self::NoFile => "refused.no_file",
            Self::TooLarge => "refused.too_large",
            Self::TooManyPixels => "refused.too_many_pixels",
            Self::Pdf => "refused.pdf",
            Self::NotAPicture => "refused.not_a_picture",
            Self::Broken => "refused.broken",
        }
    }
}

/// What a file says it is by its first bytes. Its name and what the browser says of it are not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
}

impl Format {
    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// The format of these bytes.
    pub fn of(bytes: &[u8]) -> Result<Self, NotAccepted> {
        match bytes {
            [] => Err(NotAccepted::NoFile),
            _ if bytes.len() > LARGEST => Err(NotAccepted::TooLarge),
            [0xff, 0xd8, 0xff, ..] => Ok(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Ok(Self::Png),
            // The signature of a PDF may come late (ISO 32000-2, annex I).
            _ if bytes[..bytes.len().min(1024)].windows(5).any(|part| part == b"%PDF-") => Err(NotAccepted::Pdf),
            _ => Err(NotAccepted::NotAPicture),
        }
    }
}

fn broken(_: ImageError) -> NotAccepted {
    NotAccepted::Broken
}

/// The picture in a file, the right way up, encoded anew in the same format. Everything else is left behind: place, time and device, and
/// whatever else a file may carry. Takes a processor for a while: call it where that keeps nobody waiting.
pub fn anew(bytes: &[u8]) -> Result<(Format, Vec<u8>), NotAccepted> {
    let format = Format::of(bytes)?;
    let image = match format {
        Format::Jpeg => decoded(JpegDecoder::new(Cursor::new(bytes)).map_err(broken)?)?,
        Format::Png => decoded(png_decoder(bytes)?)?,
    };
    let mut out = Vec::new();
    let written = match format {
        Format::Jpeg => image.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut out, QUALITY)),
        Format::Png => {
            let rgb = image.to_rgb8();
            PngEncoder::new(&mut out).write_image(&rgb, rgb.width(), rgb.height(), image::ExtendedColorType::Rgb8)
        }
    };
    written.map_err(broken)?;
    Ok((format, out))
}

fn png_decoder(bytes: &[u8]) -> Result<PngDecoder<Cursor<&[u8]>>, NotAccepted> {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_BESIDE);
    PngDecoder::with_limits(Cursor::new(bytes), limits).map_err(broken)
}

/// Decodes, once the header has said that it may be: decoders themselves reserve what the picture takes without asking.
fn decoded(mut decoder: impl ImageDecoder) -> Result<DynamicImage, NotAccepted> {
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS || decoder.total_bytes() > MOST_MEMORY {
        return Err(NotAccepted::TooManyPixels);
    }
    let orientation = decoder.orientation().map_err(broken)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(broken)?;
    image.apply_orientation(orientation);
    Ok(image)
}

#[cfg(test)]
mod tests {
    use image::{ImageBuffer, Rgb};
    use proptest::prelude::*;

    use super::*;

    fn jpeg(width: u32, height: u32) -> Vec<u8> {
        let image = ImageBuffer::from_fn(width, height, |x, y| {
            Rgb([u8::try_from(x % 256).unwrap(), u8::try_from(y % 256).unwrap(), 90])
        });
        let mut out = Vec::new();
        image.write_with_encoder(JpegEncoder::new_with_quality(&mut out, 90)).unwrap();
        out
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut out = Vec::new();
        let image = ImageBuffer::from_pixel(width, height, Rgb([1_u8, 2, 3]));
        image.write_with_encoder(PngEncoder::new(&mut out)).unwrap();
        out
    }

    fn size(bytes: &[u8]) -> (u32, u32) {
        let image = image::load_from_memory(bytes).unwrap();
        (image.width(), image.height())
    }

    /// The same JPEG with an Exif block that says where it was taken and that it lies on its side.
    fn with_exif(jpeg: &[u8]) -> Vec<u8> {
        let mut tiff = b"II*\0\x08\0\0\0\x01\0".to_vec();
        tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]);
        tiff.extend(b"\0\0\0\0Canary-52.5200N-13.4050E");
        let mut block = b"Exif\0\0".to_vec();
        block.extend(tiff);
        let length = u16::try_from(block.len() + 2).unwrap().to_be_bytes();
        [&jpeg[..2], &[0xff, 0xe1], &length, &block, &jpeg[2..]].concat()
    }

    fn holds(bytes: &[u8], text: &[u8]) -> bool {
        bytes.windows(text.len()).any(|part| part == text)
    }

    #[test]
    fn only_jpeg_and_png_are_taken_whatever_they_are_called() {
        assert_eq!(Format::of(&jpeg(4, 4)), Ok(Format::Jpeg));
        assert_eq!(Format::of(&png(4, 4)), Ok(Format::Png));
        assert_eq!(Format::of(b""), Err(NotAccepted::NoFile));
        assert_eq!(Format::of(b"\n\n%PDF-1.7"), Err(NotAccepted::Pdf));
        for other in [&b"GIF89a"[..], b"<svg xmlns=", b"RIFF....WEBP", b"\0\0\0 ftypheic", b"MZ", b"\xff\xd8"] {
            assert_eq!(Format::of(other), Err(NotAccepted::NotAPicture), "{other:?}");
        }
        assert_eq!(Format::of(&vec![0xff; LARGEST + 1]), Err(NotAccepted::TooLarge));
    }

    #[test]
    fn what_the_file_told_besides_is_gone_and_the_picture_stands_upright() {
        let sent = with_exif(&jpeg(40, 20));
        assert!(holds(&sent, b"Canary"));
        let (format, kept) = anew(&sent).unwrap();
        assert_eq!((format, size(&kept)), (Format::Jpeg, (20, 40)));
        assert!(!holds(&kept, b"Canary") && !holds(&kept, b"Exif"));
    }

    #[test]
    fn what_is_hidden_behind_a_picture_is_gone() {
        for sent in [jpeg(8, 8), png(8, 8)] {
            let kept = anew(&[&sent[..], b"PK\x03\x04 Canary"].concat()).unwrap().1;
            assert!(!holds(&kept, b"Canary"));
            assert_eq!(size(&kept), (8, 8));
        }
    }

    /// The checksum of a chunk: of its name and what is in it.
    fn checksum(chunk: &[u8]) -> [u8; 4] {
        let mut crc = u32::MAX;
        for byte in chunk {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
            }
        }
        (!crc).to_be_bytes()
    }

    /// A PNG whose header says this of its size and of the bits of a pixel.
    fn said(width: u32, height: u32, depth_and_colour: [u8; 2]) -> Vec<u8> {
        let mut bomb = png(1, 1);
        bomb[16..20].copy_from_slice(&width.to_be_bytes());
        bomb[20..24].copy_from_slice(&height.to_be_bytes());
        bomb[24..26].copy_from_slice(&depth_and_colour);
        let checksum = checksum(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&checksum);
        bomb
    }

    #[test]
    fn a_picture_that_would_fill_the_memory_is_refused_by_its_header() {
        // Eight bytes a pixel, of as many pixels as may be.
        assert_eq!(anew(&said(8_000, 5_000, [16, 6])).unwrap_err(), NotAccepted::TooManyPixels);
        assert_eq!(
            anew(&said(8_000, 5_000, [8, 6])).unwrap_err(),
            NotAccepted::Broken,
            "as large as may be, but not whole"
        );
    }

    #[test]
    fn a_colour_profile_that_would_fill_the_memory_is_not_unpacked() {
        // What a picture of one colour is packed into unpacks to a thousand times as much, also as a profile.
        let picture = png(4_000, 4_000);
        let mut packed = b"icc\0\0".to_vec();
        let mut at = 8;
        while at < picture.len() {
            let length = usize::try_from(u32::from_be_bytes(picture[at..at + 4].try_into().unwrap())).unwrap();
            if &picture[at + 4..at + 8] == b"IDAT" {
                packed.extend(&picture[at + 8..at + 8 + length]);
            }
            at += length + 12;
        }
        let small = png(8, 8);
        let with = |profile: &[u8]| {
            let length = u32::try_from(profile.len()).unwrap().to_be_bytes();
            let chunk = [b"iCCP", profile].concat();
            [&small[..33], &length, &chunk, &checksum(&chunk), &small[33..]].concat()
        };
        let bomb = with(&packed);
        assert!(bomb.len() < 1_000_000, "{}", bomb.len());
        assert!(png_decoder(&bomb).unwrap().icc_profile().unwrap().is_none());
        assert_eq!(size(&anew(&bomb).unwrap().1), (8, 8), "the picture is one all the same");
    }

    #[test]
    fn a_picture_of_too_many_pixels_is_refused_by_its_header() {
        for bomb in [said(0xffff, 0xffff, [8, 2]), said(10_000, 4_001, [8, 0])] {
            assert_eq!(anew(&bomb).unwrap_err(), NotAccepted::TooManyPixels);
        }
        let mut flat = jpeg(8, 8);
        let at = flat.windows(2).position(|part| part == [0xff, 0xc0]).unwrap();
        flat[at + 5..at + 9].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
        assert_eq!(anew(&flat).unwrap_err(), NotAccepted::TooManyPixels);
    }

    #[test]
    fn a_damaged_picture_is_refused() {
        let sent = png(64, 64);
        assert_eq!(anew(&sent[..sent.len() / 2]).unwrap_err(), NotAccepted::Broken);
        assert_eq!(anew(&jpeg(64, 64)[..40]).unwrap_err(), NotAccepted::Broken);
    }

    proptest! {
        #[test]
        fn no_bytes_bring_it_down(head in 0..2_usize, body in prop::collection::vec(any::<u8>(), 0..512)) {
            let head = [&[0xff, 0xd8, 0xff, 0xe0][..], &[0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n']][head];
            prop_assert!(anew(&[head, &body].concat()).is_err());
        }
    }
}
