//! Numbers out of bytes, which end where they end: a file is never believed about its own length.

/// `count` bytes from `at`, if they are there.
pub(crate) fn slice(bytes: &[u8], at: usize, count: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(count)?)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    slice(bytes, at, N)?.try_into().ok()
}

pub(crate) fn be16(bytes: &[u8], at: usize) -> Option<usize> {
    array(bytes, at).map(|two| usize::from(u16::from_be_bytes(two)))
}

pub(crate) fn be32(bytes: &[u8], at: usize) -> Option<usize> {
    array(bytes, at).map(|four| u32::from_be_bytes(four) as usize)
}

pub(crate) fn le16(bytes: &[u8], at: usize) -> Option<usize> {
    array(bytes, at).map(|two| usize::from(u16::from_le_bytes(two)))
}

pub(crate) fn le24(bytes: &[u8], at: usize) -> Option<usize> {
    array(bytes, at).map(|[low, middle, high]| u32::from_le_bytes([low, middle, high, 0]) as usize)
}

pub(crate) fn le32(bytes: &[u8], at: usize) -> Option<usize> {
    array(bytes, at).map(|four| u32::from_le_bytes(four) as usize)
}
