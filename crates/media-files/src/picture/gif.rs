//! GIF: its blocks, read here, and its frames, by the crate `gif`.
//!
//! A GIF is written again frame by frame with the colours that it has: no pixel changes, but comments, extensions, colours
//! that no pixel uses and what follows the end are gone.

use std::num::NonZeroU64;

use gif::{ColorOutput, DecodeOptions, Decoder, Encoder, Frame, MemoryLimit};

use super::pixels::{Channels, Pixels};
use super::{MAX_PIXELS, check_size};
use crate::bytes::{le16, slice};
use crate::refusal::{Reason, Refusal};

/// A file whose blocks are sound, up to its end.
pub(super) struct Gif<'a> {
    bytes: &'a [u8],
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) frames: usize,
}

/// Bytes of the table of colours that flags announce.
fn palette_length(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// What follows a chain of sub-blocks.
fn after_blocks(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}

impl<'a> Gif<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let screen = slice(bytes, 6, 7).ok_or(Reason::Damaged)?;
        let (width, height) = (le16(screen, 0).ok_or(Reason::Damaged)?, le16(screen, 2).ok_or(Reason::Damaged)?);
        check_size(width, height, 1)?;
        let (mut at, mut frames) = (13 + palette_length(screen[4]), 0);
        loop {
            match bytes.get(at) {
                Some(0x21) => at = after_blocks(bytes, at + 2).ok_or(Reason::Damaged)?,
                Some(0x2c) => {
                    let frame = slice(bytes, at + 1, 9).ok_or(Reason::Damaged)?;
                    let side = |at| le16(frame, at).ok_or(Reason::Damaged);
                    let inside = side(0)? + side(4)? <= width && side(2)? + side(6)? <= height;
                    if !inside || side(4)? == 0 || side(6)? == 0 {
                        return Err(Reason::Damaged.into());
                    }
                    frames += 1;
                    check_size(width, height, frames)?;
                    let data = at + 10 + palette_length(frame[8]) + 1;
                    at = after_blocks(bytes, data).ok_or(Reason::Damaged)?;
                }
                Some(0x3b) => break,
                _ => return Err(Reason::Damaged.into()),
            }
        }
        check_size(width, height, frames)?;
        Ok(Self { bytes: &bytes[..=at], width, height, frames })
    }

    fn decoder(&self) -> Option<Decoder<&'a [u8]>> {
        let mut options = DecodeOptions::new();
        options.set_color_output(ColorOutput::Indexed);
        options.set_memory_limit(MemoryLimit::Bytes(NonZeroU64::new(MAX_PIXELS)?));
        options.check_frame_consistency(true);
        options.allow_unknown_blocks(true);
        options.read_info(self.bytes).ok()
    }

    /// The first frame where it lies on the transparent canvas.
    pub(super) fn first_frame(&self) -> Result<Pixels, Refusal> {
        self.try_first_frame().ok_or_else(|| Reason::Damaged.into())
    }

    fn try_first_frame(&self) -> Option<Pixels> {
        let mut decoder = self.decoder()?;
        let frame = decoder.read_next_frame().ok()??.clone();
        let palette = decoder.palette().ok()?.as_chunks::<3>().0;
        let mut data = vec![0; 4 * self.width * self.height];
        let rows = data.chunks_exact_mut(4 * self.width).skip(usize::from(frame.top));
        for (indices, row) in frame.buffer.chunks_exact(usize::from(frame.width)).zip(rows) {
            let row = row.as_chunks_mut::<4>().0.iter_mut().skip(usize::from(frame.left));
            for (index, pixel) in indices.iter().zip(row) {
                let colour = palette.get(usize::from(*index)).filter(|_| frame.transparent != Some(*index));
                if let Some([red, green, blue]) = colour {
                    *pixel = [*red, *green, *blue, 255];
                }
            }
        }
        Some(Pixels { width: self.width, height: self.height, channels: Channels::Rgba, data })
    }

    /// The file written again.
    pub(super) fn rewritten(&self) -> Result<Vec<u8>, Refusal> {
        self.try_rewritten().ok_or_else(|| Reason::Damaged.into())
    }

    fn try_rewritten(&self) -> Option<Vec<u8>> {
        let mut decoder = self.decoder()?;
        let mut palette = decoder.global_palette().unwrap_or_default().to_vec();
        let (mut frames, mut used) = (Vec::new(), [false; 256]);
        while let Some(frame) = decoder.read_next_frame().ok()? {
            let mut frame = frame.clone();
            let mut own = [false; 256];
            let colours = if frame.palette.is_some() { &mut own } else { &mut used };
            frame.buffer.iter().for_each(|index| colours[usize::from(*index)] = true);
            frame.palette.iter_mut().for_each(|palette| blacken(palette, &own));
            frame.needs_user_input = false;
            frames.push(frame);
        }
        blacken(&mut palette, &used);
        self.write(&palette, &frames, decoder.repeat()).ok()
    }

    fn write(&self, palette: &[u8], frames: &[Frame<'_>], repeat: gif::Repeat) -> Result<Vec<u8>, gif::EncodingError> {
        let side = |side: usize| u16::try_from(side).expect("sides of a GIF are 16 bits");
        let mut encoder = Encoder::new(Vec::new(), side(self.width), side(self.height), palette)?;
        if frames.len() > 1 {
            encoder.set_repeat(repeat)?;
        }
        frames.iter().try_for_each(|frame| encoder.write_frame(frame))?;
        encoder.into_inner()
    }
}

/// Makes colours black that no pixel has.
fn blacken(palette: &mut [u8], used: &[bool; 256]) {
    for (colour, _) in palette.as_chunks_mut::<3>().0.iter_mut().zip(used).filter(|(_, used)| !**used) {
        *colour = [0; 3];
    }
}
