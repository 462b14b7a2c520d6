//! Bytes that are almost what they should be.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

/// Where decoders have stumbled before.
const WORDS: [&[u8]; 40] = [
    b"\0",
    b"\\u0000",
    b"\\ud800",
    b"\\udc00\\ud800",
    b"\xff\xfe",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"%00",
    b"%ff",
    b"%2f",
    b"%",
    b"%u0000",
    b"+",
    b"&",
    b"=",
    b"..",
    b"/",
    b";",
    b"null",
    b"true",
    b"NaN",
    b"-0",
    b"1e400",
    b"1e-400",
    b"-99999999999999999999",
    b"18446744073709551616",
    b"0.1e1",
    b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    b"{\"a\":",
    b"\"",
    b"\\",
    b"'; --",
    b"\xe2\x80\xae",
    b"\xf0\x9f\x8c\x99",
    b"\xd9\x8e",
    b"9999-12-31T23:59:60Z",
    b"0000-00-00",
    b"W/\"",
    b"*",
    b",",
];
/// A text this much longer is beyond most limits.
const LONG: usize = 3_000;

/// A text with one to four changes; `other` is one of which parts may be taken over.
pub(super) fn mutate(text: &[u8], other: &[u8], random: &mut StdRng) -> Vec<u8> {
    let mut text = text.to_vec();
    for _ in 0..random.random_range(1..=4) {
        let at = random.random_range(0..=text.len());
        let end = (at + random.random_range(0..=8)).min(text.len());
        match random.random_range(0..8) {
            0 if at < text.len() => text[at] ^= 1 << random.random_range(0..8),
            1 if at < text.len() => text[at] = random.random(),
            2 => drop(text.splice(at..at, [random.random::<u8>(), random.random()])),
            3 => drop(text.splice(at..end, [])),
            4 => {
                let again = text[at..end].repeat(random.random_range(2..=LONG / 8));
                drop(text.splice(at..at, again));
            }
            5 if !other.is_empty() => {
                let from = random.random_range(0..other.len());
                let to = (from + random.random_range(1..=32)).min(other.len());
                drop(text.splice(at..end, other[from..to].iter().copied()));
            }
            6 => number(&mut text, at, random),
            _ => drop(text.splice(at..end, WORDS.choose(random).unwrap().iter().copied())),
        }
    }
    text
}

/// Another number instead of the next one.
fn number(text: &mut Vec<u8>, from: usize, random: &mut StdRng) {
    let Some(start) = text[from..].iter().position(u8::is_ascii_digit).map(|start| from + start) else { return };
    let end = text[start..].iter().position(|byte| !byte.is_ascii_digit()).map_or(text.len(), |length| start + length);
    let numbers = [0, 1, i64::from(i32::MAX), i64::from(i32::MAX) + 1, i64::MAX, i64::MIN, -1, 10_000_001, 100_001];
    drop(text.splice(start..end, numbers.choose(random).unwrap().to_string().into_bytes()));
}
