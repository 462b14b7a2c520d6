//! Makes files: honest ones by encoders, all others byte by byte.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use image::{DynamicImage, ImageFormat, RgbImage};
use turbojpeg::{Compressor, Image, PixelFormat, Subsamp};

/// A picture that is different everywhere: smooth, with an edge, so that it survives JPEG.
pub(crate) fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let (across, down) = (x * 255 / width, y * 255 / height);
        let edge = if (x * 3 / width + y * 2 / height).is_multiple_of(2) { 0 } else { 60 };
        image::Rgb([across as u8, down as u8, (across / 2 + edge) as u8])
    })
}

pub(crate) fn jpeg(picture: &RgbImage) -> Vec<u8> {
    jpeg_with(picture, |_| {})
}

/// A JPEG of quality 92 whose encoder was set further.
pub(crate) fn jpeg_with(picture: &RgbImage, set: impl FnOnce(&mut Compressor)) -> Vec<u8> {
    let mut encoder = Compressor::new().unwrap();
    encoder.set_quality(92).unwrap();
    encoder.set_subsamp(Subsamp::Sub2x2).unwrap();
    set(&mut encoder);
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let pixels = &picture.as_raw()[..];
    encoder.compress_to_vec(Image { pixels, width, pitch: 3 * width, height, format: PixelFormat::RGB }).unwrap()
}

/// A JPEG of inks, as libjpeg writes them: YCCK, and with Adobe's mark, which means inverted.
pub(crate) fn cmyk_jpeg(width: usize, height: usize, inks: [u8; 4]) -> Vec<u8> {
    let mut encoder = Compressor::new().unwrap();
    encoder.set_quality(95).unwrap();
    encoder.set_subsamp(Subsamp::None).unwrap();
    let pixels = inks.map(|ink| 255 - ink).repeat(width * height);
    let image = Image { pixels: &pixels[..], width, pitch: 4 * width, height, format: PixelFormat::CMYK };
    encoder.compress_to_vec(image).unwrap()
}

/// The JPEG with one more segment in front.
pub(crate) fn with_segment(jpeg: &[u8], marker: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, data, &jpeg[2..]].concat()
}

/// An EXIF block that names an orientation and holds a text.
pub(crate) fn exif(orientation: u8, text: &str) -> Vec<u8> {
    let mut exif = b"MM\0*\0\0\0\x08\0\x02\x01\x0e\0\x02".to_vec();
    exif.extend(u32::try_from(text.len()).unwrap().to_be_bytes());
    exif.extend(38_u32.to_be_bytes());
    exif.extend(b"\x01\x12\0\x03\0\0\0\x01\0");
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    exif.extend(text.as_bytes());
    exif
}

/// A file in a format of the crate `image`, in its own way.
pub(crate) fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub(crate) fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [&name[..], data].concat();
    let mut crc = flate2::Crc::new();
    crc.update(&body);
    [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], &body, &crc.sum().to_be_bytes()].concat()
}

/// The PNG with one more chunk after its header.
pub(crate) fn with_chunk(png: &[u8], name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    [&png[..33], &chunk(name, data), &png[33..]].concat()
}

/// A PNG whose header claims a size; its pixels are those of nothing.
pub(crate) fn png_claiming(width: u32, height: u32) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let pixels = chunk(b"IDAT", &deflated(&[0; 64]));
    [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &header), &pixels, &chunk(b"IEND", &[])].concat()
}

pub(crate) fn deflated(data: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// A GIF of frames of one colour each, 10 hundredths long, for ever.
pub(crate) fn gif(width: u16, height: u16, frames: usize) -> Vec<u8> {
    let mut encoder = gif::Encoder::new(Vec::new(), width, height, &[200, 0, 0, 0, 200, 0, 0, 0, 200]).unwrap();
    encoder.set_repeat(gif::Repeat::Infinite).unwrap();
    for frame in 0..frames {
        let indices = vec![(frame % 3) as u8; usize::from(width) * usize::from(height)];
        let mut frame = gif::Frame::from_indexed_pixels(width, height, indices, None);
        frame.delay = 10;
        encoder.write_frame(&frame).unwrap();
    }
    encoder.into_inner().unwrap()
}

/// A RIFF file of these chunks, each as long as it says.
pub(crate) fn webp(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (name, data) in chunks {
        body.extend(*name);
        body.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        body.extend(*data);
        body.resize(body.len().next_multiple_of(2), 0);
    }
    [&b"RIFF"[..], &u32::try_from(body.len()).unwrap().to_le_bytes(), &body].concat()
}

/// The data of the chunk `VP8X`.
pub(crate) fn canvas(flags: u8, width: u32, height: u32) -> Vec<u8> {
    [&[flags, 0, 0, 0][..], &(width - 1).to_le_bytes()[..3], &(height - 1).to_le_bytes()[..3]].concat()
}

/// The data of the chunk `ANMF` that holds a lossless picture at a place.
pub(crate) fn webp_frame(left: u32, top: u32, picture: &RgbImage) -> Vec<u8> {
    let file = encoded(picture.clone(), ImageFormat::WebP);
    let three = |number: u32| number.to_le_bytes()[..3].to_vec();
    let place = [left / 2, top / 2, picture.width() - 1, picture.height() - 1, 100].map(three).concat();
    [&place[..], &[0], &file[12..]].concat()
}

/// A folder that is gone with the value.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("zst-media-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// A file made by `ffmpeg`, which must be installed.
    pub(crate) fn ffmpeg(&self, name: &str, arguments: &str) -> PathBuf {
        let path = self.path(name);
        ffmpeg(arguments, &path);
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn ffmpeg(arguments: &str, output: &Path) {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-y"]).args(arguments.split_whitespace()).arg(output);
    let done = command.output().expect("the tests of videos need ffmpeg: apt-get install ffmpeg");
    assert!(done.status.success(), "{arguments}: {}", String::from_utf8_lossy(&done.stderr));
}
