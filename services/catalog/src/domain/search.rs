//! The words by which products are found, folded alike on both sides.

use commerce_types::Folded;

/// Longer words are known by their beginning; a query has no longer ones.
const LONGEST_WORD: usize = 100;
/// From this length on a word is also looked for inside others.
const SHORTEST_INSIDE: usize = 3;
/// From this length on a word of a query is forgiven one letter.
const SHORTEST_FORGIVEN: usize = 5;

/// Where a word stands; the order is that of relevance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Name,
    Brand,
    Description,
}

/// The words of a product, field by field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProductWords {
    pub(crate) words: Vec<(Field, String)>,
    /// Empty when there is none to speak of.
    pub(crate) brand: Folded,
}

impl ProductWords {
    pub(crate) fn new(name: &str, brand: Option<&str>, description: Option<&str>) -> Self {
        let fields = [(Field::Name, Some(name)), (Field::Brand, brand), (Field::Description, description)];
        let words = fields
            .into_iter()
            .flat_map(|(field, text)| words(text.unwrap_or_default()).into_iter().map(move |word| (field, word)));
        Self { words: words.collect(), brand: brand.map(Folded::new).unwrap_or_default() }
    }

    /// Those of the brand.
    pub(crate) fn of_brand(&self) -> impl Iterator<Item = &str> {
        self.words.iter().filter(|(field, _)| *field == Field::Brand).map(|(_, word)| word.as_str())
    }

    /// Those that a word with a typo is held against, sorted: the order in which they are written everywhere.
    pub(crate) fn vocabulary(&self) -> Vec<&str> {
        let known = self.words.iter().filter(|(field, _)| *field != Field::Description);
        let mut known: Vec<&str> = known.map(|(_, word)| word.as_str()).collect();
        known.sort_unstable();
        known.dedup();
        known
    }
}

/// The words of a query; none when it has no letter and no digit, and then nothing is found.
pub(crate) fn query_words(query: &str) -> Vec<String> {
    words(query)
}

/// Whether a query's word is also looked for inside other words.
pub(crate) fn reaches_inside(word: &str) -> bool {
    word.chars().count() >= SHORTEST_INSIDE
}

/// What is left of a word without its first letters, as long as it can be looked for: whatever is inside a word is the
/// beginning of one of these.
pub(crate) fn tails(word: &str) -> impl Iterator<Item = &str> {
    let starts = word.char_indices().skip(1).map(|(start, _)| start);
    starts.map(|start| &word[start..]).take_while(|tail| reaches_inside(tail))
}

/// How well a text answers to a query; the order is that of suggestions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    /// Every word of the query begins a word of the text.
    Beginning,
    /// Every one does, or is inside a word.
    Inside,
}

/// None when a word is missing.
pub(crate) fn fit(text: &str, sought: &[String]) -> Option<Fit> {
    let words = words(text);
    let fit_of = |sought: &String| {
        if words.iter().any(|word| word.starts_with(sought)) {
            Some(Fit::Beginning)
        } else {
            (reaches_inside(sought) && words.iter().any(|word| word.contains(sought))).then_some(Fit::Inside)
        }
    };
    sought.iter().map(fit_of).collect::<Option<Vec<_>>>()?.into_iter().max()
}

/// Whether a query's word is forgiven one wrong, missing or extra letter.
pub(crate) fn forgives_typo(word: &str) -> bool {
    word.chars().count() >= SHORTEST_FORGIVEN
}

/// Whether one wrong, missing or extra letter makes one word of the other. Two letters that changed places are two wrong
/// ones.
pub(crate) fn is_one_letter_off(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let alike = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[alike..], &other[alike..]);
    let alike = one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    matches!((one.len() - alike, other.len() - alike), (1, 1) | (0, 1) | (1, 0))
}

/// Each word once, in the order of first appearance.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for word in Folded::new(text).words() {
        let word: String = word.chars().take(LONGEST_WORD).collect();
        if seen.insert(word.clone()) {
            words.push(word);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_folded_and_stand_once_in_each_field() {
        let words = ProductWords::new("Crème CRÈME Nivéa", Some("Nivéa"), Some("crème de jour"));
        let vocabulary = words.vocabulary();
        assert_eq!(vocabulary, ["creme", "nivea"]);
        assert_eq!(words.words.len(), 2 + 1 + 3);
    }

    #[test]
    fn a_query_of_signs_has_no_words() {
        assert!(query_words("%% _ ' & | ! :*").is_empty());
        assert_eq!(query_words("l'été:*"), ["l", "ete"]);
    }

    #[test]
    fn words_have_an_end() {
        let word = &query_words(&"ع".repeat(500))[0];
        assert_eq!(word.chars().count(), LONGEST_WORD);
        assert!(reaches_inside("abc") && !reaches_inside("اب"));
    }

    #[test]
    fn tails_are_as_long_as_what_is_looked_for() {
        assert_eq!(tails("savon").collect::<Vec<_>>(), ["avon", "von"]);
        assert_eq!(tails("قهوه").collect::<Vec<_>>(), ["هوه"]);
        assert_eq!(tails("eau").count() + tails("").count(), 0);
    }

    #[test]
    fn a_text_fits_as_well_as_the_worst_of_the_words() {
        let fit_of = |query: &str| fit("Soins de l'été, العناية", &query_words(query));
        assert_eq!(fit_of("soi ete"), Some(Fit::Beginning));
        assert_eq!(fit_of("العنا"), Some(Fit::Beginning));
        assert_eq!(fit_of("soi oin"), Some(Fit::Inside));
        assert_eq!(fit_of("عناية"), Some(Fit::Inside));
        assert_eq!((fit_of("te"), fit_of("soin x"), fit_of("")), (None, None, None));
    }

    #[test]
    fn one_letter_is_forgiven_wherever_it_is() {
        let near = ["savin", "aavon", "savoo", "avon", "savo", "svon", "xsavon", "savonx", "savvon", "saxvon"];
        for other in near {
            assert!(is_one_letter_off("savon", other) && is_one_letter_off(other, "savon"), "{other}");
        }
        for other in ["savon", "savno", "asvon", "sav", "savonxx", "xavin", "avonx", "", "voa"] {
            assert!(!is_one_letter_off("savon", other) && !is_one_letter_off(other, "savon"), "{other}");
        }
        assert!(is_one_letter_off("عطور", "عطر") && !is_one_letter_off("عطور", "عطرو"));
        assert!(forgives_typo("savon") && forgives_typo("القهو") && !forgives_typo("eaux") && !forgives_typo("قهوه"));
    }

    /// By the book: the fewest letters to change, leave out or put in.
    fn distance(one: &str, other: &str) -> usize {
        let other: Vec<char> = other.chars().collect();
        let mut row: Vec<usize> = (0..=other.len()).collect();
        for (i, a) in one.chars().enumerate() {
            let mut diagonal = std::mem::replace(&mut row[0], i + 1);
            for (j, b) in other.iter().enumerate() {
                let changed = diagonal + usize::from(a != *b);
                diagonal = row[j + 1];
                row[j + 1] = changed.min(row[j] + 1).min(row[j + 1] + 1);
            }
        }
        row[other.len()]
    }

    proptest! {
        #[test]
        fn one_letter_off_is_a_distance_of_one(one in "[abش]{0,7}", other in "[abش]{0,7}") {
            prop_assert_eq!(is_one_letter_off(&one, &other), distance(&one, &other) == 1);
        }

        #[test]
        fn what_is_inside_a_word_begins_one_of_its_tails(word in "[abل]{0,9}", sought in "[abل]{3,5}") {
            let is_inside = word.chars().skip(1).collect::<String>().contains(&sought);
            prop_assert_eq!(tails(&word).any(|tail| tail.starts_with(&sought)), is_inside);
        }
    }
}
