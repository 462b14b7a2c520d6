//! Pixels out of JPEG and into it, by libjpeg-turbo.

use turbojpeg::{
    Colorspace, Compressor, Decompressor, Error, Image, PixelFormat, ScalingFactor, Subsamp, Transform, TransformOp,
    Transformer,
};

use super::{Colours, Jpeg, MAX_MEMORY, MAX_SCANS};
use crate::picture::color;
use crate::picture::pixels::{Channels, Pixels};
use crate::refusal::{Reason, Refusal};

/// What the decoder says of files that it understood nevertheless: stray bytes after a scan, scans in an odd order. (It tells
/// the first oddity alone, so a later fault may hide behind one; that leaves a blemish.)
const HARMLESS: [&str; 2] = ["extraneous bytes before marker", "Inconsistent progression"];

impl Jpeg<'_> {
    /// Decodes it, each side divided by `reduction`: 1, 2, 4 or 8.
    pub(in crate::picture) fn decode(&self, reduction: usize) -> Result<Pixels, Refusal> {
        let pixels = (self.width * self.height / (reduction * reduction) * self.sampling.len()) as u64;
        let coefficients = self.coefficients();
        if coefficients > MAX_MEMORY {
            return Err(Reason::TooMuchMemory.into());
        }
        let essence = self.essence();
        if coefficients + pixels <= MAX_MEMORY {
            return self.decode_bytes(&essence, reduction).ok_or_else(|| Reason::Damaged.into());
        }
        // Coefficients and pixels together are too much, so the scans are first made one, of the same coefficients.
        let mut transform = Transform::op(TransformOp::None);
        transform.copy_none = true;
        let one_scan = Transformer::new().and_then(|mut it| it.transform_to_owned(&transform, &essence));
        let one_scan = one_scan.ok().ok_or(Reason::Damaged)?;
        self.decode_bytes(&one_scan, reduction).ok_or_else(|| Reason::Damaged.into())
    }

    fn decode_bytes(&self, bytes: &[u8], reduction: usize) -> Option<Pixels> {
        let mut decoder = Decompressor::new().ok()?;
        decoder.set_scan_limit(MAX_SCANS).ok()?;
        decoder.set_scaling_factor(ScalingFactor::new(1, reduction)).ok()?;
        let header = decoder.read_header(bytes).ok()?;
        if (header.width, header.height) != (self.width, self.height) {
            return None;
        }
        let header = header.scaled(ScalingFactor::new(1, reduction));
        let (format, channels) = match header.colorspace {
            Colorspace::Gray => (PixelFormat::GRAY, Channels::Gray),
            Colorspace::CMYK | Colorspace::YCCK => (PixelFormat::CMYK, Channels::Rgb),
            _ => (PixelFormat::RGB, Channels::Rgb),
        };
        let (width, height, pitch) = (header.width, header.height, header.width * format.size());
        let mut data = vec![0; pitch * height];
        match decoder.decompress(bytes, Image { pixels: &mut data[..], width, pitch, height, format }) {
            Ok(()) => {}
            Err(Error::TurboJpegError(text)) if HARMLESS.iter().any(|harmless| text.contains(harmless)) => {}
            Err(_) => return None,
        }
        if format == PixelFormat::CMYK {
            self.inks_to_colours(&mut data, width);
        }
        Some(Pixels { width, height, channels, data })
    }

    /// Makes RGB of CMYK in place, row after row, by the profile if there is one for inks.
    fn inks_to_colours(&self, data: &mut Vec<u8>, width: usize) {
        let by_profile = color::cmyk(self.icc().as_deref());
        let mut inks = vec![0; 4 * width];
        let rows = data.len() / inks.len();
        for row in 0..rows {
            inks.copy_from_slice(&data[4 * width * row..][..4 * width]);
            if self.adobe {
                inks.iter_mut().for_each(|ink| *ink = 255 - *ink);
            }
            let target = &mut data[3 * width * row..][..3 * width];
            match &by_profile {
                Some(transform) => transform(&inks, target),
                None => plain(&inks, target),
            }
        }
        data.truncate(3 * width * rows);
    }
}

/// Inks without a profile: each takes its part of the light away.
fn plain(inks: &[u8], target: &mut [u8]) {
    for ([cyan, magenta, yellow, black], colour) in inks.as_chunks::<4>().0.iter().zip(target.as_chunks_mut::<3>().0) {
        let light = |ink: u8| (u16::from(255 - ink) * u16::from(255 - black) + 127) / 255;
        *colour = [*cyan, *magenta, *yellow].map(|ink| light(ink) as u8);
    }
}

/// Writes a JPEG of nothing but its pixels.
pub(in crate::picture) fn encode(pixels: &Pixels, quality: i32, colours: Colours) -> Vec<u8> {
    let (format, subsampling) = match (pixels.channels, colours) {
        (Channels::Gray, _) => (PixelFormat::GRAY, Subsamp::Gray),
        (Channels::Rgb, Colours::Full) => (PixelFormat::RGB, Subsamp::None),
        (Channels::Rgb, Colours::Halved) => (PixelFormat::RGB, Subsamp::Sub2x2),
        (Channels::Rgba, _) => unreachable!("what is transparent is no JPEG"),
    };
    let pitch = pixels.width * format.size();
    let image = Image { pixels: &pixels.data[..], width: pixels.width, pitch, height: pixels.height, format };
    let mut encoder = Compressor::new().expect("a compressor needs only memory");
    encoder.set_quality(quality).expect("the quality is between 1 and 100");
    encoder.set_subsamp(subsampling).expect("the subsampling is one of the library's");
    encoder.compress_to_vec(image).expect("the sides fit into a JPEG")
}
