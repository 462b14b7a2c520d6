//! JPEG: its markers, read here, and its pixels, by libjpeg-turbo.

mod codec;

use memchr::memchr;

use super::color::MAX_PROFILE;
use super::{MAX_MEMORY, check_size};
use crate::bytes::{be16, slice};
use crate::refusal::{Reason, Refusal};

pub(super) use codec::encode;

/// The quality of what is served.
pub(super) const SERVED_QUALITY: i32 = 85;
/// Real pictures have about ten; each takes a pass over all pixels.
pub(super) const MAX_SCANS: u32 = 100;

/// How many pixels share a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colours {
    /// Each has its own.
    Full,
    /// Four share one.
    Halved,
}

/// A file whose markers are sound, up to its end.
#[derive(Default)]
pub(super) struct Jpeg<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    /// What makes pixels: tables, frame and scans. The decoder sees nothing else.
    essential: Vec<&'a [u8]>,
    /// Horizontal and vertical sampling of each channel.
    sampling: Vec<(usize, usize)>,
    progressive: bool,
    /// Whether all coefficients are held until the last scan.
    buffered: bool,
    /// Whether inks are stored inverted, as Adobe's programs do.
    adobe: bool,
    scans: u32,
    pub(super) exif: Option<&'a [u8]>,
    /// The pieces of the colour profile by their number.
    profile: Vec<(u8, &'a [u8])>,
}

impl<'a> Jpeg<'a> {
    /// Walks over all markers, without looking into what is between them.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let mut jpeg = Self::default();
        let (mut at, mut scan) = (2, None);
        loop {
            let (marker, after) = next_marker(bytes, at).ok_or(Reason::Damaged)?;
            if matches!(marker, 0x00 | 0x01 | 0xd0..=0xd7) {
                at = after;
                continue;
            }
            if let Some(start) = scan.take() {
                jpeg.essential.push(&bytes[start..after - 2]);
            }
            if marker == 0xd9 {
                break;
            }
            let length = be16(bytes, after).filter(|length| *length >= 2).ok_or(Reason::Damaged)?;
            let segment = slice(bytes, after + 2, length - 2).ok_or(Reason::Damaged)?;
            at = after + length;
            if jpeg.segment(marker, segment)? {
                jpeg.essential.push(&bytes[after - 2..at]);
            }
            scan = (marker == 0xda).then_some(at);
        }
        if jpeg.sampling.is_empty() || jpeg.scans == 0 {
            return Err(Reason::Damaged.into());
        }
        Ok(jpeg)
    }

    /// Takes a segment in; tells whether it makes pixels.
    fn segment(&mut self, marker: u8, segment: &'a [u8]) -> Result<bool, Refusal> {
        match marker {
            0xc0..=0xc2 => self.frame(marker, segment)?,
            // A second beginning, and what nobody shows: lossless, hierarchical, arithmetic.
            0xd8 => return Err(Reason::Damaged.into()),
            0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => return Err(Reason::Coding.into()),
            0xc4 | 0xdb | 0xdd => {}
            0xda => {
                self.scans += 1;
                if self.scans > MAX_SCANS {
                    return Err(Reason::TooManyScans.into());
                }
                let channels = segment.first().map_or(0, |count| usize::from(*count));
                self.buffered |= self.progressive || channels < self.sampling.len();
            }
            0xe0 => return Ok(segment.starts_with(b"JFIF\0\x01")),
            0xe1 => self.exif = self.exif.or_else(|| segment.strip_prefix(b"Exif\0\0")),
            0xe2 => {
                if let Some([number, _, piece @ ..]) = segment.strip_prefix(b"ICC_PROFILE\0") {
                    self.profile.push((*number, piece));
                }
            }
            0xee => {
                self.adobe |= segment.starts_with(b"Adobe");
                return Ok(segment.starts_with(b"Adobe") && segment.get(11).is_some_and(|transform| *transform <= 2));
            }
            _ => {}
        }
        Ok(!matches!(marker, 0xdc..=0xff))
    }

    fn frame(&mut self, marker: u8, segment: &[u8]) -> Result<(), Refusal> {
        if !self.sampling.is_empty() {
            return Err(Reason::Damaged.into());
        }
        let [precision, top, bottom, left, right, count, channels @ ..] = segment else {
            return Err(Reason::Damaged.into());
        };
        if *precision != 8 {
            return Err(Reason::Coding.into());
        }
        self.height = usize::from(u16::from_be_bytes([*top, *bottom]));
        self.width = usize::from(u16::from_be_bytes([*left, *right]));
        check_size(self.width, self.height, 1)?;
        self.progressive = marker == 0xc2;
        self.sampling = channels
            .chunks_exact(3)
            .map(|channel| (usize::from(channel[1] >> 4), usize::from(channel[1] & 15)))
            .collect();
        let sound = |side: usize| (1..=4).contains(&side);
        let count = usize::from(*count);
        if channels.len() != 3 * count
            || !matches!(count, 1 | 3 | 4)
            || !self.sampling.iter().all(|(across, down)| sound(*across) && sound(*down))
        {
            return Err(Reason::Damaged.into());
        }
        Ok(())
    }

    /// The colour profile, put together from its pieces.
    pub(super) fn icc(&self) -> Option<Vec<u8>> {
        let mut pieces = self.profile.clone();
        pieces.sort_by_key(|(number, _)| *number);
        let length: usize = pieces.iter().map(|(_, piece)| piece.len()).sum();
        (1..=MAX_PROFILE).contains(&length).then(|| pieces.iter().flat_map(|(_, piece)| *piece).copied().collect())
    }

    /// The file without all that makes no pixels.
    fn essence(&self) -> Vec<u8> {
        [&[&b"\xff\xd8"[..]], &self.essential[..], &[b"\xff\xd9"]].concat().concat()
    }

    /// How it is written again: as it was, if each pixel had its own colour.
    pub(super) fn colours(&self) -> Colours {
        let full = self.sampling.iter().all(|sampling| *sampling == self.sampling[0]);
        if full { Colours::Full } else { Colours::Halved }
    }

    /// The largest of the reductions that a decoder gets for nothing which leaves both sides at `side` or more.
    pub(super) fn largest_reduction(&self, side: usize) -> usize {
        let shorter = self.width.min(self.height);
        [8, 4, 2].into_iter().find(|reduction| shorter / reduction >= side).unwrap_or(1)
    }

    /// Bytes of all coefficients, if they are held until the last scan.
    fn coefficients(&self) -> u64 {
        if !self.buffered {
            return 0;
        }
        let widest = self.sampling.iter().map(|(across, _)| *across).max().unwrap_or(1);
        let tallest = self.sampling.iter().map(|(_, down)| *down).max().unwrap_or(1);
        let (columns, rows) = (self.width.div_ceil(8 * widest), self.height.div_ceil(8 * tallest));
        let blocks: usize = self.sampling.iter().map(|(across, down)| across * columns * down * rows).sum();
        128 * blocks as u64
    }
}

/// The next marker at or after `at`, and what follows it. Whatever is before it is passed over, as all decoders do.
fn next_marker(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    let mut after = at + memchr(0xff, bytes.get(at..)?)? + 1;
    while *bytes.get(after)? == 0xff {
        after += 1;
    }
    Some((bytes[after], after + 1))
}
