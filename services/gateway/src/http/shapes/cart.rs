//! Carts as the contract shows them (`api.md` 8).

use chrono::{DateTime, Utc};
use commerce_types::Money;
use protocol::cart::v1 as wire;
use protocol::convert::{Malformed, money, optional_money, required, time};
use serde::Serialize;
use utoipa::ToSchema;

use super::product::Product;
use super::time::iso;

/// A line, with the product as it is now.
#[derive(Serialize, ToSchema)]
pub struct CartItem {
    id: String,
    user_id: String,
    product_id: String,
    seller_id: String,
    /// As it was when the line was last added to, set or merged; so are image and price.
    product_name: String,
    product_image: Option<String>,
    #[schema(value_type = f64)]
    product_price: Money,
    quantity: i32,
    /// Null when it is not on sale any more.
    product: Option<Product>,
    #[schema(value_type = Option<f64>)]
    current_price: Option<Money>,
    price_changed: bool,
    /// Units that can be bought now.
    available: Option<i32>,
    in_stock: Option<bool>,
    orderable: bool,
    #[schema(value_type = f64)]
    subtotal: Money,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    updated_at: DateTime<Utc>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CartSummary)]
pub struct Summary {
    #[schema(value_type = f64)]
    subtotal: Money,
    total_items: i64,
    items_count: i64,
    sellers_count: i64,
}

/// Newest line first.
#[derive(Serialize, ToSchema)]
pub struct Cart {
    pub items: Vec<CartItem>,
    pub summary: Summary,
}

impl TryFrom<wire::CartItem> for CartItem {
    type Error = Malformed;

    fn try_from(item: wire::CartItem) -> Result<Self, Malformed> {
        let current_price = item.product.as_ref().map(|product| optional_money("price", product.price.as_ref()));
        Ok(Self {
            current_price: current_price.transpose()?.flatten(),
            product: item.product.map(Product::try_from).transpose()?,
            product_price: money("product_price", item.product_price.as_ref())?,
            subtotal: money("subtotal", item.subtotal.as_ref())?,
            created_at: time("created_at", item.created_at.as_ref())?,
            updated_at: time("updated_at", item.updated_at.as_ref())?,
            id: item.id,
            user_id: item.user_id,
            product_id: item.product_id,
            seller_id: item.seller_id,
            product_name: item.product_name,
            product_image: item.product_image,
            quantity: item.quantity,
            price_changed: item.price_changed,
            available: item.available,
            in_stock: item.in_stock,
            orderable: item.orderable,
        })
    }
}

impl TryFrom<wire::Cart> for Cart {
    type Error = Malformed;

    fn try_from(cart: wire::Cart) -> Result<Self, Malformed> {
        let summary = required("summary", cart.summary)?;
        Ok(Self {
            items: cart.items.into_iter().map(CartItem::try_from).collect::<Result<_, _>>()?,
            summary: Summary {
                subtotal: money("subtotal", summary.subtotal.as_ref())?,
                total_items: summary.total_items,
                items_count: summary.items_count,
                sellers_count: summary.sellers_count,
            },
        })
    }
}
