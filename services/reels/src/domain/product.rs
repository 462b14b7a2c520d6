//! What reels keep of their product.

use commerce_types::{Money, ProductId, UserId};
use diesel::{HasQuery, Insertable};

use crate::schema::products;

/// A copy of a product that is not deleted, or was not when it was copied.
#[derive(Debug, Clone, PartialEq, Eq, HasQuery, Insertable)]
#[diesel(table_name = products)]
pub(crate) struct Product {
    pub(crate) id: ProductId,
    pub(crate) seller_id: UserId,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) price: Money,
    pub(crate) original_price: Option<Money>,
    pub(crate) image_url: Option<String>,
    pub(crate) in_stock: bool,
    pub(crate) on_sale: bool,
    /// Of the content at catalog.
    pub(crate) version: i64,
    /// Of what is in stock.
    pub(crate) stock_version: i64,
}

/// What catalog said of a product's content.
#[derive(Debug, Clone)]
pub(crate) struct ProductNews {
    pub(crate) id: ProductId,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) price: Money,
    pub(crate) original_price: Option<Money>,
    pub(crate) image_url: Option<String>,
    /// Perhaps one that its seller sent for it.
    pub(crate) video_url: Option<String>,
    pub(crate) version: i64,
    pub(crate) standing: Standing,
}

/// Whether a product can be bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    OnSale,
    OffSale,
    /// For good.
    Deleted,
}

/// Whether a product is in stock, and which change that was.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StockNews {
    pub(crate) id: ProductId,
    pub(crate) in_stock: bool,
    pub(crate) version: i64,
}
