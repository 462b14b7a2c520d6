//! What products are sorted into.

use std::ops::RangeInclusive;

use commerce_types::{CategoryId, text};
use diesel::{AsChangeset, HasQuery};
use serde::Serialize;

use crate::domain::content::Problem;
use crate::schema::categories;

/// The place of the last there can be.
pub(crate) const LAST: i32 = 1_000;
const NAME_LENGTH: RangeInclusive<usize> = 1..=100;

/// Whether a text can be the slug of a category at all.
pub(crate) fn is_slug(text: &str) -> bool {
    (2..=50).contains(&text.len()) && text.bytes().all(|c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, HasQuery, AsChangeset)]
#[diesel(table_name = categories)]
pub(crate) struct Category {
    pub(crate) id: CategoryId,
    /// What products refer to; never changes.
    pub(crate) slug: String,
    pub(crate) name_fr: String,
    pub(crate) name_ar: String,
    pub(crate) name_en: String,
    pub(crate) display_order: i32,
    /// Offered and accepted; products keep an inactive one.
    pub(crate) is_active: bool,
}

/// A category to be; without `display_order` the last one.
#[derive(Debug, Clone)]
pub(crate) struct NewCategory {
    pub(crate) slug: String,
    pub(crate) name_fr: String,
    pub(crate) name_ar: String,
    /// The slug with a capital, unless it has one.
    pub(crate) name_en: Option<String>,
    pub(crate) display_order: Option<i32>,
    pub(crate) is_active: bool,
}

/// Absent members leave their field alone.
#[derive(Debug, Clone, Default)]
pub(crate) struct CategoryChanges {
    pub(crate) name_fr: Option<String>,
    pub(crate) name_ar: Option<String>,
    pub(crate) name_en: Option<String>,
    pub(crate) display_order: Option<i32>,
    pub(crate) is_active: Option<bool>,
}

impl NewCategory {
    /// As it is written; `last` is the place behind all others.
    pub(crate) fn into_category(self, id: CategoryId, last: i32) -> Category {
        let name_en = self.name_en.unwrap_or_else(|| capitalized(&self.slug));
        Category {
            id,
            slug: self.slug,
            name_fr: self.name_fr,
            name_ar: self.name_ar,
            name_en,
            display_order: self.display_order.unwrap_or(last),
            is_active: self.is_active,
        }
    }
}

impl CategoryChanges {
    pub(crate) fn apply(self, category: &mut Category) {
        let Self { name_fr, name_ar, name_en, display_order, is_active } = self;
        let texts =
            [(name_fr, &mut category.name_fr), (name_ar, &mut category.name_ar), (name_en, &mut category.name_en)];
        for (new, old) in texts {
            if let Some(new) = new {
                *old = new;
            }
        }
        category.display_order = display_order.unwrap_or(category.display_order);
        category.is_active = is_active.unwrap_or(category.is_active);
    }
}

impl Category {
    /// Trims the names, and names all that is out of its limits.
    pub(crate) fn check(&mut self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if !is_slug(&self.slug) {
            problems.push(Problem::new("slug", "must be 2 to 50 of a-z, 0-9 and -"));
        }
        let names = [("name_fr", &mut self.name_fr), ("name_ar", &mut self.name_ar), ("name_en", &mut self.name_en)];
        for (field, name) in names {
            match text::within(name, NAME_LENGTH) {
                Ok(cleaned) => *name = cleaned,
                Err(error) => problems.push(Problem::new(field, error.to_string())),
            }
        }
        if !(0..=LAST).contains(&self.display_order) {
            problems.push(Problem::new("display_order", format!("must be 0 to {LAST}")));
        }
        problems
    }
}

fn capitalized(slug: &str) -> String {
    let mut letters = slug.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn new() -> NewCategory {
        NewCategory {
            slug: "garden-2".to_owned(),
            name_fr: " Jardin ".to_owned(),
            name_ar: "حديقة".to_owned(),
            name_en: None,
            display_order: None,
            is_active: true,
        }
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let mut category = new().into_category(Uuid::nil().into(), 21);
        assert_eq!(category.check(), []);
        let texts = (category.name_fr.as_str(), category.name_en.as_str(), category.display_order);
        assert_eq!(texts, ("Jardin", "Garden-2", 21));
    }

    #[test]
    fn what_is_out_of_its_limits_is_named_all_at_once() {
        let wrong = NewCategory {
            slug: "Jardin".to_owned(),
            name_fr: " ".to_owned(),
            name_ar: "a".repeat(101),
            display_order: Some(1_001),
            ..new()
        };
        let problems = wrong.into_category(Uuid::nil().into(), 0).check();
        let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["slug", "name_fr", "name_ar", "display_order"]);
    }

    #[test]
    fn changes_reach_their_fields_and_no_other() {
        let mut category = new().into_category(Uuid::nil().into(), 21);
        let before = category.clone();
        CategoryChanges::default().apply(&mut category);
        assert_eq!(category, before);
        let changes = CategoryChanges {
            name_ar: Some("بستان".to_owned()),
            display_order: Some(3),
            is_active: Some(false),
            ..CategoryChanges::default()
        };
        changes.apply(&mut category);
        let expected = Category { name_ar: "بستان".to_owned(), display_order: 3, is_active: false, ..before };
        assert_eq!(category, expected);
    }
}
