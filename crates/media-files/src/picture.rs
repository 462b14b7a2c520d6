//! Pictures: what they are by their header, and what is made of their pixels.
//!
//! The way through this module is [`probe`], which decides and allocates nothing, then [`Picture::open`], which decodes, then
//! [`Picture::served`] and [`Picture::thumbnail`]. [`thumbnail_of`] goes from a file to its thumbnail alone, in less time.
//!
//! # Memory
//!
//! A picture of 40 million pixels is held once: 120 MB, or 160 MB where it is transparent. The decoders take up to as much
//! again while they work, never more than 300 MB together; what would need more is refused before it is decoded.

mod color;
mod exif;
mod gif;
mod jpeg;
mod pixels;
mod png;
mod thumbnail;
mod upright;
mod webp;

use crate::kind::{Kind, sniff};
use crate::refusal::{Reason, Refusal};

use pixels::Pixels;
pub use thumbnail::SIDE as THUMBNAIL_SIDE;

/// Width × height of the largest picture, and of all frames of an animation together.
pub const MAX_PIXELS: u64 = 40_000_000;
/// Frames of the longest animation.
pub const MAX_FRAMES: u32 = 100;
/// No side is longer, so that a line of pixels stays small beside the picture.
const MAX_LINE: usize = 1_000_000;
/// Bytes that a decoder and its pixels may take together.
const MAX_MEMORY: u64 = 280_000_000;

/// What the header says of a picture, in the pixels of the file: what is served may lie on its side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What it is.
    pub kind: Kind,
    /// Columns of pixels as they are stored.
    pub width: u32,
    /// Rows of pixels as they are stored.
    pub height: u32,
    /// One, unless it is an animation.
    pub frames: u32,
}

/// A picture in the form in which it is public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// The file.
    pub bytes: Vec<u8>,
    /// What it is now, which may differ from what was received.
    pub kind: Kind,
    /// Columns of pixels, upright.
    pub width: u32,
    /// Rows of pixels, upright.
    pub height: u32,
}

/// A decoded picture: upright, in sRGB, with nothing else of its file.
#[derive(Debug)]
pub struct Picture {
    pixels: Pixels,
    form: Form,
}

/// What will be made of the pixels.
#[derive(Debug)]
enum Form {
    Jpeg(jpeg::Colours),
    Png,
    /// Written again while it was read, frame by frame.
    Gif(Vec<u8>),
}

/// A file whose structure was read.
enum Parsed<'a> {
    Jpeg(jpeg::Jpeg<'a>),
    Png(png::Png<'a>),
    Gif(gif::Gif<'a>),
    WebP(webp::WebP<'a>),
}

/// Reads the header of a picture; nothing is decoded or inflated.
///
/// # Errors
///
/// `Unsupported` for what is no JPEG, PNG, GIF or WebP; `Unprocessable` for broken or unfinished files and what is too large.
pub fn probe(bytes: &[u8]) -> Result<Header, Refusal> {
    parse(bytes).map(|(header, _)| header)
}

/// The thumbnail of a file, in less time than [`Picture::open`] needs: a JPEG is made smaller while it is decoded.
///
/// # Errors
///
/// As [`Picture::open`].
pub fn thumbnail_of(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let (_, parsed) = parse(bytes)?;
    if let Parsed::Jpeg(jpeg) = &parsed {
        let small = color::to_srgb(jpeg.decode(jpeg.largest_reduction(thumbnail::SIDE))?, jpeg.icc().as_deref());
        return Ok(thumbnail::jpeg(&small, exif::orientation(jpeg.exif)));
    }
    let pixels = decode(&parsed)?;
    Ok(thumbnail::jpeg(&pixels, exif::Orientation::UPRIGHT))
}

impl Picture {
    /// Decodes a picture.
    ///
    /// # Errors
    ///
    /// As [`probe`]; `Unprocessable` also for what turns out to be damaged.
    pub fn open(bytes: &[u8]) -> Result<Self, Refusal> {
        let (_, parsed) = parse(bytes)?;
        let pixels = decode(&parsed)?;
        let form = match parsed {
            Parsed::Jpeg(jpeg) => Form::Jpeg(jpeg.colours()),
            Parsed::Gif(gif) => Form::Gif(gif.rewritten()?),
            Parsed::WebP(webp) if webp.is_photo() && !pixels.has_alpha() => Form::Jpeg(jpeg::Colours::Halved),
            Parsed::WebP(_) | Parsed::Png(_) => Form::Png,
        };
        Ok(Self { pixels, form })
    }

    /// The picture as it is public: of the same size and upright, without EXIF, XMP, IPTC, comments or bytes after its end.
    ///
    /// JPEG, PNG and GIF stay what they are. Of animations GIF alone keeps its frames, of APNG and WebP the first one is left.
    /// A lossy WebP becomes a JPEG, one that is lossless or transparent a PNG.
    pub fn served(&self) -> Served {
        let (kind, bytes) = match &self.form {
            Form::Jpeg(colours) => (Kind::Jpeg, jpeg::encode(&self.pixels, jpeg::SERVED_QUALITY, *colours)),
            Form::Png => (Kind::Png, png::encode(&self.pixels)),
            Form::Gif(bytes) => (Kind::Gif, bytes.clone()),
        };
        let side = |side| u32::try_from(side).expect("the header was not larger");
        Served { bytes, kind, width: side(self.pixels.width), height: side(self.pixels.height) }
    }

    /// A JPEG of [`THUMBNAIL_SIDE`] pixels a side, filled by the middle of the picture, on white where it is transparent.
    pub fn thumbnail(&self) -> Vec<u8> {
        thumbnail::jpeg(&self.pixels, exif::Orientation::UPRIGHT)
    }
}

fn parse(bytes: &[u8]) -> Result<(Header, Parsed<'_>), Refusal> {
    let kind = sniff(bytes).filter(|kind| !kind.is_video()).ok_or(Refusal::Unsupported)?;
    let (parsed, width, height, frames) = match kind {
        Kind::Jpeg => {
            let jpeg = jpeg::Jpeg::parse(bytes)?;
            let (width, height) = (jpeg.width, jpeg.height);
            (Parsed::Jpeg(jpeg), width, height, 1)
        }
        Kind::Png => {
            let png = png::Png::parse(bytes)?;
            let (width, height, frames) = (png.width, png.height, png.frames);
            (Parsed::Png(png), width, height, frames)
        }
        Kind::Gif => {
            let gif = gif::Gif::parse(bytes)?;
            let (width, height, frames) = (gif.width, gif.height, gif.frames);
            (Parsed::Gif(gif), width, height, frames)
        }
        _ => {
            let webp = webp::WebP::parse(bytes)?;
            let (width, height, frames) = (webp.width, webp.height, webp.frames);
            (Parsed::WebP(webp), width, height, frames)
        }
    };
    let number = |number: usize| u32::try_from(number).ok().ok_or(Reason::TooManyPixels);
    Ok((Header { kind, width: number(width)?, height: number(height)?, frames: number(frames)? }, parsed))
}

/// The pixels of the picture or of its first frame: upright and in sRGB, without alpha where all of it is opaque.
fn decode(parsed: &Parsed<'_>) -> Result<Pixels, Refusal> {
    let (pixels, icc, exif) = match parsed {
        Parsed::Jpeg(jpeg) => (jpeg.decode(1)?, jpeg.icc(), jpeg.exif),
        Parsed::Png(png) => (png.decode()?, png.icc(), png.exif),
        Parsed::Gif(gif) => (gif.first_frame()?, None, None),
        Parsed::WebP(webp) => (webp.decode()?, webp.icc.map(<[u8]>::to_vec), webp.exif),
    };
    let pixels = color::to_srgb(pixels.without_needless_alpha(), icc.as_deref());
    Ok(upright::upright(pixels, exif::orientation(exif)))
}

/// Refuses what is too large: every format asks before it goes on.
fn check_size(width: usize, height: usize, frames: usize) -> Result<(), Refusal> {
    if width == 0 || height == 0 {
        return Err(Reason::Damaged.into());
    }
    if frames == 0 {
        return Err(Reason::NoFrames.into());
    }
    if frames > MAX_FRAMES as usize {
        return Err(Reason::TooManyFrames.into());
    }
    let pixels = (width as u64).saturating_mul(height as u64).saturating_mul(frames as u64);
    if pixels > MAX_PIXELS || width.max(height) > MAX_LINE {
        return Err(Reason::TooManyPixels.into());
    }
    Ok(())
}
