//! WebP: its chunks, read here, and its pixels, by the crate `image-webp`.
//!
//! The decoder sees one picture without its container: colours and alpha are decoded one after the other into one buffer,
//! which keeps the largest pictures within the limit of memory, and an animation is its first frame.

mod groups;

use std::io::Cursor;

use image_webp::WebPDecoder;

use super::check_size;
use super::color::MAX_PROFILE;
use super::pixels::{Channels, Pixels, spread};
use crate::bytes::{le16, le24, le32, slice};
use crate::refusal::{Reason, Refusal};

/// Groups of codes in lossless bits: encoders make some hundreds for the largest pictures.
const MAX_GROUPS: usize = 1000;

/// A file whose chunks are sound, up to its end.
pub(super) struct WebP<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) frames: usize,
    pub(super) icc: Option<&'a [u8]>,
    pub(super) exif: Option<&'a [u8]>,
    first: Frame<'a>,
}

/// A picture and its place.
#[derive(Clone, Copy)]
struct Frame<'a> {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    alpha: Option<&'a [u8]>,
    bits: Bits<'a>,
}

/// What holds the pixels.
#[derive(Clone, Copy)]
enum Bits<'a> {
    Lossy(&'a [u8]),
    Lossless(&'a [u8]),
}

/// The chunks of `bytes`, `None` for one that is cut off.
fn chunks(bytes: &[u8]) -> impl Iterator<Item = Option<(&[u8], &[u8])>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= bytes.len() {
            return None;
        }
        let chunk = (|| {
            let length = le32(bytes, at + 4)?;
            let data = slice(bytes, at + 8, length)?;
            let name = slice(bytes, at, 4)?;
            at = at + 8 + length + length % 2;
            Some((name, data))
        })();
        if chunk.is_none() {
            at = bytes.len();
        }
        Some(chunk)
    })
}

impl<'a> Bits<'a> {
    /// Their size as they tell it themselves.
    fn size(self) -> Option<(usize, usize)> {
        match self {
            Self::Lossy(data) => {
                let key_frame = data.first()? & 1 == 0 && slice(data, 3, 3)? == b"\x9d\x01\x2a";
                key_frame.then_some((le16(data, 6)? & 0x3fff, le16(data, 8)? & 0x3fff))
            }
            Self::Lossless(data) => {
                let packed = le32(data, 1)?;
                (data[0] == 0x2f && packed >> 29 == 0).then_some(((packed & 0x3fff) + 1, (packed >> 14 & 0x3fff) + 1))
            }
        }
    }
}

impl<'a> WebP<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        Self::try_parse(bytes)?.ok_or_else(|| Reason::Damaged.into())
    }

    fn try_parse(bytes: &'a [u8]) -> Result<Option<Self>, Refusal> {
        let length = le32(bytes, 4).and_then(|length| length.checked_sub(4)).ok_or(Reason::Damaged)?;
        let body = slice(bytes, 12, length).ok_or(Reason::Damaged)?;
        let (mut icc, mut exif, mut canvas, mut frames) = (None, None, None, 0);
        let (mut first, mut still) = (None, Still::default());
        for (index, chunk) in chunks(body).enumerate() {
            let (name, data) = chunk.ok_or(Reason::Damaged)?;
            match name {
                b"VP8X" if index == 0 => {
                    let (width, height) = (le24(data, 4).map(|it| it + 1), le24(data, 7).map(|it| it + 1));
                    let size = width.zip(height).ok_or(Reason::Damaged)?;
                    check_size(size.0, size.1, 1)?;
                    canvas = Some((size, data[0] & 2 != 0));
                }
                b"ICCP" => icc = icc.or(Some(data).filter(|data| data.len() < MAX_PROFILE)),
                b"EXIF" => exif = exif.or(Some(data)),
                b"ANMF" => {
                    let ((width, height), _) = canvas.ok_or(Reason::Damaged)?;
                    frames += 1;
                    check_size(width, height, frames)?;
                    let frame = Frame::animated(data, width, height).ok_or(Reason::Damaged)?;
                    first = first.or(Some(frame));
                }
                _ => still.take(name, data),
            }
        }
        let Some(((width, height), animated)) = canvas.or_else(|| Some((still.bits?.size()?, false))) else {
            return Ok(None);
        };
        if !animated {
            frames = 1;
            first = still.bits.map(|bits| Frame { left: 0, top: 0, width, height, alpha: still.alpha, bits });
        }
        check_size(width, height, frames)?;
        let sound = first.filter(|frame| frame.bits.size() == Some((frame.width, frame.height)));
        Ok(sound.map(|first| Self { width, height, frames, icc, exif, first }))
    }

    /// Whether it was compressed as photographs are.
    pub(super) fn is_photo(&self) -> bool {
        matches!(self.first.bits, Bits::Lossy(_))
    }

    /// The picture or its first frame, where it lies on the transparent canvas.
    pub(super) fn decode(&self) -> Result<Pixels, Refusal> {
        let frame = self.first.decode()?;
        if (frame.width, frame.height) == (self.width, self.height) {
            return Ok(frame);
        }
        let mut data = vec![0; 4 * self.width * self.height];
        let rows = data.chunks_exact_mut(4 * self.width).skip(self.first.top);
        let size = frame.channels as usize;
        for (from, row) in frame.data.chunks_exact(size * frame.width).zip(rows) {
            let row = row.as_chunks_mut::<4>().0.iter_mut().skip(self.first.left);
            for (pixel, target) in from.chunks_exact(size).zip(row) {
                *target = [pixel[0], pixel[1], pixel[2], pixel.get(3).copied().unwrap_or(255)];
            }
        }
        Ok(Pixels { width: self.width, height: self.height, channels: Channels::Rgba, data })
    }
}

/// The chunks of one picture.
#[derive(Default)]
struct Still<'a> {
    alpha: Option<&'a [u8]>,
    bits: Option<Bits<'a>>,
}

impl<'a> Still<'a> {
    fn take(&mut self, name: &[u8], data: &'a [u8]) {
        match name {
            b"ALPH" => self.alpha = self.alpha.or(Some(data)),
            b"VP8 " => self.bits = self.bits.or(Some(Bits::Lossy(data))),
            b"VP8L" => self.bits = self.bits.or(Some(Bits::Lossless(data))),
            _ => {}
        }
    }
}

impl<'a> Frame<'a> {
    /// A frame of an animation, which must lie within the canvas.
    fn animated(data: &'a [u8], canvas_width: usize, canvas_height: usize) -> Option<Self> {
        let (left, top) = (2 * le24(data, 0)?, 2 * le24(data, 3)?);
        let (width, height) = (le24(data, 6)? + 1, le24(data, 9)? + 1);
        if left + width > canvas_width || top + height > canvas_height {
            return None;
        }
        let mut still = Still::default();
        for chunk in chunks(data.get(16..)?) {
            let (name, data) = chunk?;
            still.take(name, data);
        }
        Some(Self { left, top, width, height, alpha: still.alpha, bits: still.bits? })
    }

    fn decode(&self) -> Result<Pixels, Reason> {
        let (width, height, count) = (self.width, self.height, self.width * self.height);
        match (self.bits, self.alpha) {
            (Bits::Lossless(bits), _) => {
                let data = lossless(bits.to_vec(), width, height)?;
                Ok(Pixels { width, height, channels: Channels::Rgba, data })
            }
            (Bits::Lossy(bits), None) => {
                let mut data = vec![0; 3 * count];
                read(b"VP8 ", bits, &mut data)?;
                Ok(Pixels { width, height, channels: Channels::Rgb, data })
            }
            (Bits::Lossy(bits), Some(alpha)) => {
                let alpha = transparency(alpha, width, height)?;
                let mut data = vec![0; 4 * count];
                read(b"VP8 ", bits, &mut data[..3 * count])?;
                spread::<3, 4>(&mut data, count, |at, [red, green, blue]| [red, green, blue, alpha[at]]);
                Ok(Pixels { width, height, channels: Channels::Rgba, data })
            }
        }
    }
}

/// Decodes a file that holds these bits alone.
fn read(name: &[u8; 4], bits: &[u8], pixels: &mut [u8]) -> Result<(), Reason> {
    still(name, bits).and_then(|mut decoder| decoder.read_image(pixels).ok()).ok_or(Reason::Damaged)
}

/// A decoder of a file that holds these bits alone.
fn still(name: &[u8; 4], bits: &[u8]) -> Option<WebPDecoder<Cursor<Vec<u8>>>> {
    let padded = bits.len() + bits.len() % 2;
    let length = |length: usize| u32::try_from(length).ok().map(u32::to_le_bytes);
    let mut file = Vec::with_capacity(20 + padded);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&length(12 + padded)?);
    file.extend_from_slice(b"WEBP");
    file.extend_from_slice(name);
    file.extend_from_slice(&length(bits.len())?);
    file.extend_from_slice(bits);
    file.resize(20 + padded, 0);
    WebPDecoder::new(Cursor::new(file)).ok()
}

/// RGBA of lossless bits, opaque where their header says so.
fn lossless(mut bits: Vec<u8>, width: usize, height: usize) -> Result<Vec<u8>, Reason> {
    const ALPHA: u8 = 0x10;
    if groups::count(&bits, width, height).ok_or(Reason::Damaged)? > MAX_GROUPS {
        return Err(Reason::TooMuchMemory);
    }
    let opaque = bits[4] & ALPHA == 0;
    // With this bit the decoder needs no second buffer.
    bits[4] |= ALPHA;
    let mut data = vec![0; 4 * width * height];
    read(b"VP8L", &bits, &mut data)?;
    if opaque {
        data.as_chunks_mut::<4>().0.iter_mut().for_each(|pixel| pixel[3] = 255);
    }
    Ok(data)
}

/// The alpha channel that goes with lossy colours.
fn transparency(chunk: &[u8], width: usize, height: usize) -> Result<Vec<u8>, Reason> {
    let (flags, data) = chunk.split_first().ok_or(Reason::Damaged)?;
    let count = width * height;
    let mut alpha = match flags & 3 {
        0 => slice(data, 0, count).ok_or(Reason::Damaged)?.to_vec(),
        1 => {
            // The same bits as a file's without its header, the channel in green.
            let side = |side: usize| u32::try_from(side - 1).ok().filter(|side| *side < 1 << 14).ok_or(Reason::Damaged);
            let packed = side(width)? | side(height)? << 14;
            let bits = [&[0x2f][..], &packed.to_le_bytes(), data].concat();
            let mut colours = lossless(bits, width, height)?;
            (0..count).for_each(|at| colours[at] = colours[4 * at + 1]);
            colours.truncate(count);
            colours.shrink_to_fit();
            colours
        }
        _ => return Err(Reason::Damaged),
    };
    unfilter(&mut alpha, width, flags >> 2 & 3);
    Ok(alpha)
}

/// Each value is stored as the difference to what its neighbours let expect.
fn unfilter(alpha: &mut [u8], width: usize, filter: u8) {
    if filter == 0 {
        return;
    }
    for at in 1..alpha.len() {
        let (first_column, first_row) = (at % width == 0, at < width);
        let left = |alpha: &[u8]| alpha[at - 1];
        let above = |alpha: &[u8]| alpha[at - width];
        let expected = match filter {
            _ if first_row => left(alpha),
            _ if first_column => above(alpha),
            1 => left(alpha),
            2 => above(alpha),
            _ => {
                let corner = i16::from(alpha[at - width - 1]);
                (i16::from(left(alpha)) + i16::from(above(alpha)) - corner).clamp(0, 255) as u8
            }
        };
        alpha[at] = alpha[at].wrapping_add(expected);
    }
}
