//! Products as the contract shows them (`api.md` 6.1).

use chrono::{DateTime, Utc};
use commerce_types::{Money, SellerCategory};
use protocol::catalog::v1 as wire;
use protocol::convert::{Malformed, choice, money, optional_money, optional_time, required, time};
use protocol::types::v1 as types;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::time::{iso, iso_optional};
use super::user::PublicUser;
use super::words::SellerCategoryWord;

/// A product, in lists and details alike.
#[derive(Serialize, ToSchema)]
pub struct Product {
    #[schema(format = Uuid)]
    pub id: String,
    #[schema(format = Uuid)]
    pub seller_id: String,
    /// Never changes.
    pub slug: String,
    name: String,
    #[schema(value_type = f64)]
    price: Money,
    /// Units that can be bought now.
    stock: i32,
    /// A category's slug.
    category: String,
    description: Option<String>,
    ingredients: Option<String>,
    usage_instructions: Option<String>,
    brand: Option<String>,
    sku: Option<String>,
    product_type: Option<String>,
    delivery_estimate: Option<String>,
    shipping_info: Option<String>,
    returns_info: Option<String>,
    payment_info: Option<String>,
    exclusive_offers: Option<String>,
    #[schema(value_type = Option<f64>)]
    original_price: Option<Money>,
    min_order_quantity: i32,
    #[schema(value_type = SellerCategoryWord)]
    seller_category: SellerCategory,
    in_stock: bool,
    is_new: bool,
    is_promo: bool,
    #[serde(serialize_with = "iso_optional")]
    #[schema(value_type = Option<String>, format = DateTime)]
    countdown_end_date: Option<DateTime<Utc>>,
    benefits: Vec<String>,
    tags: Vec<String>,
    /// Kilograms.
    #[schema(value_type = Option<f64>)]
    weight: Option<Thousandths>,
    #[schema(value_type = Option<Object>)]
    specifications: Option<Box<RawValue>>,
    /// By `display_order`, then `id`.
    pub images: Vec<ProductImage>,
    /// Of the one image with `is_primary`.
    primary_image: Option<String>,
    video_url: Option<String>,
    #[schema(value_type = StatusWord)]
    status: &'static str,
    /// 0 to 5; null until there are reviews.
    #[schema(value_type = Option<f64>)]
    rating: Option<Thousandths>,
    pub viewers_count: i64,
    /// Grows with every change but those of stock.
    pub version: i64,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    updated_at: DateTime<Utc>,
    seller: PublicUser,
    /// Of the stock: for the owner and admins, absent for all others.
    #[serde(skip_serializing_if = "Option::is_none")]
    stock_version: Option<i64>,
}

#[derive(ToSchema)]
#[schema(as = ProductStatus)]
#[serde(rename_all = "lowercase")]
pub enum StatusWord {
    Draft,
    Active,
    Archived,
}

/// A picture of a product.
#[derive(Serialize, ToSchema)]
pub struct ProductImage {
    #[schema(format = Uuid)]
    id: String,
    #[schema(format = Uuid)]
    product_id: String,
    pub image_url: String,
    /// Null until it is made, and for foreign pictures.
    thumbnail_url: Option<String>,
    is_primary: bool,
    display_order: i32,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    created_at: DateTime<Utc>,
}

/// A decimal of up to three places, written as short as it can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Thousandths(i64);

impl Serialize for Thousandths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 1_000 == 0 {
            return serializer.serialize_i64(self.0 / 1_000);
        }
        #[expect(clippy::cast_precision_loss, reason = "at most 100 000 000")]
        serializer.serialize_f64(self.0 as f64 / 1_000.0)
    }
}

impl TryFrom<wire::Product> for Product {
    type Error = Malformed;

    fn try_from(product: wire::Product) -> Result<Self, Malformed> {
        let seller = PublicUser::from(required("seller", product.seller)?);
        let primary_image = product.images.iter().find(|image| image.is_primary);
        let specifications = product.specifications.map(RawValue::from_string).transpose();
        Ok(Self {
            seller_id: seller.id.clone(),
            price: money("price", product.price.as_ref())?,
            original_price: optional_money("original_price", product.original_price.as_ref())?,
            seller_category: choice::<types::SellerCategory, _>("seller_category", product.seller_category)?,
            countdown_end_date: optional_time("countdown_end_at", product.countdown_end_at.as_ref())?,
            weight: product.weight_grams.map(Thousandths),
            specifications: specifications.map_err(|_no_json| Malformed::Invalid("specifications"))?,
            primary_image: primary_image.map(|image| image.image_url.clone()),
            images: images(&product.id, product.images)?,
            status: status(product.status)?,
            rating: product.rating_hundredths.map(|hundredths| Thousandths(i64::from(hundredths) * 10)),
            created_at: time("created_at", product.created_at.as_ref())?,
            updated_at: time("updated_at", product.updated_at.as_ref())?,
            id: product.id,
            slug: product.slug,
            name: product.name,
            stock: product.stock,
            category: product.category,
            description: product.description,
            ingredients: product.ingredients,
            usage_instructions: product.usage_instructions,
            brand: product.brand,
            sku: product.sku,
            product_type: product.product_type,
            delivery_estimate: product.delivery_estimate,
            shipping_info: product.shipping_info,
            returns_info: product.returns_info,
            payment_info: product.payment_info,
            exclusive_offers: product.exclusive_offers,
            min_order_quantity: product.min_order_quantity,
            in_stock: product.in_stock,
            is_new: product.is_new,
            is_promo: product.is_promo,
            benefits: product.benefits,
            tags: product.tags,
            video_url: product.video_url,
            viewers_count: product.viewers_count,
            version: product.version,
            seller,
            stock_version: product.stock_version,
        })
    }
}

fn images(product_id: &str, images: Vec<wire::ProductImage>) -> Result<Vec<ProductImage>, Malformed> {
    let image = |image: wire::ProductImage| {
        Ok(ProductImage {
            created_at: time("images.created_at", image.created_at.as_ref())?,
            id: image.id,
            product_id: product_id.to_owned(),
            image_url: image.image_url,
            thumbnail_url: image.thumbnail_url,
            is_primary: image.is_primary,
            display_order: image.display_order,
        })
    };
    images.into_iter().map(image).collect()
}

fn status(number: i32) -> Result<&'static str, Malformed> {
    match wire::ProductStatus::try_from(number) {
        Ok(wire::ProductStatus::Draft) => Ok("draft"),
        Ok(wire::ProductStatus::Active) => Ok("active"),
        Ok(wire::ProductStatus::Archived) => Ok("archived"),
        Ok(wire::ProductStatus::Unspecified) | Err(_) => Err(Malformed::Invalid("status")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_as_short_as_they_can_be() {
        for (thousandths, text) in [(1_250, "1.25"), (2_000, "2"), (1, "0.001"), (0, "0"), (4_300, "4.3")] {
            assert_eq!(serde_json::to_string(&Thousandths(thousandths)).unwrap(), text);
        }
    }
}
