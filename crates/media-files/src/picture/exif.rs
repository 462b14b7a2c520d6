//! The one thing that is read of EXIF: which way is up.

use crate::bytes::{be16, be32, le16, le32, slice};

/// How stored pixels must be turned: the numbers 1 to 8 of EXIF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Orientation(u8);

impl Orientation {
    pub(super) const UPRIGHT: Self = Self(1);

    /// Whether rows become columns.
    pub(super) fn transposes(self) -> bool {
        self.0 >= 5
    }

    /// Whether, after that, left and right change places.
    pub(super) fn mirrors(self) -> bool {
        matches!(self.0, 2 | 3 | 6 | 7)
    }

    /// Whether, after that, top and bottom change places.
    pub(super) fn flips(self) -> bool {
        matches!(self.0, 3 | 4 | 7 | 8)
    }
}

const TAG: usize = 0x0112;

/// Reads a number at a place.
type Number = fn(&[u8], usize) -> Option<usize>;

/// The orientation that an EXIF block names; what is broken or missing is upright.
pub(super) fn orientation(exif: Option<&[u8]>) -> Orientation {
    exif.and_then(read).unwrap_or(Orientation::UPRIGHT)
}

fn read(exif: &[u8]) -> Option<Orientation> {
    // Some programs leave the marker of JPEG before the block.
    let tiff = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    let (read16, read32): (Number, Number) = match slice(tiff, 0, 4)? {
        b"II*\0" => (le16, le32),
        b"MM\0*" => (be16, be32),
        _ => return None,
    };
    let directory = read32(tiff, 4)?;
    let count = read16(tiff, directory)?;
    (0..count)
        .map(|index| directory + 2 + 12 * index)
        .find(|entry| read16(tiff, *entry) == Some(TAG))
        .and_then(|entry| read16(tiff, entry + 8))
        .and_then(|value| u8::try_from(value).ok())
        .filter(|value| (1..=8).contains(value))
        .map(Orientation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn big_endian(value: u8) -> Vec<u8> {
        let mut exif = b"MM\0*\0\0\0\x08\0\x02\x01\x0f\0\x02\0\0\0\x01\0\0\0\0\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend([value, 0, 0, 0, 0, 0, 0]);
        exif
    }

    #[test]
    fn the_orientation_is_found_in_either_byte_order() {
        assert_eq!(orientation(Some(&big_endian(6))), Orientation(6));
        let little = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0\0\0\0\0";
        assert_eq!(orientation(Some(little)), Orientation(8));
    }

    #[test]
    fn what_is_broken_is_upright() {
        for value in [0, 9, 255] {
            assert_eq!(orientation(Some(&big_endian(value))), Orientation::UPRIGHT);
        }
        assert_eq!(orientation(None), Orientation::UPRIGHT);
        assert_eq!(orientation(Some(b"MM\0*\xff\xff\xff\xff\xff\xff\xff\xff")), Orientation::UPRIGHT);
        let whole = big_endian(6);
        for length in 0..32 {
            assert_eq!(orientation(Some(&whole[..length])), Orientation::UPRIGHT);
        }
    }
}
