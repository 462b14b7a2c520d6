//! Queries on `product_words` and `vocabulary`, and the conditions that search adds to a list.
//!
//! A word of a query becomes one expression over the GIN index: the word itself, what begins with it, what holds it inside,
//! and those words of names and brands that are one letter off, which the vocabulary knows.

use commerce_types::ProductId;
use diesel::expression::{ValidGrouping, is_aggregate};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, Bool, Integer, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::search::{Field, ProductWords, forgives_typo, is_one_letter_off, reaches_inside, tails};
use crate::store::brands;

/// Before what is left of a word without its first letters: no word begins like that.
const TAIL: char = '-';
/// Before a word of the name.
const NAMED: char = '+';

/// Replaces the words of a product.
pub(crate) async fn write(
    conn: &mut AsyncPgConnection,
    product_id: ProductId,
    words: &ProductWords,
) -> QueryResult<()> {
    let statement = diesel::sql_query(
        "INSERT INTO product_words (product_id, on_sale, created_at, words) \
         SELECT id, on_sale, created_at, $2::text::tsvector FROM products WHERE id = $1 \
         ON CONFLICT (product_id) DO UPDATE SET words = excluded.words",
    );
    statement.bind::<SqlUuid, _>(product_id).bind::<Text, _>(document(words)).execute(conn).await?;
    // Looked up first: of most products every word is known, and what is only read is not waited for.
    let statement = diesel::sql_query(
        "INSERT INTO vocabulary (word) SELECT sought.word FROM unnest($1) AS sought (word) \
         WHERE NOT EXISTS (SELECT FROM vocabulary AS known WHERE known.word = sought.word) \
         ORDER BY sought.word COLLATE \"C\" ON CONFLICT DO NOTHING",
    );
    statement.bind::<Array<Text>, _>(words.vocabulary()).execute(conn).await?;
    if !words.brand.is_empty() {
        brands::insert(conn, &words.brand, &brand_document(words)).await?;
    }
    Ok(())
}

/// A deleted product is not found any more.
pub(crate) async fn delete(conn: &mut AsyncPgConnection, product_ids: &[ProductId]) -> QueryResult<()> {
    let statement = diesel::sql_query("DELETE FROM product_words WHERE product_id = ANY ($1)");
    statement.bind::<Array<SqlUuid>, _>(product_ids).execute(conn).await?;
    Ok(())
}

/// A word of a query, with the words of names and brands that are one letter off.
#[derive(Debug, Clone)]
pub(crate) struct SoughtWord {
    word: String,
    typos: Vec<String>,
}

/// Looks the words of a query up in the vocabulary.
pub(crate) async fn seek(conn: &mut AsyncPgConnection, words: Vec<String>) -> QueryResult<Vec<SoughtWord>> {
    #[derive(QueryableByName)]
    struct Near {
        #[diesel(sql_type = Text)]
        sought: String,
        #[diesel(sql_type = Text)]
        word: String,
    }
    let forgiving: Vec<&str> = words.iter().map(String::as_str).filter(|word| forgives_typo(word)).collect();
    let mut near: Vec<Near> = Vec::new();
    if !forgiving.is_empty() {
        near = diesel::sql_query(NEAR).bind::<Array<Text>, _>(forgiving).load(conn).await?;
    }
    // What holds the word is found without being forgiven anything.
    near.retain(|near| is_one_letter_off(&near.sought, &near.word) && !near.word.contains(&near.sought));
    let typos = |of: &str| near.iter().filter(|near| near.sought == of).map(|near| near.word.clone()).collect();
    Ok(words.into_iter().map(|word| SoughtWord { typos: typos(&word), word }).collect())
}

/// More than is one letter off: which of them are is told here. In the words of the index.
pub(super) const NEAR: &str = "\
    SELECT sought.word AS sought, vocabulary.word FROM unnest($1) AS sought (word) \
    JOIN vocabulary ON char_length(vocabulary.word) >= 4 \
      AND letter_left_out(vocabulary.word) && letter_left_out(sought.word)";

impl SoughtWord {
    /// A word of `tsquery` with what stands behind its colon: `*` for beginnings, and the weights of the fields.
    fn lexeme(word: &str, suffix: &str) -> String {
        format!("'{word}':{suffix}")
    }

    fn inside(&self, weights: &str) -> Option<String> {
        reaches_inside(&self.word).then(|| format!("'{TAIL}{}':*{weights}", self.word))
    }

    fn typos(&self, weights: &str) -> Option<String> {
        let lexemes: Vec<_> = self.typos.iter().map(|word| Self::lexeme(word, weights)).collect();
        (!lexemes.is_empty()).then(|| lexemes.join(" | "))
    }

    /// Whatever counts as found. Without a weight where none is needed: the index alone can tell then.
    fn anywhere(&self) -> String {
        let ways = [Some(Self::lexeme(&self.word, "*")), self.inside(""), self.typos("AB")];
        ways.into_iter().flatten().collect::<Vec<_>>().join(" | ")
    }

    /// How it can be found, with the penalty of each: exact before beginning before inside before typo, name before
    /// brand before description.
    fn ranks(&self) -> Vec<(String, i32)> {
        let mut ranks = Vec::with_capacity(10);
        for (kind, exact_or_beginning) in [(0, ""), (KIND, "*")] {
            for (field, weight) in [(0, "A"), (1, "B"), (2, "C")] {
                ranks.push((Self::lexeme(&self.word, &format!("{exact_or_beginning}{weight}")), kind + field));
            }
        }
        for (field, weight) in [(0, "A"), (1, "B")] {
            ranks.extend(self.inside(weight).map(|inside| (inside, 2 * KIND + field)));
        }
        for (field, weight) in [(0, "A"), (1, "B")] {
            ranks.extend(self.typos(weight).map(|typos| (typos, 3 * KIND + field)));
        }
        ranks
    }
}

/// How much worse the next kind of match is: more than all fields of a query can make up for.
const KIND: i32 = 1_000;

/// The condition that every word is found; names a column `words`.
#[derive(Debug, Clone)]
pub(crate) struct AllFound(String);

impl AllFound {
    pub(crate) fn new(sought: &[SoughtWord]) -> Self {
        let words: Vec<_> = sought.iter().map(|word| format!("({})", word.anywhere())).collect();
        Self(words.join(" & "))
    }
}

impl QueryFragment<Pg> for AllFound {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // Hidden from the planner, which thinks of many alternatives that they are half the market, and then reads all of it.
        out.push_sql("words @@ (SELECT ");
        out.push_bind_param::<Text, _>(&self.0)?;
        out.push_sql("::tsquery)");
        Ok(())
    }
}

/// How well the words are found: the sum of their penalties; names a column `words`.
#[derive(Debug, Clone)]
pub(crate) struct Penalty(Vec<Vec<(String, i32)>>);

impl Penalty {
    pub(crate) fn new(sought: &[SoughtWord]) -> Self {
        Self(sought.iter().map(SoughtWord::ranks).collect())
    }
}

impl QueryFragment<Pg> for Penalty {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // Its text depends on what is sought: a connection must not keep all that anybody ever thinks of.
        out.unsafe_to_cache_prepared();
        out.push_sql("0");
        for ranks in &self.0 {
            out.push_sql(" + CASE");
            for (query, penalty) in ranks {
                out.push_sql(" WHEN words @@ ");
                out.push_bind_param::<Text, _>(query)?;
                out.push_sql("::tsquery THEN ");
                out.push_bind_param::<Integer, _>(penalty)?;
            }
            out.push_sql(" END");
        }
        Ok(())
    }
}

impl Expression for AllFound {
    type SqlType = Bool;
}

impl<QS> AppearsOnTable<QS> for AllFound {}

impl<QS> SelectableExpression<QS> for AllFound {}

impl ValidGrouping<()> for AllFound {
    type IsAggregate = is_aggregate::No;
}

/// Without a type of its own a query with it is known by its text.
impl QueryId for AllFound {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

/// The words as PostgreSQL reads them: each with one position for each field it stands in, those of name and brand with
/// their tails, those of the name once more.
fn document(words: &ProductWords) -> String {
    let mut lexemes = Vec::with_capacity(4 * words.words.len());
    for (field, word) in &words.words {
        match field {
            Field::Name => {
                push_with_tails(word, ":1A", &mut lexemes);
                lexemes.push(format!("'{NAMED}{word}':1A"));
            }
            Field::Brand => push_with_tails(word, ":2B", &mut lexemes),
            Field::Description => lexemes.push(format!("'{word}':3C")),
        }
    }
    lexemes.join(" ")
}

/// The words of the brand with their tails; where they stand does not matter.
fn brand_document(words: &ProductWords) -> String {
    let mut lexemes = Vec::new();
    for word in words.of_brand() {
        push_with_tails(word, "", &mut lexemes);
    }
    lexemes.join(" ")
}

/// Every word must begin one of the name.
pub(crate) fn begins_in_name(words: &[String]) -> String {
    all_of(words, |word| format!("'{NAMED}{word}':*"))
}

/// Every word must be in the name, inside a word if it is long enough.
pub(crate) fn is_in_name(words: &[String]) -> String {
    all_of(words, |word| {
        let beginning = format!("'{NAMED}{word}':*");
        if reaches_inside(word) { format!("({beginning} | '{TAIL}{word}':*A)") } else { beginning }
    })
}

/// Every word must begin one of the brand.
pub(crate) fn begins_in_brand(words: &[String]) -> String {
    all_of(words, |word| format!("'{word}':*"))
}

/// Every word must be in the brand, inside a word if it is long enough.
pub(crate) fn is_in_brand(words: &[String]) -> String {
    all_of(
        words,
        |word| {
            if reaches_inside(word) { format!("('{word}':* | '{TAIL}{word}':*)") } else { format!("'{word}':*") }
        },
    )
}

fn all_of(words: &[String], expression: impl Fn(&str) -> String) -> String {
    words.iter().map(|word| expression(word)).collect::<Vec<_>>().join(" & ")
}

fn push_with_tails(word: &str, place: &str, lexemes: &mut Vec<String>) {
    lexemes.push(format!("'{word}'{place}"));
    lexemes.extend(tails(word).map(|tail| format!("'{TAIL}{tail}'{place}")));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_sought_exactly_as_beginning_inside_and_one_letter_off() {
        let word = SoughtWord { word: "savon".to_owned(), typos: vec!["salon".to_owned(), "avon".to_owned()] };
        let all = "('savon':* | '-savon':* | 'salon':AB | 'avon':AB)";
        assert_eq!(AllFound::new(std::slice::from_ref(&word)).0, all);
        let ranks = word.ranks();
        assert_eq!(ranks[0], ("'savon':A".to_owned(), 0));
        assert_eq!(ranks[5], ("'savon':*C".to_owned(), 1_002));
        assert_eq!(ranks[7], ("'-savon':*B".to_owned(), 2_001));
        assert_eq!(ranks[9], ("'salon':B | 'avon':B".to_owned(), 3_001));
        let short = SoughtWord { word: "or".to_owned(), typos: Vec::new() };
        assert_eq!((short.anywhere().as_str(), short.ranks().len()), ("'or':*", 6));
    }

    #[test]
    fn words_of_name_and_brand_stand_with_their_tails() {
        let words = ProductWords::new("Lait", Some("Lait"), Some("laitage"));
        assert_eq!(document(&words), "'lait':1A '-ait':1A '+lait':1A 'lait':2B '-ait':2B 'laitage':3C");
        assert_eq!(brand_document(&words), "'lait' '-ait'");
    }

    #[test]
    fn names_and_brands_are_looked_up_by_themselves() {
        let words = ["lait".to_owned(), "or".to_owned()];
        assert_eq!(begins_in_name(&words), "'+lait':* & '+or':*");
        assert_eq!(is_in_name(&words), "('+lait':* | '-lait':*A) & '+or':*");
        assert_eq!(begins_in_brand(&words), "'lait':* & 'or':*");
        assert_eq!(is_in_brand(&words), "('lait':* | '-lait':*) & 'or':*");
    }
}
