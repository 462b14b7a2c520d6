//! What a search may be about: products, brands and categories that answer to the words typed so far.

use commerce_types::{CategoryId, ProductId};
use diesel::Queryable;
use serde::{Deserialize, Serialize};

use crate::domain::category::Category;
use crate::domain::search::{Fit, fit};

/// Suggestions in one answer at most.
pub(crate) const MOST: usize = 10;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Suggestion {
    Product(SuggestedProduct),
    /// Its most frequent spelling.
    Brand(String),
    Category {
        id: CategoryId,
        slug: String,
        /// In the language of the query.
        name: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Queryable)]
pub(crate) struct SuggestedProduct {
    pub(crate) id: ProductId,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) image_url: Option<String>,
}

/// Products and brands that fit.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Suggested {
    /// Every word begins one of theirs.
    pub(crate) beginnings: Alike,
    /// Some are only inside.
    pub(crate) insides: Alike,
}

/// Those that fit equally well.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Alike {
    pub(crate) products: Vec<SuggestedProduct>,
    pub(crate) brands: Vec<String>,
}

/// Beginnings of words first; of what fits equally well one of each kind in turn.
pub(crate) fn choose(found: &Suggested, categories: &[Category], sought: &[String], limit: usize) -> Vec<Suggestion> {
    let named: Vec<(Fit, Suggestion)> = categories.iter().filter_map(|category| named(category, sought)).collect();
    let mut chosen = Vec::with_capacity(limit);
    for (fit, alike) in [(Fit::Beginning, &found.beginnings), (Fit::Inside, &found.insides)] {
        let mut products = alike.products.iter().cloned().map(Suggestion::Product);
        let mut brands = alike.brands.iter().cloned().map(Suggestion::Brand);
        let mut categories = named.iter().filter(|(of, _)| *of == fit).map(|(_, suggestion)| suggestion.clone());
        loop {
            let turn: Vec<Suggestion> =
                [products.next(), brands.next(), categories.next()].into_iter().flatten().collect();
            if turn.is_empty() {
                break;
            }
            chosen.extend(turn);
        }
    }
    chosen.truncate(limit);
    chosen
}

/// By the name that fits best, the French one before the others.
fn named(category: &Category, sought: &[String]) -> Option<(Fit, Suggestion)> {
    let names = [&category.name_fr, &category.name_ar, &category.name_en];
    let fitting = names.into_iter().filter_map(|name| fit(name, sought).map(|fit| (fit, name)));
    let (fit, name) = fitting.min_by_key(|(fit, _)| *fit)?;
    let suggestion = Suggestion::Category { id: category.id, slug: category.slug.clone(), name: name.clone() };
    Some((fit, suggestion))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn category(slug: &str, name_fr: &str, name_ar: &str) -> Category {
        Category {
            id: Uuid::nil().into(),
            slug: slug.to_owned(),
            name_fr: name_fr.to_owned(),
            name_ar: name_ar.to_owned(),
            name_en: slug.to_owned(),
            display_order: 1,
            is_active: true,
        }
    }

    fn product(name: &str) -> SuggestedProduct {
        SuggestedProduct { id: Uuid::nil().into(), slug: String::new(), name: name.to_owned(), image_url: None }
    }

    fn texts(chosen: &[Suggestion]) -> Vec<&str> {
        chosen
            .iter()
            .map(|suggestion| match suggestion {
                Suggestion::Product(product) => product.name.as_str(),
                Suggestion::Brand(name) | Suggestion::Category { name, .. } => name,
            })
            .collect()
    }

    #[test]
    fn beginnings_go_before_insides_and_kinds_take_turns() {
        let found = Suggested {
            beginnings: Alike { products: vec![product("Par A"), product("Par B")], brands: vec!["Parisa".to_owned()] },
            insides: Alike { products: vec![product("Appareil")], brands: vec!["Separ".to_owned()] },
        };
        let categories = [category("perfume", "Parfums", "عطور"), category("x", "Appareils", "ا")];
        let sought = ["par".to_owned()];
        let all = ["Par A", "Parisa", "Parfums", "Par B", "Appareil", "Separ", "Appareils"];
        assert_eq!(texts(&choose(&found, &categories, &sought, 10)), all);
        assert_eq!(texts(&choose(&found, &categories, &sought, 2)), all[..2]);
    }

    #[test]
    fn a_category_is_called_as_it_was_asked_for() {
        let categories = [category("perfume", "Parfums", "عطور")];
        for (sought, name) in [("parf", "Parfums"), ("عط", "عطور"), ("perf", "perfume")] {
            let chosen = choose(&Suggested::default(), &categories, &[sought.to_owned()], 8);
            assert_eq!(texts(&chosen), [name]);
        }
        assert!(choose(&Suggested::default(), &categories, &["zz".to_owned()], 8).is_empty());
    }
}
