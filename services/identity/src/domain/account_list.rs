//! What narrows the list of all accounts, and how an admin finds one.

use commerce_types::{Approval, Role, SellerCategory};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};

use crate::domain::seller_list::NameSearch;

/// Absent members do not narrow.
#[derive(Debug, Clone, Default)]
pub(crate) struct AccountFilter {
    pub(crate) search: Option<AccountSearch>,
    pub(crate) role: Option<Role>,
    pub(crate) seller_category: Option<SellerCategory>,
    pub(crate) approval: Option<Approval>,
    pub(crate) is_verified: Option<bool>,
    pub(crate) is_active: Option<bool>,
    /// Tombstones instead of the living.
    pub(crate) deleted: bool,
}

/// A text that may be words of a name, or the beginning of an e-mail address or of a phone; any of them will do.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct AccountSearch {
    pub(crate) name: NameSearch,
    /// In lower case.
    pub(crate) email_beginning: String,
    /// As phones are stored; several when it is not said from where the digits count.
    pub(crate) phone_beginnings: Vec<String>,
}

impl AccountSearch {
    pub(crate) fn new(text: &str) -> Self {
        let text = text.trim();
        Self {
            name: NameSearch::new(text),
            email_beginning: text.to_lowercase(),
            phone_beginnings: phone_beginnings(text),
        }
    }
}

impl std::fmt::Debug for AccountSearch {
    /// Personal data may stand in it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccountSearch(hidden)")
    }
}

/// Nothing, unless all of the text is the beginning of a number.
fn phone_beginnings(text: &str) -> Vec<String> {
    let number: String = text.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '.' | '-' | '(' | ')')).collect();
    let digits = number.strip_prefix('+').unwrap_or(&number);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    // A zero after the country code is superfluous; one that stands alone is the beginning of every number at home.
    let international = |digits: &str| match digits.strip_prefix("2130") {
        Some(rest) => format!("+213{rest}"),
        None => format!("+{digits}"),
    };
    match (number.starts_with('+'), digits.strip_prefix("00"), digits.strip_prefix('0')) {
        (true, ..) => vec![international(digits)],
        (false, Some(abroad), _) => vec![international(abroad)],
        (false, None, Some(at_home)) => vec![format!("+213{at_home}")],
        (false, None, None) => vec![international(digits), format!("+213{digits}")],
    }
}

/// How many living accounts are alike.
#[derive(Debug, Clone, QueryableByName)]
pub(crate) struct Alike {
    #[diesel(sql_type = Text)]
    pub(crate) role: Role,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) approval: Option<Approval>,
    #[diesel(sql_type = Bool)]
    pub(crate) is_active: bool,
    #[diesel(sql_type = BigInt)]
    pub(crate) accounts: i64,
}

/// Counts of all living accounts.
#[derive(Debug, Clone)]
pub(crate) struct AccountCounts(Vec<Alike>);

impl AccountCounts {
    pub(crate) fn new(alike: Vec<Alike>) -> Self {
        Self(alike)
    }

    pub(crate) fn of_role(&self, role: Role) -> i64 {
        self.sum(|alike| alike.role == role)
    }

    pub(crate) fn pending_sellers(&self) -> i64 {
        self.sum(|alike| alike.approval == Some(Approval::Pending))
    }

    pub(crate) fn inactive(&self) -> i64 {
        self.sum(|alike| !alike.is_active)
    }

    fn sum(&self, counts: impl Fn(&Alike) -> bool) -> i64 {
        self.0.iter().filter(|alike| counts(alike)).map(|alike| alike.accounts).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_number_begins_alike() {
        for text in ["+213 555 12", "00213555.12", "0555 12", "(+213) 0555-12"] {
            assert_eq!(phone_beginnings(text), ["+21355512"], "{text}");
        }
        assert_eq!(phone_beginnings("55512"), ["+55512", "+21355512"]);
        assert_eq!(phone_beginnings("213555"), ["+213555", "+213213555"]);
        assert_eq!(phone_beginnings("0033 6"), ["+336"]);
        for text in ["", "+", "amina", "0555x", "%", "()"] {
            assert_eq!(phone_beginnings(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_search_is_not_shown() {
        let shown = format!(
            "{:?}",
            AccountFilter { search: Some(AccountSearch::new("Amina@Example.dz")), ..Default::default() }
        );
        assert!(!shown.to_lowercase().contains("amina"), "{shown}");
        assert_eq!(AccountSearch::new(" Amina@Example.dz ").email_beginning, "amina@example.dz");
    }
}
