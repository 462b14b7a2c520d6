//! Folding: how texts are compared and searched, in Latin and Arabic script.
//!
//! Both sides of a comparison are folded by this code alone, so what is stored and what is asked for always agree.
//! Folding what is folded changes nothing.

use std::fmt;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::text::is_invisible;

/// Text without case, accents, Arabic diacritics and spelling variants, and with single spaces.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Folded(String);

impl Folded {
    /// Folds `text`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut folded = String::with_capacity(text.len());
        // Decomposed again after lowering: a few capitals become letters that can be taken apart.
        for c in text.nfkd().flat_map(char::to_lowercase).nfkd() {
            if c.is_whitespace() {
                if !folded.is_empty() && !folded.ends_with(' ') {
                    folded.push(' ');
                }
            } else if !is_dropped(c) {
                push_folded(c, &mut folded);
            }
        }
        folded.truncate(folded.trim_end().len());
        Self(folded)
    }

    /// The folded text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its words: runs of letters and digits.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Accents, cedillas, tashkeel and the hamzas of أ إ آ ؤ ئ are marks once decomposed; tatweel is not.
fn is_dropped(c: char) -> bool {
    is_combining_mark(c) || c == '\u{640}' || c.is_control() || is_invisible(c)
}

fn push_folded(c: char, folded: &mut String) {
    match c {
        'ٱ' => folded.push('ا'),
        'ى' => folded.push('ي'),
        'ة' => folded.push('ه'),
        '\u{660}'..='\u{669}' => folded.push(digit(c, '\u{660}')),
        '\u{6f0}'..='\u{6f9}' => folded.push(digit(c, '\u{6f0}')),
        // Letters that carry their stroke or second letter inside, so that decomposing does not part them.
        'ß' => folded.push_str("ss"),
        'æ' => folded.push_str("ae"),
        'œ' => folded.push_str("oe"),
        'ø' => folded.push('o'),
        'đ' => folded.push('d'),
        'ł' => folded.push('l'),
        '’' | 'ʼ' => folded.push('\''),
        c => folded.push(c),
    }
}

fn digit(c: char, zero: char) -> char {
    char::from_digit(u32::from(c) - u32::from(zero), 10).unwrap_or(c)
}

impl From<Folded> for String {
    fn from(folded: Folded) -> Self {
        folded.0
    }
}

impl AsRef<str> for Folded {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Folded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ToSql<Text, Pg> for Folded {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<Text, Pg>::to_sql(self.0.as_str(), out)
    }
}

/// Trusts the column: what was folded by an older version of this code is what it was.
impl FromSql<Text, Pg> for Folded {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        <String as FromSql<Text, Pg>>::from_sql(value).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn latin_loses_case_and_accents() {
        let cases = [
            ("Crème HYDRATANTE", "creme hydratante"),
            ("Béjaïa", "bejaia"),
            ("Façade", "facade"),
            ("e\u{301}t\u{e9}", "ete"),
            ("Œuf", "oeuf"),
            ("  deux \t mots\n", "deux mots"),
            ("L’Oréal", "l'oreal"),
            ("İstanbul", "istanbul"),
            ("soft\u{ad}hyphen\u{200b}", "softhyphen"),
        ];
        for (text, folded) in cases {
            assert_eq!(Folded::new(text).as_str(), folded, "{text}");
        }
    }

    #[test]
    fn arabic_loses_diacritics_and_spelling_variants() {
        let cases = [
            ("أحمد إبراهيم آدم ٱلله", "احمد ابراهيم ادم الله"),
            ("مستشفى", "مستشفي"),
            ("مدرسة", "مدرسه"),
            ("مؤمن", "مومن"),
            ("رئيس", "رييس"),
            ("مُحَمَّد", "محمد"),
            ("جمـــيل", "جميل"),
            ("٠١٢٣٤٥٦٧٨٩", "0123456789"),
            ("۱۲۳", "123"),
        ];
        for (text, folded) in cases {
            assert_eq!(Folded::new(text).as_str(), folded, "{text}");
        }
    }

    #[test]
    fn words_are_letters_and_digits() {
        let folded = Folded::new("Crème L'Oréal (50ml) – قهوة 100%");
        assert_eq!(folded.words().collect::<Vec<_>>(), ["creme", "l", "oreal", "50ml", "قهوه", "100"]);
        assert_eq!(Folded::new("!? --").words().count(), 0);
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in any::<String>()) {
            let once = Folded::new(&text);
            prop_assert_eq!(Folded::new(once.as_str()), once);
        }

        #[test]
        fn case_makes_no_difference_in_plain_letters(text in "[a-zA-Z0-9 éèàçÉÈÀÇ]{0,30}") {
            prop_assert_eq!(Folded::new(&text.to_uppercase()), Folded::new(&text.to_lowercase()));
        }
    }
}
