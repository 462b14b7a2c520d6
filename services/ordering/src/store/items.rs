//! Queries on `order_items`.

use commerce_types::OrderId;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::order::OrderItem;
use crate::schema::order_items;

/// Those of these addresses that lines show, each once.
pub(crate) async fn list_files_in_use(conn: &mut AsyncPgConnection, urls: &[String]) -> QueryResult<Vec<String>> {
    let shown = order_items::table.filter(order_items::product_image.eq_any(urls));
    shown.select(order_items::product_image.assume_not_null()).distinct().load(conn).await
}

/// The lines of all these orders, each order's in its own order.
pub(crate) async fn list(conn: &mut AsyncPgConnection, order_ids: &[OrderId]) -> QueryResult<Vec<OrderItem>> {
    OrderItem::query()
        .filter(order_items::order_id.eq_any(order_ids))
        .order((order_items::order_id, order_items::position))
        .load(conn)
        .await
}
