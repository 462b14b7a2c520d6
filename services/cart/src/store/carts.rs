//! Queries on `carts`, which the table's triggers keep.

use commerce_types::UserId;
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::schema::carts;

/// What became of a write that may add lines.
#[derive(Debug)]
pub(crate) enum Put<T> {
    Done(T),
    /// It would have had more lines than a cart holds; the transaction is over.
    CartFull,
    /// Its account is deleted; the transaction is over.
    Gone,
}

/// Waits for other merges into this cart, until the end of the transaction; before anything else is locked.
pub(crate) async fn await_turn_to_merge(conn: &mut AsyncPgConnection, user_id: UserId) -> QueryResult<()> {
    let lock = statement("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))");
    lock.bind::<Text, _>(user_id.to_string()).execute(conn).await?;
    Ok(())
}

/// Waits for whoever writes this cart at the moment, until the end of the transaction.
pub(crate) async fn lock(conn: &mut AsyncPgConnection, user_id: UserId) -> QueryResult<()> {
    let cart = carts::table.filter(carts::user_id.eq(user_id)).select(carts::lines).for_update();
    cart.first::<i32>(conn).await.optional()?;
    Ok(())
}

/// No line is added from here on to the carts of accounts that are gone. One that is being added at this moment is waited
/// for, so that it can be deleted.
pub(crate) async fn bury(conn: &mut AsyncPgConnection, user_ids: &[UserId]) -> QueryResult<()> {
    let bury = statement(
        "INSERT INTO carts AS cart (user_id, lines, gone_at) \
         SELECT DISTINCT user_id, 0, now() FROM unnest(?) AS gone (user_id) ORDER BY user_id \
         ON CONFLICT (user_id) DO UPDATE SET gone_at = coalesce(cart.gone_at, excluded.gone_at)",
    );
    bury.bind::<Array<SqlUuid>, _>(user_ids.to_vec()).execute(conn).await?;
    Ok(())
}

/// Tells the constraints that keep carts from growing from other failures.
pub(super) fn put_or_not<T>(result: QueryResult<T>) -> QueryResult<Put<T>> {
    let error = match result {
        Ok(done) => return Ok(Put::Done(done)),
        Err(error) => error,
    };
    match database::violated(&error) {
        Some("carts_at_most_100_lines") => Ok(Put::CartFull),
        Some("carts_gone_stay_empty") => Ok(Put::Gone),
        _ => Err(error),
    }
}
