//! gzip and brotli for those who ask, from 1 KiB.

use std::io::Write;

use actix_web::http::header::HeaderValue;
use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Shorter bodies are sent as they are.
pub const FROM: usize = 1024;

/// Favours speed: an answer that is not cached is compressed while its reader waits.
const BROTLI_QUALITY: i32 = 4;
const BROTLI_WINDOW: i32 = 19;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Gzip,
    Brotli,
}

impl Encoding {
    /// The value of `Content-Encoding`.
    pub fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Gzip => "gzip",
            Self::Brotli => "br",
        })
    }

    /// The encoding that `Accept-Encoding` likes best of those we have; brotli when it likes both alike.
    pub fn accepted(header: &str) -> Option<Self> {
        let (mut gzip, mut brotli, mut any) = (None, None, None);
        for item in header.split(',') {
            let mut parts = item.split(';');
            let name = parts.next().unwrap_or_default().trim();
            let weight = parts
                .find_map(|part| part.trim().strip_prefix("q=").map(str::trim))
                .map_or(1.0, |weight| weight.parse::<f32>().unwrap_or(0.0));
            match name.to_ascii_lowercase().as_str() {
                "gzip" | "x-gzip" => gzip = Some(weight),
                "br" => brotli = Some(weight),
                "*" => any = Some(weight),
                _ => {}
            }
        }
        let gzip = gzip.or(any).unwrap_or(0.0);
        let brotli = brotli.or(any).unwrap_or(0.0);
        if brotli > 0.0 && brotli >= gzip { Some(Self::Brotli) } else { (gzip > 0.0).then_some(Self::Gzip) }
    }
}

/// The bytes in an encoding.
pub fn compress(encoding: Encoding, bytes: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(bytes.len() / 3);
    let written = match encoding {
        Encoding::Gzip => {
            let mut encoder = GzEncoder::new(&mut out, Compression::new(4));
            encoder.write_all(bytes).and_then(|()| encoder.finish().map(drop))
        }
        Encoding::Brotli => {
            let params =
                BrotliEncoderParams { quality: BROTLI_QUALITY, lgwin: BROTLI_WINDOW, ..BrotliEncoderParams::default() };
            brotli::BrotliCompress(&mut &bytes[..], &mut out, &params).map(drop)
        }
    };
    written.expect("memory takes every byte");
    out.into()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn the_best_liked_encoding_is_chosen() {
        let cases = [
            ("gzip", Some(Encoding::Gzip)),
            ("gzip, deflate, br", Some(Encoding::Brotli)),
            ("br;q=0.5, gzip", Some(Encoding::Gzip)),
            ("br;q=0, gzip;q=0", None),
            ("*", Some(Encoding::Brotli)),
            ("identity", None),
            ("GZIP;Q=1", Some(Encoding::Gzip)),
            ("", None),
        ];
        for (header, encoding) in cases {
            assert_eq!(Encoding::accepted(header), encoding, "{header}");
        }
    }

    #[test]
    fn what_is_compressed_can_be_read() {
        let text = "produits de beauté ".repeat(200);
        let mut gzip = String::new();
        let compressed = compress(Encoding::Gzip, text.as_bytes());
        flate2::read::GzDecoder::new(&compressed[..]).read_to_string(&mut gzip).unwrap();
        let mut brotli = Vec::new();
        let compressed = compress(Encoding::Brotli, text.as_bytes());
        brotli::BrotliDecompress(&mut &compressed[..], &mut brotli).unwrap();
        assert_eq!((gzip, String::from_utf8(brotli).unwrap()), (text.clone(), text));
    }
}
