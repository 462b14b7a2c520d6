//! What narrows and orders the public list of sellers, and how a name is searched.

use commerce_types::{Folded, SellerCategory};

/// What is looked for; absent members do not narrow.
#[derive(Debug, Clone, Default)]
pub(crate) struct SellerFilter {
    pub(crate) search: Option<NameSearch>,
    pub(crate) seller_category: Option<SellerCategory>,
    /// Folded.
    pub(crate) wilaya: Option<Folded>,
    pub(crate) is_verified: Option<bool>,
}

/// By what a list of accounts is ordered, always made total by the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserSort {
    CreatedAt,
    FullName,
}

/// Which end of the order comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Ascending,
    Descending,
}

/// A part of a list whose total is exact.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    pub(crate) limit: i64,
    pub(crate) offset: i64,
}

/// Words that must all be found in a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NameSearch(Vec<String>);

/// From this length on a word is also found inside another.
const INSIDE: usize = 3;

impl NameSearch {
    pub(crate) fn new(text: &str) -> Self {
        Self(Folded::new(text).words().map(str::to_owned).collect())
    }

    /// Without a single word nothing can be found.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A pattern for `LIKE` on [`name_words`] for each word. Words have no character that means something there.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|word| if word.chars().count() < INSIDE { format!("% {word}%") } else { format!("%{word}%") })
    }
}

/// A name as it is searched: its folded words, each behind a space.
pub(crate) fn name_words(full_name: &str) -> String {
    Folded::new(full_name).words().flat_map(|word| [" ", word]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_their_folded_words() {
        assert_eq!(name_words("  El-Hadj  Bénali (Sétif)"), " el hadj benali setif");
        assert_eq!(name_words("أحمد"), " احمد");
        assert_eq!(name_words("!!"), "");
    }

    #[test]
    fn short_words_are_looked_for_at_the_beginning_of_words() {
        let patterns: Vec<_> = NameSearch::new("El béna").patterns().collect();
        assert_eq!(patterns, ["% el%", "%bena%"]);
    }

    #[test]
    fn search_syntax_means_nothing() {
        assert!(NameSearch::new("%_\\").is_empty());
        assert_eq!(NameSearch::new("100%").patterns().collect::<Vec<_>>(), ["%100%"]);
    }
}
