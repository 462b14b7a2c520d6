//! How many orders there are of each sort: `order_counts`, which triggers write whenever `orders` is written.

use commerce_types::UserId;
use database::statement;
use database::totals::Totals;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::miscounted::Miscounted;
use crate::domain::order_list::Filter;
use crate::schema::{order_counts, orders};

/// `order_counts`.
pub(crate) const COUNTS: Totals =
    Totals { table: "order_counts", sort: "seller_id, kind, status, payment_status", total: "orders" };

/// Of all sorts that the filter lets through; it must be one that [`Filter::is_counted`].
pub(crate) async fn sum(conn: &mut AsyncPgConnection, filter: &Filter) -> QueryResult<i64> {
    let mut sorts = order_counts::table.select(sql::<BigInt>("coalesce(sum(orders), 0)::bigint")).into_boxed();
    if let Some(seller_id) = filter.seller_id {
        sorts = sorts.filter(order_counts::seller_id.eq(seller_id));
    }
    if let Some(status) = filter.status {
        sorts = sorts.filter(order_counts::status.eq(status));
    }
    if let Some(payment_status) = filter.payment_status {
        sorts = sorts.filter(order_counts::payment_status.eq(payment_status));
    }
    if let Some(kind) = filter.kind {
        sorts = sorts.filter(order_counts::kind.eq(kind));
    }
    sorts.first(conn).await
}

/// The next sellers by id who have orders.
pub(crate) async fn list_sellers_after(
    conn: &mut AsyncPgConnection,
    after: UserId,
    limit: i64,
) -> QueryResult<Vec<UserId>> {
    let sellers = orders::table.select(orders::seller_id).distinct().filter(orders::seller_id.gt(after));
    sellers.order(orders::seller_id).limit(limit).load(conn).await
}

/// What is kept of these sellers' orders beside what they are.
pub(crate) async fn list_miscounted(conn: &mut AsyncPgConnection, sellers: &[UserId]) -> QueryResult<Vec<Miscounted>> {
    statement(
        "SELECT seller_id, concat_ws(' ', kind, status, payment_status) AS sort, sum(kept)::bigint AS kept, \
           sum(orders)::bigint AS orders \
         FROM (SELECT seller_id, kind, status, payment_status, orders AS kept, 0 AS orders FROM order_counts \
             WHERE seller_id = ANY (?) \
           UNION ALL SELECT seller_id, kind, status, payment_status, 0, 1 FROM orders WHERE seller_id = ANY (?)) AS both_sides \
         GROUP BY seller_id, kind, status, payment_status HAVING sum(kept) <> sum(orders)",
    )
    .bind::<Array<SqlUuid>, _>(sellers)
    .bind::<Array<SqlUuid>, _>(sellers)
    .load(conn)
    .await
}
