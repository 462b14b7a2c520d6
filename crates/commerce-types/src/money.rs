//! Money: whole centimes of Algerian dinars, never negative, never a float.
//!
//! Always between zero and [`Money::MAX`]. On the wire it is a JSON number of dinars, read from its decimal text, so that
//! `0.1` is ten centimes exactly and a third decimal is seen and refused.

use std::fmt;
use std::str::FromStr;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::BigInt;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// An amount in Algerian dinars, to the centime.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, AsExpression, FromSqlRow)]
#[diesel(sql_type = BigInt)]
pub struct Money(i64);

/// Why something is not an amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a JSON number.
    #[error("must be a number")]
    NotANumber,
    /// Below zero.
    #[error("must not be negative")]
    Negative,
    /// Smaller than a centime in its last place.
    #[error("must have at most 2 decimals")]
    TooPrecise,
    /// Above [`Money::MAX`].
    #[error("must be at most 9999999999999.99")]
    TooLarge,
}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The largest total: 9 999 999 999 999.99 dinars.
    pub const MAX: Self = Self(999_999_999_999_999);
    /// The largest price: 99 999 999.99 dinars.
    pub const MAX_PRICE: Self = Self(9_999_999_999);
    /// The only currency there is.
    pub const CURRENCY: &'static str = "DZD";

    /// That many centimes.
    ///
    /// # Errors
    /// [`MoneyError::Negative`], [`MoneyError::TooLarge`].
    pub const fn from_centimes(centimes: i64) -> Result<Self, MoneyError> {
        match centimes {
            ..0 => Err(MoneyError::Negative),
            0..=999_999_999_999_999 => Ok(Self(centimes)),
            _ => Err(MoneyError::TooLarge),
        }
    }

    /// That many dinars.
    ///
    /// # Errors
    /// As [`Money::from_centimes`].
    pub const fn from_dinars(dinars: i64) -> Result<Self, MoneyError> {
        Self::from_centimes(dinars.saturating_mul(100))
    }

    /// Whole centimes.
    #[must_use]
    pub const fn centimes(self) -> i64 {
        self.0
    }

    /// The sum, unless it is above [`Money::MAX`].
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self::from_centimes(self.0 + other.0).ok()
    }

    /// The difference, unless it is below zero.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Self::from_centimes(self.0 - other.0).ok()
    }

    /// The price of `quantity` pieces, unless it is out of range.
    #[must_use]
    pub fn checked_mul(self, quantity: i64) -> Option<Self> {
        Self::from_centimes(self.0.checked_mul(quantity)?).ok()
    }

    /// The sum of all, unless it is above [`Money::MAX`].
    #[must_use]
    pub fn checked_sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }
}

impl TryFrom<i64> for Money {
    type Error = MoneyError;

    /// From centimes.
    fn try_from(centimes: i64) -> Result<Self, MoneyError> {
        Self::from_centimes(centimes)
    }
}

impl From<Money> for i64 {
    fn from(money: Money) -> Self {
        money.0
    }
}

/// Dinars, as they are written in JSON: `8400`, `125.5`, `0.05`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (dinars, centimes) = (self.0 / 100, self.0 % 100);
        match centimes {
            0 => write!(f, "{dinars}"),
            _ if centimes % 10 == 0 => write!(f, "{dinars}.{}", centimes / 10),
            _ => write!(f, "{dinars}.{centimes:02}"),
        }
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Money({self} {})", Self::CURRENCY)
    }
}

/// Dinars, written as a JSON number: `12500`, `12500.5`, `1e3`.
impl FromStr for Money {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let decimal = Decimal::parse(text).ok_or(MoneyError::NotANumber)?;
        if decimal.digits.is_empty() {
            return Ok(Self::ZERO);
        }
        if decimal.negative {
            return Err(MoneyError::Negative);
        }
        let zeros = decimal.exponent.saturating_add(2);
        if zeros < 0 {
            return Err(MoneyError::TooPrecise);
        }
        // Fifteen digits are all that `MAX` has; this also keeps the power of ten small.
        let zeros = usize::try_from(zeros).ok().filter(|zeros| decimal.digits.len() + zeros <= 15);
        let text = decimal.digits + &"0".repeat(zeros.ok_or(MoneyError::TooLarge)?);
        text.parse().ok().ok_or(MoneyError::TooLarge).and_then(Self::from_centimes)
    }
}

/// A JSON number: `digits` × 10^`exponent`, without zeros at either end of the digits; zero has none.
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    fn parse(text: &str) -> Option<Self> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (text, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        let leading_zero = whole.len() > 1 && whole.starts_with('0');
        if !is_digits(whole) || leading_zero || fraction.is_some_and(|fraction| !is_digits(fraction)) {
            return None;
        }
        let fraction = fraction.unwrap_or_default();
        let all = format!("{whole}{fraction}");
        let kept = all.trim_end_matches('0');
        let dropped = i64::try_from(all.len() - kept.len()).ok()?;
        let fraction_length = i64::try_from(fraction.len()).ok()?;
        Some(Self {
            negative,
            digits: kept.trim_start_matches('0').to_owned(),
            exponent: exponent.saturating_sub(fraction_length).saturating_add(dropped),
        })
    }
}

/// Saturates: whether a number has a billion zeros or more makes no difference.
fn parse_exponent(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let magnitude = || {
        digits
            .trim_start_matches('0')
            .bytes()
            .try_fold(0_i64, |sum, digit| sum.checked_mul(10)?.checked_add(i64::from(digit - b'0')))
    };
    is_digits(digits).then(|| sign * magnitude().unwrap_or(i64::MAX / 4).min(i64::MAX / 4))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl<'de> Deserialize<'de> for Money {
    /// Needs a JSON deserialiser: the text of the number is looked at, not a float made of it.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        raw.get().parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 100 == 0 {
            return serializer.serialize_i64(self.0 / 100);
        }
        // Exact although it is a float: `MAX` has fifteen digits, and every decimal of fifteen digits survives the way
        // to the nearest double and back to the shortest text that names it.
        #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
        serializer.serialize_f64(self.0 as f64 / 100.0)
    }
}

impl ToSql<BigInt, Pg> for Money {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<BigInt, Pg>::to_sql(&self.0, out)
    }
}

impl FromSql<BigInt, Pg> for Money {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self::from_centimes(<i64 as FromSql<BigInt, Pg>>::from_sql(value)?)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> Result<i64, String> {
        serde_json::from_str::<Money>(json).map(Money::centimes).map_err(|error| error.to_string())
    }

    #[test]
    fn numbers_are_read_by_their_decimal_text() {
        let cases = [
            ("12500", 1_250_000),
            ("12500.5", 1_250_050),
            ("1e3", 100_000),
            ("1E+3", 100_000),
            ("125e-2", 125),
            ("0.07", 7),
            ("0.10", 10),
            ("1.500", 150),
            ("0", 0),
            ("0e999999999999999999999", 0),
            ("9999999999999.99", 999_999_999_999_999),
            ("99999999.99", 9_999_999_999),
        ];
        for (json, centimes) in cases {
            assert_eq!(read(json), Ok(centimes), "{json}");
        }
    }

    #[test]
    fn what_is_not_an_amount_is_refused_with_its_reason() {
        let cases = [
            ("0.001", "at most 2 decimals"),
            ("0.10000000000000000001", "at most 2 decimals"),
            ("1e-3", "at most 2 decimals"),
            ("1e-99999999999999999999", "at most 2 decimals"),
            ("-1", "negative"),
            ("-0.01", "negative"),
            ("10000000000000", "at most 9999999999999.99"),
            ("1e300", "at most 9999999999999.99"),
            ("1e99999999999999999999", "at most 9999999999999.99"),
            ("\"5\"", "must be a number"),
            ("null", "must be a number"),
            ("true", "must be a number"),
            ("[1]", "must be a number"),
        ];
        for (json, reason) in cases {
            assert!(read(json).unwrap_err().contains(reason), "{json}: {:?}", read(json));
        }
    }

    #[test]
    fn text_that_json_would_not_take_is_no_number() {
        for text in ["", "-", ".5", "5.", "05", "1e", "+1", " 1", "1 ", "0x1", "1_000", "١", "NaN", "1.2.3", "1e1.0"] {
            assert_eq!(text.parse::<Money>(), Err(MoneyError::NotANumber), "{text:?}");
        }
    }

    #[test]
    fn is_written_as_short_as_it_can_be() {
        for (centimes, text) in [(840_000, "8400"), (12_550, "125.5"), (5, "0.05"), (0, "0"), (10_001, "100.01")] {
            let money = Money::from_centimes(centimes).unwrap();
            assert_eq!(serde_json::to_string(&money).unwrap(), text);
            assert_eq!(money.to_string(), text);
        }
        assert_eq!(serde_json::to_string(&Money::MAX).unwrap(), "9999999999999.99");
    }

    #[test]
    fn sums_refuse_to_leave_the_range() {
        let one = Money::from_centimes(1).unwrap();
        assert_eq!(Money::MAX.checked_add(one), None);
        assert_eq!(Money::ZERO.checked_sub(one), None);
        assert_eq!(Money::MAX.checked_mul(2), None);
        assert_eq!(Money::MAX.checked_mul(i64::MAX), None);
        assert_eq!(one.checked_mul(-1), None);
        assert_eq!(Money::checked_sum([one, one, one]), Money::from_centimes(3).ok());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(centimes in 0..=Money::MAX.0) {
            let money = Money(centimes);
            let json = serde_json::to_string(&money).unwrap();
            prop_assert_eq!(&json, &money.to_string());
            prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
            let value = serde_json::to_value(money).unwrap();
            prop_assert_eq!(serde_json::from_value::<Money>(value).unwrap(), money);
        }

        #[test]
        fn an_exponent_says_the_same(mantissa in 0_i64..1_000_000, exponent in 0_usize..6) {
            let plain = format!("{mantissa}{}", "0".repeat(exponent));
            let plain = if mantissa == 0 { "0".to_owned() } else { plain };
            let scaled = format!("{mantissa}e{exponent}");
            prop_assert_eq!(scaled.parse::<Money>(), plain.parse::<Money>());
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}") {
            let _ = text.parse::<Money>();
        }

        #[test]
        fn products_agree_with_repeated_sums(centimes in 0_i64..10_000_000_000, quantity in 0_usize..50) {
            let price = Money(centimes);
            let sum = Money::checked_sum(std::iter::repeat_n(price, quantity));
            prop_assert_eq!(price.checked_mul(i64::try_from(quantity).unwrap()), sum);
        }
    }
}
