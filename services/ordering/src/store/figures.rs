//! What was sold, of products and in all.

use chrono::{DateTime, Utc};
use commerce_types::{Money, OrderId, ProductId, UserId};
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::figures::{Amounts, StatusSums};

/// A sale is an order that is paid and neither cancelled nor returned.
#[derive(Debug, Clone, QueryableByName)]
pub(crate) struct SalesFigures {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) product_id: ProductId,
    /// In any status.
    #[diesel(sql_type = BigInt)]
    pub(crate) orders: i64,
    /// Of sales, without shipping.
    #[diesel(sql_type = BigInt)]
    pub(crate) revenue: Money,
}

/// Of those of the products that the seller ever sold.
pub(crate) async fn list(
    conn: &mut AsyncPgConnection,
    seller_id: UserId,
    product_ids: &[ProductId],
) -> QueryResult<Vec<SalesFigures>> {
    statement(
        "SELECT item.product_id, count(DISTINCT item.order_id) AS orders, \
           coalesce(sum(item.subtotal) FILTER (WHERE orders.payment_status = 'paid' \
             AND orders.status NOT IN ('cancelled', 'returned')), 0)::bigint AS revenue \
         FROM order_items AS item JOIN orders ON orders.id = item.order_id \
         WHERE item.product_id = ANY (?) AND orders.seller_id = ? \
         GROUP BY item.product_id",
    )
    .bind::<Array<SqlUuid>, _>(product_ids)
    .bind::<SqlUuid, _>(seller_id)
    .load(conn)
    .await
}

/// All orders by status; recent are those since `since`.
pub(crate) async fn sum_by_status(conn: &mut AsyncPgConnection, since: DateTime<Utc>) -> QueryResult<Vec<StatusSums>> {
    statement(
        "SELECT status, count(*) AS orders, count(*) FILTER (WHERE payment_status = 'paid') AS paid, \
           coalesce(sum(subtotal) FILTER (WHERE payment_status = 'paid'), 0)::bigint AS paid_goods, \
           coalesce(sum(subtotal) FILTER (WHERE payment_status = 'paid' AND created_at >= ?), 0)::bigint \
             AS recent_paid_goods \
         FROM orders GROUP BY status",
    )
    .bind::<Timestamptz, _>(since)
    .load(conn)
    .await
}

/// The next orders by id, each with what its lines add up to.
pub(crate) async fn list_amounts_after(
    conn: &mut AsyncPgConnection,
    after: OrderId,
    limit: usize,
) -> QueryResult<Vec<Amounts>> {
    statement(
        "SELECT placed.id AS order_id, placed.subtotal, placed.shipping_cost, placed.total, items.subtotal AS of_items \
         FROM (SELECT id, subtotal, shipping_cost, total FROM orders WHERE id > ? ORDER BY id LIMIT ?) AS placed \
         CROSS JOIN LATERAL (SELECT coalesce(sum(subtotal), 0)::bigint AS subtotal FROM order_items \
           WHERE order_id = placed.id) AS items \
         ORDER BY placed.id",
    )
    .bind::<SqlUuid, _>(after)
    .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
    .load(conn)
    .await
}
