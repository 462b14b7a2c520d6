//! PNG: its chunks, read here, and its pixels, by the crate `png`.
//!
//! The decoder sees the chunks that make pixels and no others, so that text is never inflated and an APNG is its first
//! picture (the one that programs without animation show).

use std::io::{Cursor, Read, Write};

use png::{ColorType, Decoder, DeflateCompression, Encoder, Filter, Transformations};

use super::check_size;
use super::color::MAX_PROFILE;
use super::pixels::{Channels, Pixels, spread};
use crate::bytes::{be32, slice};
use crate::refusal::{Reason, Refusal};

const SIGNATURE: usize = 8;

/// A file whose chunks are sound, up to its end.
pub(super) struct Png<'a> {
    bytes: &'a [u8],
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) frames: usize,
    pub(super) exif: Option<&'a [u8]>,
    /// The colour profile as it is in the file, compressed.
    profile: Option<&'a [u8]>,
    /// Bytes of all that makes pixels.
    essential: usize,
}

/// A chunk, and what it is in the file.
struct Chunk<'a> {
    name: &'a [u8],
    data: &'a [u8],
    whole: &'a [u8],
}

/// The chunks up to the end, `None` for one that is cut off.
fn chunks(bytes: &[u8]) -> impl Iterator<Item = Option<Chunk<'_>>> {
    let (mut at, mut ended) = (SIGNATURE, false);
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let chunk = (|| {
            let length = be32(bytes, at)?;
            let whole = slice(bytes, at, length.checked_add(12)?)?;
            Some(Chunk { name: &whole[4..8], data: &whole[8..8 + length], whole })
        })();
        ended = chunk.as_ref().is_none_or(|chunk| chunk.name == b"IEND");
        at += chunk.as_ref().map_or(0, |chunk| chunk.whole.len());
        Some(chunk)
    })
}

fn makes_pixels(name: &[u8]) -> bool {
    matches!(name, b"IHDR" | b"PLTE" | b"tRNS" | b"IDAT" | b"IEND")
}

impl<'a> Png<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let mut png = Self { bytes, width: 0, height: 0, frames: 1, exif: None, profile: None, essential: SIGNATURE };
        let (mut announced, mut controls, mut pixels) = (None, 0, false);
        for (index, chunk) in chunks(bytes).enumerate() {
            let Chunk { name, data, whole } = chunk.ok_or(Reason::Damaged)?;
            match name {
                b"IHDR" if index == 0 && data.len() == 13 => {
                    png.width = be32(data, 0).ok_or(Reason::Damaged)?;
                    png.height = be32(data, 4).ok_or(Reason::Damaged)?;
                    check_size(png.width, png.height, 1)?;
                }
                b"IHDR" => return Err(Reason::Damaged.into()),
                _ if index == 0 => return Err(Reason::Damaged.into()),
                b"acTL" => announced = Some(be32(data, 0).ok_or(Reason::Damaged)?),
                b"fcTL" => controls += 1,
                b"IDAT" => pixels = true,
                b"eXIf" => png.exif = png.exif.or(Some(data)),
                b"iCCP" => png.profile = png.profile.or(Some(data)),
                _ => {}
            }
            png.essential += if makes_pixels(name) { whole.len() } else { 0 };
        }
        if let Some(announced) = announced {
            png.frames = if announced == 0 { 0 } else { controls.max(announced) };
        }
        check_size(png.width, png.height, png.frames)?;
        if pixels { Ok(png) } else { Err(Reason::Damaged.into()) }
    }

    /// The colour profile, inflated up to the size of a real one.
    pub(super) fn icc(&self) -> Option<Vec<u8>> {
        let name = self.profile?.iter().position(|byte| *byte == 0)?;
        let compressed = self.profile?.get(name + 2..)?;
        let mut profile = Vec::new();
        let mut inflated = flate2::read::ZlibDecoder::new(compressed).take(MAX_PROFILE as u64);
        inflated.read_to_end(&mut profile).ok()?;
        (profile.len() < MAX_PROFILE).then_some(profile)
    }

    /// Eight bits for each channel, whatever the file has.
    pub(super) fn decode(&self) -> Result<Pixels, Refusal> {
        self.try_decode().ok_or_else(|| Reason::Damaged.into())
    }

    fn try_decode(&self) -> Option<Pixels> {
        let mut essential = Vec::with_capacity(self.essential);
        essential.extend_from_slice(&self.bytes[..SIGNATURE]);
        for chunk in chunks(self.bytes).flatten().filter(|chunk| makes_pixels(chunk.name)) {
            essential.extend_from_slice(chunk.whole);
        }
        let mut decoder = Decoder::new(Cursor::new(essential));
        decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
        let mut reader = decoder.read_info().ok()?;
        let (width, height) = (self.width, self.height);
        let (count, length) = (width * height, reader.output_buffer_size()?);
        let (color, _) = reader.output_color_type();
        let two_channels = color == ColorType::GrayscaleAlpha;
        let mut data = vec![0; if two_channels { 4 * count } else { length }];
        reader.next_frame(&mut data[..length]).ok()?;
        let channels = match color {
            ColorType::Grayscale => Channels::Gray,
            ColorType::Rgb => Channels::Rgb,
            ColorType::Rgba | ColorType::GrayscaleAlpha => Channels::Rgba,
            ColorType::Indexed => return None,
        };
        if two_channels {
            spread::<2, 4>(&mut data, count, |_, [gray, alpha]| [gray, gray, gray, alpha]);
        }
        Some(Pixels { width, height, channels, data })
    }
}

/// Above so many bytes of pixels a file is made a little larger rather than much later.
const COMPRESSED_WELL: usize = 12_000_000;

/// Writes a PNG of nothing but its pixels.
pub(super) fn encode(pixels: &Pixels) -> Vec<u8> {
    let mut bytes = Vec::new();
    let number = |side: usize| u32::try_from(side).expect("the header was not larger");
    let mut encoder = Encoder::new(&mut bytes, number(pixels.width), number(pixels.height));
    encoder.set_color(match pixels.channels {
        Channels::Gray => ColorType::Grayscale,
        Channels::Rgb => ColorType::Rgb,
        Channels::Rgba => ColorType::Rgba,
    });
    let well = pixels.data.len() <= COMPRESSED_WELL;
    encoder.set_deflate_compression(DeflateCompression::Level(if well { 6 } else { 1 }));
    encoder.set_filter(Filter::Adaptive);
    let written = encoder.write_header().and_then(|mut writer| {
        let mut rows = writer.stream_writer_with_size(1 << 16)?;
        rows.write_all(&pixels.data)?;
        rows.finish()?;
        writer.finish()
    });
    written.expect("memory takes what it is given");
    bytes
}
