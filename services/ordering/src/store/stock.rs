//! Queries on `stock` and `stock_ledger`.

use chrono::{DateTime, Utc};
use commerce_types::ProductId;
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::domain::stock::{Movement, Stock};
use crate::schema::{stock, stock_ledger};

/// As it is now, unlocked.
pub(crate) async fn list(conn: &mut AsyncPgConnection, ids: &[ProductId]) -> QueryResult<Vec<Stock>> {
    Stock::query().filter(stock::product_id.eq_any(ids)).load(conn).await
}

/// Locked, in id order everywhere: transactions that name the same products in another order wait for each other and
/// never dead-lock.
pub(crate) async fn lock(conn: &mut AsyncPgConnection, ids: &[ProductId]) -> QueryResult<Vec<Stock>> {
    Stock::query().filter(stock::product_id.eq_any(ids)).order(stock::product_id).for_no_key_update().load(conn).await
}

/// The first row of a product; false when it has one.
pub(crate) async fn insert(conn: &mut AsyncPgConnection, first: &Movement, now: DateTime<Utc>) -> QueryResult<bool> {
    let left = &first.left;
    let rows = statement(
        "WITH opened AS (\
           INSERT INTO stock (product_id, seller_id, free, switched_on, version, updated_at) \
           VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (product_id) DO NOTHING \
           RETURNING product_id, version, free) \
         INSERT INTO stock_ledger (product_id, version, delta, free_after, reason, change_id, created_at) \
         SELECT product_id, version, free, free, ?, ?, ? FROM opened",
    )
    .bind::<SqlUuid, _>(left.product_id)
    .bind::<SqlUuid, _>(left.seller_id)
    .bind::<Integer, _>(left.free)
    .bind::<Bool, _>(left.switched_on)
    .bind::<BigInt, _>(left.version)
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(first.reason)
    .bind::<Nullable<SqlUuid>, _>(first.change_id)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(rows == 1)
}

/// Writes movements of rows that the caller has locked, and their ledger, in one statement: a checkout of thirty
/// products must not be thirty round trips. The check constraint `free >= 0` stands behind it.
///
/// # Errors
/// Also when a row is not as it was when it was locked: then nobody had locked it.
pub(crate) async fn apply(conn: &AsyncPgConnection, movements: &[Movement], now: DateTime<Utc>) -> QueryResult<()> {
    let column = |value: fn(&Movement) -> i32| movements.iter().map(value).collect::<Vec<_>>();
    let rows = statement(
        "WITH movement AS (\
           SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?) \
           AS movement (product_id, free, switched_on, version, delta, reason, order_id, change_id)), \
         moved AS (\
           UPDATE stock SET free = movement.free, switched_on = movement.switched_on, \
             version = movement.version, updated_at = ? \
           FROM movement \
           WHERE stock.product_id = movement.product_id AND stock.version = movement.version - 1 \
           RETURNING stock.product_id) \
         INSERT INTO stock_ledger \
           (product_id, version, delta, free_after, reason, order_id, change_id, created_at) \
         SELECT product_id, version, delta, free, reason, order_id, change_id, ? \
         FROM movement JOIN moved USING (product_id)",
    )
    .bind::<Array<SqlUuid>, _>(movements.iter().map(|movement| movement.left.product_id).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(column(|movement| movement.left.free))
    .bind::<Array<Bool>, _>(movements.iter().map(|movement| movement.left.switched_on).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(movements.iter().map(|movement| movement.left.version).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(column(|movement| movement.delta))
    .bind::<Array<Text>, _>(movements.iter().map(|movement| movement.reason).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(movements.iter().map(|movement| movement.order_id).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(movements.iter().map(|movement| movement.change_id).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(now)
    .execute(&mut &*conn)
    .await?;
    if rows == movements.len() { Ok(()) } else { Err(diesel::result::Error::NotFound) }
}

/// Whether a seller's change is in the ledger.
pub(crate) async fn was_changed(conn: &mut AsyncPgConnection, change_id: Uuid) -> QueryResult<bool> {
    let change = stock_ledger::table.filter(stock_ledger::change_id.eq(change_id));
    diesel::select(diesel::dsl::exists(change)).get_result(conn).await
}
