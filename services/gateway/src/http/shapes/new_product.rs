//! What a seller sends of a product, at creation and afterwards, with the limits of `api.md` 6.1.

use chrono::{DateTime, Utc};
use commerce_types::{Money, SellerCategory};
use garde::Validate;
use protocol::catalog::v1 as wire;
use protocol::types::v1 as types;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::words::SellerCategoryWord;
use crate::http::change::Change;
use crate::http::error::{ApiError, Detail};
use crate::http::fields::{Text, is_public_url, length};
use crate::json;

const IMAGES: usize = 20;
const SPECIFICATIONS_BYTES: usize = 8 * 1024;
const SPECIFICATIONS_DEPTH: usize = 4;
/// Grams.
const HEAVIEST: i64 = 100_000_000;

#[derive(Debug, Deserialize, Clone, Copy, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = NewProductStatus)]
pub enum Status {
    Draft,
    Active,
    Archived,
}

impl From<Status> for wire::ProductStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Draft => Self::Draft,
            Status::Active => Self::Active,
            Status::Archived => Self::Archived,
        }
    }
}

/// Fields of a product, all of which may be left out; which of them must not, creation says.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProductFields)]
pub struct Fields {
    #[serde(default)]
    #[garde(custom(length(3..=200)))]
    #[schema(value_type = Option<String>, nullable = false, min_length = 3, max_length = 200)]
    name: Change<Text>,
    #[serde(default)]
    #[garde(custom(a_price))]
    #[schema(value_type = Option<f64>, nullable = false, minimum = 0, maximum = 99_999_999.99)]
    price: Change<Money>,
    #[serde(default)]
    #[garde(custom(between(0, 10_000_000)))]
    #[schema(value_type = Option<i32>, nullable = false, minimum = 0, maximum = 10_000_000)]
    stock: Change<i32>,
    /// The slug of an active category.
    #[serde(default)]
    #[garde(custom(length(1..=50)))]
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 50)]
    category: Change<Text>,
    #[serde(default)]
    #[garde(custom(length(0..=2_000)))]
    #[schema(value_type = Option<String>, max_length = 2_000)]
    description: Change<Text>,
    #[serde(default)]
    #[garde(custom(length(0..=2_000)))]
    #[schema(value_type = Option<String>, max_length = 2_000)]
    ingredients: Change<Text>,
    #[serde(default)]
    #[garde(custom(length(0..=2_000)))]
    #[schema(value_type = Option<String>, max_length = 2_000)]
    usage_instructions: Change<Text>,
    #[serde(default)]
    #[garde(custom(length(0..=100)))]
    #[schema(value_type = Option<String>, max_length = 100)]
    brand: Change<Text>,
    #[serde(default)]
    #[garde(custom(length(0..=100)))]
    #[schema(value_type = Option<String>, max_length = 100)]
    sku: Change<Text>,
    #[serde(default)]
    #[garde(custom(length(0..=50)))]
    #[schema(value_type = Option<String>, max_length = 50)]
    product_type: Change<Text>,
    #[serde(default)]
    #[garde(custom(length(0..=200)))]
    #[schema(value_type = Option<String>, max_length = 200)]
    delivery_estimate: Change<Text>,
    #[serde(default)]
    #[garde(custom(length(0..=1_000)))]
    #[schema(value_type = Option<String>, max_length = 1_000)]
    shipping_info: Change<Text>,
    #[serde(default)]
    #[garde(custom(length(0..=1_000)))]
    #[schema(value_type = Option<String>, max_length = 1_000)]
    returns_info: Change<Text>,
    #[serde(default)]
    #[garde(custom(length(0..=1_000)))]
    #[schema(value_type = Option<String>, max_length = 1_000)]
    payment_info: Change<Text>,
    #[serde(default)]
    #[garde(custom(length(0..=1_000)))]
    #[schema(value_type = Option<String>, max_length = 1_000)]
    exclusive_offers: Change<Text>,
    #[serde(default)]
    #[garde(custom(a_price))]
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 99_999_999.99)]
    original_price: Change<Money>,
    #[serde(default)]
    #[garde(custom(between(1, 100_000)))]
    #[schema(value_type = Option<i32>, nullable = false, minimum = 1, maximum = 100_000)]
    min_order_quantity: Change<i32>,
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<SellerCategoryWord>, nullable = false)]
    seller_category: Change<SellerCategory>,
    /// False takes it off sale.
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<bool>, nullable = false)]
    in_stock: Change<bool>,
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<bool>, nullable = false)]
    is_new: Change<bool>,
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<bool>, nullable = false)]
    is_promo: Change<bool>,
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = DateTime)]
    countdown_end_date: Change<DateTime<Utc>>,
    #[serde(default)]
    #[garde(custom(several(20, 1..=200)))]
    #[schema(value_type = Option<Vec<String>>, nullable = false, max_items = 20)]
    benefits: Change<Vec<Text>>,
    #[serde(default)]
    #[garde(custom(several(20, 1..=50)))]
    #[schema(value_type = Option<Vec<String>>, nullable = false, max_items = 20)]
    tags: Change<Vec<Text>>,
    /// Kilograms, at most three decimals.
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 100_000)]
    weight: Change<Grams>,
    /// An object of at most 8 KiB and depth 4.
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<Object>)]
    specifications: Change<Box<RawValue>>,
    /// Distinct addresses; replaces the whole set.
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<Vec<String>>, nullable = false, max_items = 20)]
    images: Change<Vec<Text>>,
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, max_length = 2_048)]
    primary_image: Change<Text>,
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, max_length = 2_048)]
    video_url: Change<Text>,
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<Status>, nullable = false)]
    status: Change<Status>,
}

/// A weight in kilograms of at most three decimals, exact.
#[derive(Debug, Clone, Copy)]
struct Grams(i64);

impl<'de> Deserialize<'de> for Grams {
    /// From the text of the number, so that a fourth decimal is seen.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Box::<RawValue>::deserialize(deserializer)?;
        grams(number.get())
            .filter(|grams| *grams <= HEAVIEST)
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("must be a number, 0 to 100000 with at most 3 decimals"))
    }
}

/// Ten times the kilograms, read as dinars, are as many centimes as there are grams: money reads decimals exactly, and
/// refuses what is finer.
fn grams(kilograms: &str) -> Option<i64> {
    let (digits, exponent) = kilograms.split_once(['e', 'E']).unwrap_or((kilograms, "0"));
    let exponent: i64 = exponent.parse().ok()?;
    let tenfold: Money = format!("{digits}e{}", exponent.checked_add(1)?).parse().ok()?;
    Some(tenfold.centimes())
}

const REQUIRED: [&str; 4] = ["name", "price", "stock", "category"];
/// What a change may not clear, and a new product may leave out in both ways.
const NULL_IS_ABSENT: [&str; 9] =
    ["min_order_quantity", "seller_category", "in_stock", "is_new", "is_promo", "benefits", "tags", "images", "status"];

/// What must be there of a new product; otherwise as [`Fields`].
pub struct NewProduct;

impl PartialSchema for NewProduct {
    fn schema() -> RefOr<Schema> {
        match Fields::schema() {
            RefOr::T(Schema::Object(mut fields)) => {
                fields.required = REQUIRED.map(str::to_owned).into();
                for (name, schema) in &mut fields.properties {
                    if NULL_IS_ABSENT.contains(&name.as_str()) {
                        let null = ObjectBuilder::new().schema_type(Type::Null);
                        *schema = OneOfBuilder::new().item(schema.clone()).item(null).into();
                    }
                }
                Schema::Object(fields).into()
            }
            other => other,
        }
    }
}

impl ToSchema for NewProduct {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Fields::schemas(schemas);
    }
}

impl Fields {
    /// A new product: null is as good as absent, and some fields must be there.
    ///
    /// # Errors
    /// 400 with everything that is missing or wrong.
    pub fn create(self, media_url: &str) -> Result<wire::PublishProductRequest, ApiError> {
        let mut wrong = self.wrong(media_url);
        for (field, is_there) in [
            ("name", self.name.value().is_some()),
            ("price", self.price.value().is_some()),
            ("stock", self.stock.value().is_some()),
            ("category", self.category.value().is_some()),
        ] {
            if !is_there {
                wrong.push(Detail::new(field, "is required"));
            }
        }
        if !wrong.is_empty() {
            return Err(ApiError::invalid_all(wrong));
        }
        let text = |change: Change<Text>| set(change).map(String::from);
        Ok(wire::PublishProductRequest {
            name: text(self.name).unwrap_or_default(),
            price: set(self.price).map(Into::into),
            stock: set(self.stock).unwrap_or_default(),
            category: text(self.category).unwrap_or_default(),
            description: text(self.description),
            ingredients: text(self.ingredients),
            usage_instructions: text(self.usage_instructions),
            brand: text(self.brand),
            sku: text(self.sku),
            product_type: text(self.product_type),
            delivery_estimate: text(self.delivery_estimate),
            shipping_info: text(self.shipping_info),
            returns_info: text(self.returns_info),
            payment_info: text(self.payment_info),
            exclusive_offers: text(self.exclusive_offers),
            original_price: set(self.original_price).map(Into::into),
            min_order_quantity: set(self.min_order_quantity),
            seller_category: set(self.seller_category).map(category),
            in_stock: set(self.in_stock),
            is_new: set(self.is_new).unwrap_or_default(),
            is_promo: set(self.is_promo).unwrap_or_default(),
            countdown_end_at: set(self.countdown_end_date).map(protocol::convert::timestamp),
            benefits: texts(set(self.benefits)),
            tags: texts(set(self.tags)),
            weight_grams: set(self.weight).map(|Grams(grams)| grams),
            specifications: set(self.specifications).map(|json| json.get().to_owned()),
            images: texts(set(self.images)),
            primary_image: text(self.primary_image),
            video_url: text(self.video_url),
            status: set(self.status).map_or(wire::ProductStatus::Unspecified, Into::into).into(),
            key: None,
        })
    }

    /// Changes of a product: absent is unchanged, null clears what may be null.
    ///
    /// # Errors
    /// 400: nothing is changed, or something is wrong.
    pub fn change(self, media_url: &str) -> Result<wire::ProductChanges, ApiError> {
        let mut wrong = self.wrong(media_url);
        for (field, is_cleared) in [
            ("name", matches!(self.name, Change::Cleared)),
            ("price", matches!(self.price, Change::Cleared)),
            ("stock", matches!(self.stock, Change::Cleared)),
            ("category", matches!(self.category, Change::Cleared)),
            ("min_order_quantity", matches!(self.min_order_quantity, Change::Cleared)),
            ("seller_category", matches!(self.seller_category, Change::Cleared)),
            ("in_stock", matches!(self.in_stock, Change::Cleared)),
            ("is_new", matches!(self.is_new, Change::Cleared)),
            ("is_promo", matches!(self.is_promo, Change::Cleared)),
            ("benefits", matches!(self.benefits, Change::Cleared)),
            ("tags", matches!(self.tags, Change::Cleared)),
            ("images", matches!(self.images, Change::Cleared)),
            ("status", matches!(self.status, Change::Cleared)),
        ] {
            if is_cleared {
                wrong.push(Detail::new(field, "must not be null"));
            }
        }
        if !wrong.is_empty() {
            return Err(ApiError::invalid_all(wrong));
        }
        let text = |change: Change<Text>| change.map(|value| types::TextChange { value: value.map(Into::into) });
        let list = |change: Change<Vec<Text>>| set(change).map(|list| wire::StringList { values: texts(Some(list)) });
        let changes = wire::ProductChanges {
            name: set(self.name).map(Into::into),
            price: set(self.price).map(Into::into),
            stock: set(self.stock),
            category: set(self.category).map(Into::into),
            description: text(self.description),
            ingredients: text(self.ingredients),
            usage_instructions: text(self.usage_instructions),
            brand: text(self.brand),
            sku: text(self.sku),
            product_type: text(self.product_type),
            delivery_estimate: text(self.delivery_estimate),
            shipping_info: text(self.shipping_info),
            returns_info: text(self.returns_info),
            payment_info: text(self.payment_info),
            exclusive_offers: text(self.exclusive_offers),
            original_price: self.original_price.map(|value| wire::OptionalMoney { value: value.map(Into::into) }),
            min_order_quantity: set(self.min_order_quantity),
            seller_category: set(self.seller_category).map(category),
            in_stock: set(self.in_stock),
            is_new: set(self.is_new),
            is_promo: set(self.is_promo),
            countdown_end_at: self
                .countdown_end_date
                .map(|value| wire::OptionalTime { value: value.map(protocol::convert::timestamp) }),
            benefits: list(self.benefits),
            tags: list(self.tags),
            weight: self.weight.map(|value| wire::OptionalWeight { value: value.map(|Grams(grams)| grams) }),
            specifications: self
                .specifications
                .map(|value| types::TextChange { value: value.map(|json| json.get().to_owned()) }),
            images: list(self.images),
            primary_image: text(self.primary_image),
            video_url: text(self.video_url),
            status: set(self.status).map(|status| wire::ProductStatus::from(status).into()),
        };
        if changes == wire::ProductChanges::default() {
            return Err(ApiError::invalid("", "at least one field is needed"));
        }
        Ok(changes)
    }

    /// What no rule of a single member can tell.
    fn wrong(&self, media_url: &str) -> Vec<Detail> {
        let mut wrong = Vec::new();
        let mut check = |field: String, Text(url): &Text| {
            if !is_public_url(url, media_url) {
                wrong.push(Detail::new(field, "must be a public https address"));
            }
        };
        for (index, image) in self.images.value().into_iter().flatten().enumerate() {
            check(format!("images[{index}]"), image);
        }
        self.primary_image.value().into_iter().for_each(|url| check("primary_image".to_owned(), url));
        self.video_url.value().into_iter().for_each(|url| check("video_url".to_owned(), url));
        if let Some(images) = self.images.value() {
            let mut distinct: Vec<&str> = images.iter().map(|Text(url)| url.as_str()).collect();
            distinct.sort_unstable();
            distinct.dedup();
            if images.len() > IMAGES || distinct.len() < images.len() {
                wrong.push(Detail::new("images", "must be at most 20 distinct addresses"));
            }
        }
        if let Some(specifications) = self.specifications.value() {
            let text = specifications.get();
            let is_object = text.trim_start().starts_with('{');
            if !is_object || text.len() > SPECIFICATIONS_BYTES || json::depth(text) > SPECIFICATIONS_DEPTH {
                wrong.push(Detail::new("specifications", "must be an object of at most 8 KiB and depth 4"));
            }
        }
        wrong
    }
}

fn set<T>(change: Change<T>) -> Option<T> {
    match change {
        Change::Set(value) => Some(value),
        Change::Absent | Change::Cleared => None,
    }
}

/// Without repetitions, in the order of first appearance.
fn texts(list: Option<Vec<Text>>) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    for Text(text) in list.into_iter().flatten() {
        if !distinct.contains(&text) {
            distinct.push(text);
        }
    }
    distinct
}

fn category(category: SellerCategory) -> i32 {
    types::SellerCategory::from(category).into()
}

fn a_price(price: &Change<Money>, (): &()) -> garde::Result {
    match price.value() {
        Some(price) if *price > Money::MAX_PRICE => Err(garde::Error::new("must be at most 99999999.99")),
        _ => Ok(()),
    }
}

fn between(least: i32, most: i32) -> impl FnOnce(&Change<i32>, &()) -> garde::Result {
    move |value, ()| match value.value() {
        Some(value) if !(least..=most).contains(value) => Err(garde::Error::new(format!("must be {least} to {most}"))),
        _ => Ok(()),
    }
}

fn several(
    most: usize,
    limits: std::ops::RangeInclusive<usize>,
) -> impl FnOnce(&Change<Vec<Text>>, &()) -> garde::Result {
    move |list, ()| {
        let Some(list) = list.value() else { return Ok(()) };
        if list.len() > most {
            return Err(garde::Error::new(format!("must have at most {most} entries")));
        }
        length(limits)(list, &())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kilograms_are_read_to_the_gram() {
        for (text, expected) in [("0", 0), ("1.25", 1_250), ("0.001", 1), ("1e2", 100_000), ("1500e-3", 1_500)] {
            assert_eq!(grams(text), Some(expected), "{text}");
        }
        for wrong in ["0.0001", "1.00000001", "-1", "\"5\"", "true", "1e99999999999999999999"] {
            assert_eq!(grams(wrong), None, "{wrong}");
        }
        assert!(serde_json::from_str::<Grams>("100000").is_ok());
        assert!(serde_json::from_str::<Grams>("100000.001").is_err());
    }
}
