//! Order numbers: `ZST-{epoch seconds}-{10 random characters}`, fit to be read out over a telephone.

use rand::Rng;

/// Digits and capitals without I, L, O and U: nothing that is taken for something else.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// No number is longer; what is longer was not one.
const LONGEST: usize = 40;

/// A new number: unique and not to be guessed (50 random bits).
pub(crate) fn draw(epoch_seconds: i64, random: &mut impl Rng) -> String {
    let tail: String = (0..10).map(|_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())])).collect();
    format!("ZST-{epoch_seconds}-{tail}")
}

/// A number as somebody typed it, in its one spelling: without case, spaces and look-alikes. What is no number stays
/// something that no order has.
pub(crate) fn normalise(typed: &str) -> String {
    let plain = typed.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase);
    let alike = plain.map(|c| match c {
        'I' | 'L' => '1',
        'O' => '0',
        // PostgreSQL takes no NUL in a text.
        '\0' => '?',
        c => c,
    });
    alike.take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn has_its_form_and_never_repeats() {
        let mut random = rand::rng();
        let numbers: HashSet<String> = (0..10_000).map(|_| draw(1_764_000_000, &mut random)).collect();
        assert_eq!(numbers.len(), 10_000);
        for number in &numbers {
            let tail = number.strip_prefix("ZST-1764000000-").unwrap();
            assert!(tail.len() == 10 && tail.bytes().all(|byte| ALPHABET.contains(&byte)), "{number}");
            assert_eq!(normalise(number), *number);
        }
    }

    #[test]
    fn every_spelling_is_the_same_number() {
        for typed in ["ZST-1764000000-A1B0C1D0E1", " zst-1764000000-alboclDoel ", "ZST - I764OOOOOO - AIBOC LDOEI"] {
            assert_eq!(normalise(typed), "ZST-1764000000-A1B0C1D0E1", "{typed}");
        }
    }

    #[test]
    fn what_is_no_number_is_bounded_and_harmless() {
        assert_eq!(normalise(&"9".repeat(10_000)).len(), LONGEST);
        assert!(!normalise("\0'; DROP TABLE orders").contains('\0'));
    }
}
