//! Products as a checkout needs them.

use commerce_types::{Money, ProductId};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::seller::Seller;
use crate::schema::{product_images, products, sellers};

/// A product on sale, at this moment.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = products)]
pub(crate) struct Offer {
    pub(crate) id: ProductId,
    pub(crate) name: String,
    pub(crate) price: Money,
    pub(crate) min_order_quantity: i32,
}

/// Those of `ids` that are on sale, with their seller and primary image.
pub(crate) async fn list(
    conn: &mut AsyncPgConnection,
    ids: &[ProductId],
) -> QueryResult<Vec<(Offer, Seller, Option<String>)>> {
    let primary = product_images::product_id.eq(products::id).and(product_images::is_primary);
    products::table
        .inner_join(sellers::table)
        .left_join(product_images::table.on(primary))
        .filter(products::id.eq_any(ids))
        .filter(products::on_sale)
        .select((Offer::as_select(), Seller::as_select(), product_images::image_url.nullable()))
        .load(conn)
        .await
}
