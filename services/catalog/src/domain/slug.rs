//! The name of a product in addresses: made once, never changed.

use commerce_types::Folded;

/// The letters of the random end: 32, so that five bytes make eight of them.
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// Of the readable beginning, in characters.
const LONGEST: usize = 200;

/// The folded name in `a-z0-9-`, and eight letters of `random`.
pub(crate) fn slug(name: &str, random: [u8; 5]) -> String {
    let mut slug = String::new();
    for c in Folded::new(name).as_str().chars() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(LONGEST);
    slug.truncate(slug.trim_end_matches('-').len());
    if slug.is_empty() {
        slug.push_str("product");
    }
    slug.push('-');
    let bits = random.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    for place in (0..8).rev() {
        let index = usize::try_from(bits >> (place * 5) & 31).unwrap_or(0);
        slug.push(char::from(LETTERS[index]));
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_what_addresses_can_hold() {
        let cases = [
            ("Crème Hydratante – 50 ml!", "creme-hydratante-50-ml-aaaaaaaa"),
            ("عطر فاخر", "product-aaaaaaaa"),
            ("قهوة Café 2", "cafe-2-aaaaaaaa"),
            ("***", "product-aaaaaaaa"),
        ];
        for (name, expected) in cases {
            assert_eq!(slug(name, [0; 5]), expected, "{name}");
        }
    }

    #[test]
    fn the_end_uses_every_bit_and_the_whole_is_short_enough() {
        assert!(slug("a", [255; 5]).ends_with("-77777777"));
        assert!(slug("a", [0, 0, 0, 0, 1]).ends_with("-aaaaaaab"));
        assert!(slug(&"é ".repeat(200), [7; 5]).len() <= 250);
    }
}
