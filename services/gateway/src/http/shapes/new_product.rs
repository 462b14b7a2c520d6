//! What a seller sends of a product, at creation and afterwards, with the limits of `api.md` 6.1.

mod message;
mod rules;
mod weight;

use chrono::{DateTime, Utc};
use commerce_types::{Money, SellerCategory};
use garde::Validate;
use protocol::catalog::v1 as wire;
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use self::rules::{a_price, between, several};
use self::weight::Grams;
use super::words::SellerCategoryWord;
use crate::http::change::Change;
use crate::http::fields::{Text, length};

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
