//! Files as people have them, and the forms in which their programs send them.

use std::sync::OnceLock;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::Value;

/// A picture of these sides, no two sizes alike.
pub(crate) fn picture(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
    encoded(format, RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, (x ^ y) as u8])))
}

/// A black one, which is small however many pixels it has.
pub(crate) fn black(width: u32, height: u32) -> Vec<u8> {
    encoded(ImageFormat::Png, RgbImage::new(width, height))
}

fn encoded(format: ImageFormat, pixels: RgbImage) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(pixels).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub(crate) fn jpeg() -> Vec<u8> {
    picture(ImageFormat::Jpeg, 640, 480)
}

/// Two seconds of video, made once, with a title that nobody shall read.
pub(crate) fn video() -> &'static [u8] {
    static VIDEO: OnceLock<Vec<u8>> = OnceLock::new();
    VIDEO.get_or_init(|| {
        let path = std::env::temp_dir().join(format!("zst-video-{}.mp4", std::process::id()));
        let made = std::process::Command::new("ffmpeg")
            .args(["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=duration=2:size=320x240:rate=10"])
            .args(["-pix_fmt", "yuv420p", "-metadata", "title=Secret", "-c:v", "libx264", "-preset", "ultrafast"])
            .arg(&path)
            .status();
        assert!(made.unwrap().success());
        let bytes = std::fs::read(&path).unwrap();
        std::fs::remove_file(path).unwrap();
        bytes
    })
}

/// A form, as the programs of people write one.
pub(crate) struct Form(Vec<u8>);

const BOUNDARY: &str = "----a-boundary-that-no-file-holds";

impl Form {
    pub(crate) const CONTENT_TYPE: &str = "multipart/form-data; boundary=----a-boundary-that-no-file-holds";

    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    /// With one file.
    pub(crate) fn of(name: &str, bytes: &[u8]) -> Self {
        Self::new().file(name, ("photo.jpg", "image/jpeg"), bytes)
    }

    pub(crate) fn file(self, name: &str, (file_name, content_type): (&str, &str), bytes: &[u8]) -> Self {
        let rest = format!("; filename=\"{file_name}\"\r\nContent-Type: {content_type}");
        self.part(&format!("name=\"{name}\"{rest}"), bytes)
    }

    pub(crate) fn text(self, name: &str, value: &str) -> Self {
        self.part(&format!("name=\"{name}\""), value.as_bytes())
    }

    fn part(mut self, rest: &str, bytes: &[u8]) -> Self {
        self.0.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {rest}\r\n\r\n").as_bytes());
        self.0.extend(bytes);
        self.0.extend(b"\r\n");
        self
    }

    /// Its bytes, with its end.
    pub(crate) fn whole(mut self) -> Vec<u8> {
        self.0.extend(format!("--{BOUNDARY}--\r\n").as_bytes());
        self.0
    }

    /// Its bytes as they are so far.
    pub(crate) fn broken_off(self) -> Vec<u8> {
        self.0
    }
}

/// What everybody finds there.
pub(crate) async fn fetch(url: &str) -> Option<Vec<u8>> {
    let answer = reqwest::Client::builder().no_proxy().build().unwrap().get(url).send().await.unwrap();
    if !answer.status().is_success() {
        return None;
    }
    Some(answer.bytes().await.unwrap().to_vec())
}

/// Writes a file straight to the bucket, as it was told how; answers the status.
pub(crate) async fn put(leave: &Value, bytes: Vec<u8>) -> u16 {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = http.put(leave["url"].as_str().unwrap()).body(bytes);
    for (name, value) in leave["headers"].as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    request.send().await.unwrap().status().as_u16()
}
