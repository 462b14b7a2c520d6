//! Queries on `stock_ledger`, for whoever goes through all of it.

use commerce_types::ProductId;
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::domain::ledger::{End, Entry};

/// The next entries, by product and version.
pub(crate) async fn list_after(
    conn: &mut AsyncPgConnection,
    after: Option<(ProductId, i64)>,
    limit: usize,
) -> QueryResult<Vec<Entry>> {
    let (product_id, version) = after.unwrap_or((Uuid::nil().into(), 0));
    statement(
        "SELECT product_id, version, delta, free_after FROM stock_ledger \
         WHERE (product_id, version) > (?, ?) ORDER BY product_id, version LIMIT ?",
    )
    .bind::<SqlUuid, _>(product_id)
    .bind::<BigInt, _>(version)
    .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
    .load(conn)
    .await
}

/// The next products with their stock and the last entry of each: of one moment, as it is one statement.
pub(crate) async fn list_ends_after(
    conn: &mut AsyncPgConnection,
    after: ProductId,
    limit: usize,
) -> QueryResult<Vec<End>> {
    statement(
        "SELECT stock.product_id, stock.free, stock.version, entry.free_after AS entry_free, \
           entry.version AS entry_version \
         FROM (SELECT product_id, free, version FROM stock WHERE product_id > ? ORDER BY product_id LIMIT ?) AS stock \
         LEFT JOIN LATERAL (SELECT free_after, version FROM stock_ledger \
           WHERE stock_ledger.product_id = stock.product_id ORDER BY version DESC LIMIT 1) AS entry ON true \
         ORDER BY stock.product_id",
    )
    .bind::<SqlUuid, _>(after)
    .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
    .load(conn)
    .await
}
