//! What a seller says of a product, and the limits of it (api.md 6.1).

use chrono::{DateTime, Utc};
use commerce_types::text::{self, TextError};
use commerce_types::{Money, SellerCategory};
use diesel::{AsChangeset, Insertable, Queryable, Selectable};
use serde::Serialize;

use crate::domain::product::ProductStatus;
use crate::schema::products;

/// What is wrong with a field, in its public name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) field: String,
    pub(crate) message: String,
}

impl Problem {
    pub(crate) fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = products, treat_none_as_null = true)]
pub(crate) struct Content {
    pub(crate) name: String,
    pub(crate) price: Money,
    pub(crate) category: String,
    pub(crate) description: Option<String>,
    pub(crate) ingredients: Option<String>,
    pub(crate) usage_instructions: Option<String>,
    pub(crate) brand: Option<String>,
    pub(crate) sku: Option<String>,
    pub(crate) product_type: Option<String>,
    pub(crate) delivery_estimate: Option<String>,
    pub(crate) shipping_info: Option<String>,
    pub(crate) returns_info: Option<String>,
    pub(crate) payment_info: Option<String>,
    pub(crate) exclusive_offers: Option<String>,
    pub(crate) original_price: Option<Money>,
    pub(crate) min_order_quantity: i32,
    pub(crate) seller_category: SellerCategory,
    pub(crate) is_new: bool,
    pub(crate) is_promo: bool,
    pub(crate) countdown_end_at: Option<DateTime<Utc>>,
    pub(crate) benefits: Vec<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) weight_grams: Option<i64>,
    /// A JSON object.
    pub(crate) specifications: Option<String>,
    pub(crate) video_url: Option<String>,
    pub(crate) status: ProductStatus,
}

/// Absent members leave their field alone; `Some(None)` clears it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ContentChanges {
    pub(crate) name: Option<String>,
    pub(crate) price: Option<Money>,
    pub(crate) category: Option<String>,
    pub(crate) description: Option<Option<String>>,
    pub(crate) ingredients: Option<Option<String>>,
    pub(crate) usage_instructions: Option<Option<String>>,
    pub(crate) brand: Option<Option<String>>,
    pub(crate) sku: Option<Option<String>>,
    pub(crate) product_type: Option<Option<String>>,
    pub(crate) delivery_estimate: Option<Option<String>>,
    pub(crate) shipping_info: Option<Option<String>>,
    pub(crate) returns_info: Option<Option<String>>,
    pub(crate) payment_info: Option<Option<String>>,
    pub(crate) exclusive_offers: Option<Option<String>>,
    pub(crate) original_price: Option<Option<Money>>,
    pub(crate) min_order_quantity: Option<i32>,
    pub(crate) seller_category: Option<SellerCategory>,
    pub(crate) is_new: Option<bool>,
    pub(crate) is_promo: Option<bool>,
    pub(crate) countdown_end_at: Option<Option<DateTime<Utc>>>,
    pub(crate) benefits: Option<Vec<String>>,
    pub(crate) tags: Option<Vec<String>>,
    pub(crate) weight_grams: Option<Option<i64>>,
    pub(crate) specifications: Option<Option<String>>,
    pub(crate) video_url: Option<Option<String>>,
    pub(crate) status: Option<ProductStatus>,
}

/// Calls `$each!(field)` for every field that changes and contents share.
macro_rules! for_each_field {
    ($each:ident) => {
        $each!(
            name price category description ingredients usage_instructions brand sku product_type delivery_estimate
            shipping_info returns_info payment_info exclusive_offers original_price min_order_quantity seller_category
            is_new is_promo countdown_end_at benefits tags weight_grams specifications video_url status
        )
    };
}

impl ContentChanges {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn apply(self, content: &mut Content) {
        macro_rules! take {
            ($($field:ident)+) => {
                $(if let Some(value) = self.$field { content.$field = value; })+
            };
        }
        for_each_field!(take);
    }
}

impl Content {
    /// Trims the texts, and names all that is out of its limits.
    pub(crate) fn check(&mut self) -> Vec<Problem> {
        let mut problems = Problems::default();
        problems.required("name", &mut self.name, 3, 200);
        problems.price("price", Some(self.price));
        problems.price("original_price", self.original_price);
        let texts = [
            ("description", &mut self.description, 2_000),
            ("ingredients", &mut self.ingredients, 2_000),
            ("usage_instructions", &mut self.usage_instructions, 2_000),
            ("brand", &mut self.brand, 100),
            ("sku", &mut self.sku, 100),
            ("product_type", &mut self.product_type, 50),
            ("delivery_estimate", &mut self.delivery_estimate, 200),
            ("shipping_info", &mut self.shipping_info, 1_000),
            ("returns_info", &mut self.returns_info, 1_000),
            ("payment_info", &mut self.payment_info, 1_000),
            ("exclusive_offers", &mut self.exclusive_offers, 1_000),
            ("video_url", &mut self.video_url, 2_048),
        ];
        for (field, value, most) in texts {
            problems.optional(field, value, most);
        }
        problems.range("min_order_quantity", i64::from(self.min_order_quantity), 1, 100_000);
        problems.range("weight", self.weight_grams.unwrap_or(0), 0, 100_000_000);
        problems.labels("benefits", &mut self.benefits, 200);
        problems.labels("tags", &mut self.tags, 50);
        problems.specifications(self.specifications.as_deref());
        problems.0
    }
}

#[derive(Default)]
struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(Problem::new(field, message));
    }

    fn text(&mut self, field: impl Into<String>, cleaned: Result<String, TextError>) -> Option<String> {
        cleaned.map_err(|error| self.add(field, error.to_string())).ok()
    }

    fn required(&mut self, field: &str, value: &mut String, least: usize, most: usize) {
        if let Some(cleaned) = self.text(field, text::within(value, least..=most)) {
            *value = cleaned;
        }
    }

    fn optional(&mut self, field: &str, value: &mut Option<String>, most: usize) {
        if let Some(written) = value
            && let Some(cleaned) = self.text(field, text::within(written, 0..=most))
        {
            *written = cleaned;
        }
    }

    fn price(&mut self, field: &str, value: Option<Money>) {
        if value.is_some_and(|value| value > Money::MAX_PRICE) {
            self.add(field, format!("must be at most {}", Money::MAX_PRICE));
        }
    }

    fn range(&mut self, field: &str, value: i64, least: i64, most: i64) {
        if !(least..=most).contains(&value) {
            self.add(field, format!("must be {least} to {most}"));
        }
    }

    /// Each label once, in the order of first appearance.
    fn labels(&mut self, field: &str, labels: &mut Vec<String>, most: usize) {
        if labels.len() > 20 {
            self.add(field, "must have at most 20 entries");
        }
        let mut kept: Vec<String> = Vec::with_capacity(labels.len());
        for (at, label) in labels.iter().enumerate() {
            let cleaned = self.text(format!("{field}[{at}]"), text::within(label, 1..=most));
            kept.extend(cleaned.filter(|label| !kept.contains(label)));
        }
        *labels = kept;
    }

    fn specifications(&mut self, specifications: Option<&str>) {
        let Some(text) = specifications else { return };
        match serde_json::from_str(text) {
            Ok(serde_json::Value::Object(object)) => {
                if text.len() > 8 * 1024 {
                    self.add("specifications", "must be at most 8 KiB");
                }
                if depth(&serde_json::Value::Object(object)) > 4 {
                    self.add("specifications", "must be at most 4 levels deep");
                }
            }
            _ => self.add("specifications", "must be a JSON object"),
        }
    }
}

/// Of an object without members or a list without entries: 1.
fn depth(value: &serde_json::Value) -> usize {
    match value {
        serde_json::Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        serde_json::Value::Array(entries) => 1 + entries.iter().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content() -> Content {
        Content {
            name: "Savon d'Alep".to_owned(),
            price: Money::from_centimes(45_000).unwrap(),
            category: "skincare".to_owned(),
            description: None,
            ingredients: None,
            usage_instructions: None,
            brand: None,
            sku: None,
            product_type: None,
            delivery_estimate: None,
            shipping_info: None,
            returns_info: None,
            payment_info: None,
            exclusive_offers: None,
            original_price: None,
            min_order_quantity: 1,
            seller_category: SellerCategory::Grossiste,
            is_new: false,
            is_promo: false,
            countdown_end_at: None,
            benefits: Vec::new(),
            tags: Vec::new(),
            weight_grams: None,
            specifications: None,
            video_url: None,
            status: ProductStatus::Active,
        }
    }

    fn wrong(change: impl FnOnce(&mut Content)) -> Vec<String> {
        let mut content = content();
        change(&mut content);
        content.check().into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn what_is_within_the_limits_passes() {
        assert_eq!(wrong(|_| {}), Vec::<String>::new());
        assert_eq!(wrong(|content| content.name = "  abc  ".to_owned()), Vec::<String>::new());
        assert_eq!(wrong(|content| content.specifications = Some("{\"a\":{\"b\":{\"c\":[1]}}}".to_owned())), [""; 0]);
    }

    #[test]
    fn labels_are_trimmed_and_stand_once() {
        let mut content = content();
        content.tags = vec!["bio".to_owned(), " bio ".to_owned(), "doux".to_owned()];
        assert_eq!(content.check(), []);
        assert_eq!(content.tags, ["bio", "doux"]);
    }

    #[test]
    fn what_is_out_of_them_is_named_all_at_once() {
        let fields = wrong(|content| {
            content.name = "\u{200b}\u{200b}\u{200b}".to_owned();
            content.price = Money::MAX;
            content.brand = Some("b".repeat(101));
            content.min_order_quantity = 0;
            content.weight_grams = Some(100_000_001);
            content.tags = (0..21).map(|n| n.to_string()).collect();
            content.benefits = vec![" ".to_owned(), "bon".to_owned()];
            content.specifications = Some("{\"a\":{\"b\":{\"c\":{\"d\":[]}}}}".to_owned());
        });
        let expected =
            ["name", "price", "brand", "min_order_quantity", "weight", "benefits[0]", "tags", "specifications"];
        assert_eq!(fields, expected);
        assert_eq!(wrong(|content| content.specifications = Some("[1]".to_owned())), ["specifications"]);
        assert_eq!(wrong(|content| content.description = Some("a\0".to_owned())), ["description"]);
    }

    #[test]
    fn changes_reach_their_fields_and_no_other() {
        let mut changed = content();
        changed.brand = Some("Old".to_owned());
        let before = changed.clone();
        let changes = ContentChanges {
            price: Some(Money::ZERO),
            brand: Some(None),
            is_promo: Some(true),
            ..ContentChanges::default()
        };
        assert!(!changes.is_empty() && ContentChanges::default().is_empty());
        changes.apply(&mut changed);
        let expected = Content { price: Money::ZERO, brand: None, is_promo: true, ..before };
        assert_eq!(changed, expected);
    }
}
