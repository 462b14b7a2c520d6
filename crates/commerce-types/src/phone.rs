//! Algerian mobile numbers, in one spelling.
//!
//! Always `+213` and nine digits beginning 5, 6 or 7. Personal: `Debug` hides it, `Display` is deliberately absent.

use std::fmt;
use std::str::FromStr;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use serde::{Deserialize, Deserializer, Serialize};

/// An Algerian mobile number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, AsExpression, FromSqlRow)]
#[serde(transparent)]
#[diesel(sql_type = Text)]
pub struct Phone(String);

/// The text is not an Algerian mobile number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an Algerian mobile number, such as 0555123456 or +213555123456")]
pub struct PhoneError;

impl Phone {
    /// The number as it is stored and shown: `+213555123456`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Phone {
    type Err = PhoneError;

    /// Spaces, dots, hyphens and parentheses do not count; nor does a 0 after the country code.
    fn from_str(text: &str) -> Result<Self, PhoneError> {
        let number: String = text.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '.' | '-' | '(' | ')')).collect();
        let international = ["+213", "00213", "213"].iter().find_map(|prefix| number.strip_prefix(prefix));
        let national = match international {
            Some(rest) => rest.strip_prefix('0').unwrap_or(rest),
            None => number.strip_prefix('0').ok_or(PhoneError)?,
        };
        let mobile = national.len() == 9
            && national.starts_with(['5', '6', '7'])
            && national.bytes().all(|byte| byte.is_ascii_digit());
        if mobile { Ok(Self(format!("+213{national}"))) } else { Err(PhoneError) }
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.0
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(hidden)")
    }
}

impl<'de> Deserialize<'de> for Phone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl ToSql<Text, Pg> for Phone {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<Text, Pg>::to_sql(self.0.as_str(), out)
    }
}

impl FromSql<Text, Pg> for Phone {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(<String as FromSql<Text, Pg>>::from_sql(value)?.parse()?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_accepted_spelling_is_the_same_number() {
        let spellings = [
            "0555123456",
            "+213555123456",
            "213555123456",
            "00213555123456",
            "+2130555123456",
            "2130555123456",
            "002130555123456",
            "05 55 12 34 56",
            "(+213) 555.12-34-56",
            "+213 (0) 555 123 456",
        ];
        for spelling in spellings {
            assert_eq!(spelling.parse::<Phone>().unwrap().as_str(), "+213555123456", "{spelling}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let wrong = [
            "",
            "0",
            "555123456",
            "0455123456",
            "021123456",
            "055512345",
            "05551234567",
            "+33612345678",
            "+21355512345",
            "+213005551234",
            "00555123456",
            "0555x23456",
            "٠555123456",
            "++213555123456",
            "0555+123456",
            "0555123456\n",
        ];
        for text in wrong {
            assert_eq!(text.parse::<Phone>(), Err(PhoneError), "{text:?}");
        }
    }

    #[test]
    fn is_hidden_from_logs() {
        let phone: Phone = "0555123456".parse().unwrap();
        assert!(!format!("{phone:?}").contains("555"));
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(number in "[567][0-9]{8}", separator in "[ .()-]{0,2}") {
            let phone: Phone = format!("0{}{separator}{}", &number[..3], &number[3..]).parse().unwrap();
            prop_assert_eq!(phone.as_str().parse::<Phone>().unwrap(), phone.clone());
            prop_assert_eq!(phone.as_str(), format!("+213{number}"));
        }

        #[test]
        fn whatever_is_accepted_is_in_the_one_form(text in "[+0-9 .()-]{0,20}") {
            if let Ok(phone) = text.parse::<Phone>() {
                prop_assert_eq!(phone.as_str().len(), 13);
                prop_assert!(phone.as_str().starts_with("+213"));
            }
        }
    }
}
