//! Weights as they are sent.

use commerce_types::Money;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Grams.
const HEAVIEST: i64 = 100_000_000;

/// A weight in kilograms of at most three decimals, exact.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grams(pub(super) i64);

impl<'de> Deserialize<'de> for Grams {
    /// From the text of the number, so that a fourth decimal is seen.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Box::<RawValue>::deserialize(deserializer)?;
        grams(number.get())
            .filter(|grams| *grams <= HEAVIEST)
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("must be a number, 0 to 100000 with at most 3 decimals"))
    }
}

/// Ten times the kilograms, read as dinars, are as many centimes as there are grams: money reads decimals exactly, and
/// refuses what is finer.
fn grams(kilograms: &str) -> Option<i64> {
    let (digits, exponent) = kilograms.split_once(['e', 'E']).unwrap_or((kilograms, "0"));
    let exponent: i64 = exponent.parse().ok()?;
    let tenfold: Money = format!("{digits}e{}", exponent.checked_add(1)?).parse().ok()?;
    Some(tenfold.centimes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kilograms_are_read_to_the_gram() {
        for (text, expected) in [("0", 0), ("1.25", 1_250), ("0.001", 1), ("1e2", 100_000), ("1500e-3", 1_500)] {
            assert_eq!(grams(text), Some(expected), "{text}");
        }
        for wrong in ["0.0001", "1.00000001", "-1", "\"5\"", "true", "1e99999999999999999999"] {
            assert_eq!(grams(wrong), None, "{wrong}");
        }
        assert!(serde_json::from_str::<Grams>("100000").is_ok());
        assert!(serde_json::from_str::<Grams>("100000.001").is_err());
    }
}
