//! What server events say (7.3 of the contract): public things alone, each with its one conversion from the wire.

use chrono::{DateTime, Utc};
use commerce_types::Money;
use protocol::catalog::v1::ProductFact;
use protocol::convert::Malformed;
use protocol::ordering::v1 as ordering;
use protocol::reels::v1::{ReelFact, Video};
use serde::Serialize;
use uuid::Uuid;

use crate::http::shapes::order::{kind, payment_method, payment_status, status};
use crate::http::shapes::reel::ReelComment;
use crate::http::shapes::time::iso;

/// What every payload has beside what it says.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Told<'a, T> {
    /// By which a repetition is known.
    pub(crate) event_id: Uuid,
    /// Of the fact, in milliseconds.
    pub(crate) timestamp: i64,
    #[serde(flatten)]
    pub(crate) said: &'a T,
}

/// An order, without who bought it.
#[derive(Serialize)]
pub(crate) struct OrderBrief {
    id: String,
    order_number: String,
    kind: String,
    seller_id: String,
    status: String,
    payment_status: String,
    payment_method: String,
    subtotal: Money,
    shipping_cost: Money,
    total: Money,
    items_count: i32,
    tracking_number: Option<String>,
    #[serde(serialize_with = "iso")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "iso")]
    updated_at: DateTime<Utc>,
}

/// A product, as lists show it.
#[derive(Serialize)]
pub(crate) struct ProductBrief {
    id: String,
    slug: String,
    name: String,
    brand: Option<String>,
    category: String,
    price: Money,
    original_price: Option<Money>,
    in_stock: bool,
    is_new: bool,
    is_promo: bool,
    primary_image: Option<String>,
    seller_id: String,
    #[serde(serialize_with = "iso")]
    updated_at: DateTime<Utc>,
}

#[derive(Serialize)]
pub(crate) struct OrderNew {
    pub(crate) order: OrderBrief,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderStatusUpdated {
    pub(crate) order_id: String,
    pub(crate) status: String,
    pub(crate) previous_status: String,
    pub(crate) order: OrderBrief,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProductUpdated {
    pub(crate) product_id: String,
    pub(crate) action: Action,
    pub(crate) product: Option<ProductBrief>,
}

/// After a like was added or removed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReelLikes {
    pub(crate) reel_id: String,
    pub(crate) user_id: String,
    pub(crate) likes_count: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReelCommented {
    pub(crate) reel_id: String,
    pub(crate) comment: ToldComment,
    pub(crate) comments_count: i64,
}

/// With the count in its first place, too.
#[derive(Serialize)]
pub(crate) struct ToldComment {
    #[serde(flatten)]
    pub(crate) comment: ReelComment,
    #[serde(rename = "commentsCount")]
    pub(crate) comments_count: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReelCommentDeleted {
    pub(crate) reel_id: String,
    pub(crate) comment_id: String,
    pub(crate) comments_count: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReelView {
    pub(crate) reel_id: String,
    pub(crate) view_count: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReelWatchable {
    reel_id: String,
    product_id: String,
    video_url: String,
    thumbnail_url: Option<String>,
    duration_seconds: f64,
}

impl ReelWatchable {
    pub(crate) fn new(reel: ReelFact, video: Video) -> Self {
        Self {
            reel_id: reel.id,
            product_id: reel.product_id,
            video_url: video.url,
            thumbnail_url: video.thumbnail_url,
            #[expect(clippy::cast_precision_loss, reason = "some minutes")]
            duration_seconds: video.duration_ms as f64 / 1_000.0,
        }
    }
}

#[derive(Serialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    Updated,
    Removed,
}

impl TryFrom<ordering::OrderBrief> for OrderBrief {
    type Error = Malformed;

    fn try_from(order: ordering::OrderBrief) -> Result<Self, Malformed> {
        Ok(Self {
            kind: kind(order.kind),
            status: status(order.status),
            payment_status: payment_status(order.payment_status),
            payment_method: payment_method(order.payment_method),
            subtotal: money("subtotal", order.subtotal_centimes)?,
            shipping_cost: money("shipping_cost", order.shipping_cost_centimes)?,
            total: money("total", order.total_centimes)?,
            created_at: at("created_at", order.created_at_micros)?,
            updated_at: at("updated_at", order.updated_at_micros)?,
            id: order.id,
            order_number: order.order_number,
            seller_id: order.seller_id,
            items_count: order.items_count,
            tracking_number: order.tracking_number,
        })
    }
}

impl TryFrom<ProductFact> for ProductBrief {
    type Error = Malformed;

    fn try_from(product: ProductFact) -> Result<Self, Malformed> {
        let original_price = product.original_price_centimes.map(|price| money("original_price", price));
        Ok(Self {
            price: money("price", product.price_centimes)?,
            original_price: original_price.transpose()?,
            in_stock: product.in_stock.ok_or(Malformed::Missing("in_stock"))?,
            updated_at: at("updated_at", product.updated_at_micros)?,
            id: product.id,
            slug: product.slug,
            name: product.name,
            brand: product.brand,
            category: product.category,
            is_new: product.is_new,
            is_promo: product.is_promo,
            primary_image: product.image_url,
            seller_id: product.seller_id,
        })
    }
}

fn money(field: &'static str, centimes: i64) -> Result<Money, Malformed> {
    Money::from_centimes(centimes).map_err(|_no_amount| Malformed::Invalid(field))
}

fn at(field: &'static str, micros: i64) -> Result<DateTime<Utc>, Malformed> {
    DateTime::from_timestamp_micros(micros).ok_or(Malformed::Invalid(field))
}
