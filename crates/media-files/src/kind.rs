//! What a file is by its first bytes, whatever it is called.

use crate::bytes::{be32, slice};

/// As many first bytes as [`sniff`] ever looks at.
pub const HEAD: usize = 4096;

/// A kind of file that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`, APNG too
    Png,
    /// `image/gif`
    Gif,
    /// `image/webp`
    WebP,
    /// `video/mp4`, with what phones call 3GP
    Mp4,
    /// `video/quicktime`
    Mov,
    /// `video/webm`; Matroska is something else
    WebM,
}

impl Kind {
    /// The media type under which it is served.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
            Self::Mp4 => "video/mp4",
            Self::Mov => "video/quicktime",
            Self::WebM => "video/webm",
        }
    }

    /// How its name ends, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::WebP => "webp",
            Self::Mp4 => "mp4",
            Self::Mov => "mov",
            Self::WebM => "webm",
        }
    }

    /// Whether it is a video and not a picture.
    pub fn is_video(self) -> bool {
        matches!(self, Self::Mp4 | Self::Mov | Self::WebM)
    }
}

/// The kind of a file by its first bytes ([`HEAD`] of them, or all); `None` is everything that is not taken.
pub fn sniff(head: &[u8]) -> Option<Kind> {
    let head = &head[..head.len().min(HEAD)];
    if head.starts_with(b"\xff\xd8\xff") {
        Some(Kind::Jpeg)
    } else if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(Kind::Png)
    } else if head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a") {
        Some(Kind::Gif)
    } else if head.starts_with(b"RIFF") && slice(head, 8, 4) == Some(b"WEBP") {
        Some(Kind::WebP)
    } else if head.starts_with(b"\x1a\x45\xdf\xa3") {
        webm(head)
    } else {
        boxes(head)
    }
}

/// Brands of files that hold a film, by their first letters.
const FILMS: [&[u8]; 14] = [
    b"iso", b"mp41", b"mp42", b"mp71", b"avc1", b"M4V", b"MSNV", b"dash", b"3gp", b"3g2", b"mmp4", b"XAVC", b"hvc1",
    b"cmf",
];
/// Brands of pictures and sound in the same boxes: HEIC, AVIF, Canon's raw files, songs.
const NO_FILMS: [&[u8]; 9] = [b"mif", b"msf", b"hei", b"hev", b"avif", b"avis", b"crx", b"M4A", b"M4B"];

/// The boxes of MP4 and QuickTime: the first that says something decides.
fn boxes(head: &[u8]) -> Option<Kind> {
    let mut at = 0;
    while let Some(length) = be32(head, at) {
        match slice(head, at + 4, 4)? {
            b"ftyp" => return film(slice(head, at + 8, length.checked_sub(8)?)?),
            // As old cameras write them, without a brand.
            b"moov" | b"mdat" | b"wide" if length == 0 || length == 1 || length >= 8 => return Some(Kind::Mov),
            b"free" | b"skip" if length >= 8 => at = at.checked_add(length)?,
            _ => return None,
        }
    }
    None
}

/// What the brands stand for: the major one decides, if it is known.
fn film(brands: &[u8]) -> Option<Kind> {
    let starts = |brand: &[u8], known: &[&[u8]]| known.iter().any(|start| brand.starts_with(start));
    let major = slice(brands, 0, 4)?;
    if major == b"qt  " {
        return Some(Kind::Mov);
    }
    if starts(major, &NO_FILMS) {
        return None;
    }
    let mut others = brands.get(8..).unwrap_or_default().chunks_exact(4);
    let unknown = !starts(major, &FILMS);
    if unknown && (others.clone().any(|brand| starts(brand, &NO_FILMS)) || !others.any(|brand| starts(brand, &FILMS))) {
        return None;
    }
    Some(Kind::Mp4)
}

/// An EBML header whose document type is `webm`.
fn webm(head: &[u8]) -> Option<Kind> {
    let (length, mut at) = vint(head, 4)?;
    let end = at.checked_add(length)?.min(head.len());
    while at < end {
        let id_length = head[at].leading_zeros() as usize + 1;
        let id = slice(head, at, id_length)?;
        let (length, start) = vint(head, at + id_length)?;
        let value = slice(head, start, length)?;
        if id == b"\x42\x82" {
            let text = value.split(|byte| *byte == 0).next()?;
            return (text == b"webm").then_some(Kind::WebM);
        }
        at = start + length;
    }
    None
}

/// A number whose length stands in its first byte, and where it ends.
fn vint(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let first = *bytes.get(at)?;
    let length = first.leading_zeros() as usize + 1;
    let rest = slice(bytes, at + 1, length.checked_sub(1).filter(|rest| *rest < 8)?)?;
    let value = u64::from(first) & ((1_u64 << (8 - length)) - 1);
    let value = rest.iter().fold(value, |value, byte| value << 8 | u64::from(*byte));
    Some((usize::try_from(value).ok()?, at + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ftyp(brands: &[&[u8; 4]]) -> Vec<u8> {
        let mut bytes = u32::try_from(12 + 4 * brands.len()).unwrap().to_be_bytes().to_vec();
        bytes.extend(b"ftyp");
        bytes.extend(brands[0]);
        bytes.extend([0; 4]);
        brands[1..].iter().for_each(|brand| bytes.extend(*brand));
        bytes
    }

    #[test]
    fn a_film_is_told_from_a_picture_in_the_same_boxes() {
        assert_eq!(sniff(&ftyp(&[b"isom", b"iso2", b"mp41"])), Some(Kind::Mp4));
        assert_eq!(sniff(&ftyp(&[b"mp42"])), Some(Kind::Mp4));
        assert_eq!(sniff(&ftyp(&[b"3gp5"])), Some(Kind::Mp4));
        assert_eq!(sniff(&ftyp(&[b"SONY", b"mp42"])), Some(Kind::Mp4));
        assert_eq!(sniff(&ftyp(&[b"qt  "])), Some(Kind::Mov));
        for picture in [[b"heic", b"mif1", b"isom"], [b"mif1", b"heic", b"iso8"], [b"avif", b"mif1", b"miaf"]] {
            assert_eq!(sniff(&ftyp(&picture)), None);
        }
        assert_eq!(sniff(&ftyp(&[b"avis", b"msf1", b"iso8"])), None);
        assert_eq!(sniff(&ftyp(&[b"SONY"])), None);
    }

    #[test]
    fn old_quicktime_begins_with_its_film_or_its_data() {
        assert_eq!(sniff(b"\0\0\0\x08wide\0\0\x10\0mdat"), Some(Kind::Mov));
        assert_eq!(sniff(b"\0\0\x02\0moov\0\0\0\x6cmvhd"), Some(Kind::Mov));
        assert_eq!(sniff(b"\0\0\0\x08free\0\0\0\x10ftypmp42\0\0\0\0"), Some(Kind::Mp4));
        assert_eq!(sniff(b"\0\0\0\0free\0\0\0\0"), None);
    }

    #[test]
    fn matroska_is_no_webm() {
        let ebml = |name: &[u8]| {
            let mut bytes = b"\x1a\x45\xdf\xa3".to_vec();
            bytes.push(0x80 | u8::try_from(name.len() + 3 + 4).unwrap());
            bytes.extend(b"\x42\x86\x81\x01\x42\x82");
            bytes.push(0x80 | u8::try_from(name.len()).unwrap());
            bytes.extend(name);
            bytes
        };
        assert_eq!(sniff(&ebml(b"webm")), Some(Kind::WebM));
        assert_eq!(sniff(&ebml(b"matroska")), None);
        assert_eq!(sniff(&ebml(b"webmX")), None);
        assert_eq!(sniff(b"\x1a\x45\xdf\xa3"), None);
        assert_eq!(sniff(b"\x1a\x45\xdf\xa3\x00\x00"), None);
        assert_eq!(sniff(b"\x1a\x45\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xff\x00\x00"), None);
    }
}
