//! Queries on `cart_items`. Times are the database's: what an order clears is decided by them.

use chrono::{DateTime, Utc};
use commerce_types::{CartItemId, ProductId, UserId};
use database::statement;
use diesel::dsl::sum;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::upsert::excluded;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::line::{Line, NewLine};
use crate::schema::cart_items;
use crate::store::carts::{Put, put_or_not};

diesel::define_sql_function! {
    /// The time of the statement, not of its transaction.
    fn clock_timestamp() -> Timestamptz;
}

/// Newest first.
pub(crate) async fn list(conn: &mut AsyncPgConnection, user_id: UserId) -> QueryResult<Vec<Line>> {
    Line::query()
        .filter(cart_items::user_id.eq(user_id))
        .order((cart_items::created_at.desc(), cart_items::id.desc()))
        .load(conn)
        .await
}

/// All of an account, locked.
pub(crate) async fn lock(conn: &mut AsyncPgConnection, user_id: UserId) -> QueryResult<Vec<Line>> {
    let lines = Line::query().filter(cart_items::user_id.eq(user_id)).order(cart_items::product_id);
    lines.for_update().load(conn).await
}

pub(crate) async fn find(conn: &mut AsyncPgConnection, user_id: UserId, id: CartItemId) -> QueryResult<Option<Line>> {
    let line = Line::query().filter(cart_items::id.eq(id)).filter(cart_items::user_id.eq(user_id));
    line.first(conn).await.optional()
}

pub(crate) async fn find_by_product(
    conn: &mut AsyncPgConnection,
    user_id: UserId,
    product_id: ProductId,
) -> QueryResult<Option<Line>> {
    let line = Line::query().filter(cart_items::user_id.eq(user_id)).filter(cart_items::product_id.eq(product_id));
    line.first(conn).await.optional()
}

/// Units in all lines.
pub(crate) async fn count_units(conn: &mut AsyncPgConnection, user_id: UserId) -> QueryResult<i64> {
    let units = cart_items::table.filter(cart_items::user_id.eq(user_id)).select(sum(cart_items::quantity));
    Ok(units.first::<Option<i64>>(conn).await?.unwrap_or(0))
}

/// Adds a line, or its quantity to the one that is there, in one statement; `None` if that would have more than `most`.
pub(crate) async fn add(conn: &mut AsyncPgConnection, line: &NewLine, most: i32) -> QueryResult<Put<Option<Line>>> {
    let sum = cart_items::quantity + excluded(cart_items::quantity);
    let added = diesel::insert_into(cart_items::table)
        .values(line)
        .on_conflict((cart_items::user_id, cart_items::product_id))
        .do_update()
        .set((
            cart_items::quantity.eq(sum),
            cart_items::seller_id.eq(excluded(cart_items::seller_id)),
            cart_items::product_name.eq(excluded(cart_items::product_name)),
            cart_items::product_image.eq(excluded(cart_items::product_image)),
            cart_items::product_price.eq(excluded(cart_items::product_price)),
            cart_items::updated_at.eq(clock_timestamp()),
        ));
    // By name: the method of queries hides that of upserts.
    let added = diesel::query_dsl::methods::FilterDsl::filter(added, sum.le(most)).returning(Line::as_returning());
    let added = added.get_result(conn).await.optional();
    put_or_not(added)
}

/// Adds to a line that must be there, if the sum lies between `least` and `most`.
pub(crate) async fn grow(
    conn: &mut AsyncPgConnection,
    line: &NewLine,
    least: i32,
    most: i32,
) -> QueryResult<Option<Line>> {
    let sum = cart_items::quantity + line.quantity;
    let there = cart_items::table
        .filter(cart_items::user_id.eq(line.user_id))
        .filter(cart_items::product_id.eq(line.product_id))
        .filter(sum.between(least, most));
    diesel::update(there)
        .set((
            cart_items::quantity.eq(sum),
            cart_items::seller_id.eq(line.seller_id),
            cart_items::product_name.eq(&line.product_name),
            cart_items::product_image.eq(&line.product_image),
            cart_items::product_price.eq(line.product_price),
            cart_items::updated_at.eq(clock_timestamp()),
        ))
        .returning(Line::as_returning())
        .get_result(conn)
        .await
        .optional()
}

/// Writes a line anew under the id it has; `None` if it is gone.
pub(crate) async fn set(conn: &mut AsyncPgConnection, line: &NewLine) -> QueryResult<Option<Line>> {
    let there = cart_items::table.filter(cart_items::id.eq(line.id)).filter(cart_items::user_id.eq(line.user_id));
    diesel::update(there)
        .set((
            cart_items::quantity.eq(line.quantity),
            cart_items::seller_id.eq(line.seller_id),
            cart_items::product_name.eq(&line.product_name),
            cart_items::product_image.eq(&line.product_image),
            cart_items::product_price.eq(line.product_price),
            cart_items::updated_at.eq(clock_timestamp()),
        ))
        .returning(Line::as_returning())
        .get_result(conn)
        .await
        .optional()
}

/// Writes lines in product order: the larger of both quantities where one is there, never more than its `most`.
pub(crate) async fn merge(conn: &mut AsyncPgConnection, lines: &[(NewLine, i32)]) -> QueryResult<Put<usize>> {
    let new = || lines.iter().map(|(line, _)| line);
    let merged = statement(
        "INSERT INTO cart_items AS line \
           (id, user_id, product_id, seller_id, product_name, product_image, product_price, quantity) \
         SELECT wanted.* FROM unnest(?, ?, ?, ?, ?, ?, ?, ?) AS wanted \
           (id, user_id, product_id, seller_id, product_name, product_image, product_price, quantity) \
         ORDER BY wanted.user_id, wanted.product_id \
         ON CONFLICT (user_id, product_id) DO UPDATE SET seller_id = excluded.seller_id, \
           product_name = excluded.product_name, product_image = excluded.product_image, \
           product_price = excluded.product_price, updated_at = clock_timestamp(), \
           quantity = least(greatest(line.quantity, excluded.quantity), \
             (SELECT most FROM unnest(?, ?) AS cut (product_id, most) WHERE cut.product_id = excluded.product_id))",
    )
    .bind::<Array<SqlUuid>, _>(new().map(|line| line.id).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(new().map(|line| line.user_id).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(new().map(|line| line.product_id).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(new().map(|line| line.seller_id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(new().map(|line| line.product_name.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(new().map(|line| line.product_image.as_deref()).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(new().map(|line| line.product_price).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(new().map(|line| line.quantity).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(new().map(|line| line.product_id).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(lines.iter().map(|(_, most)| *most).collect::<Vec<_>>())
    .execute(conn)
    .await;
    put_or_not(merged)
}

/// Whether it was there.
pub(crate) async fn delete(conn: &mut AsyncPgConnection, user_id: UserId, id: CartItemId) -> QueryResult<bool> {
    let line = cart_items::table.filter(cart_items::id.eq(id)).filter(cart_items::user_id.eq(user_id));
    Ok(diesel::delete(line).execute(conn).await? == 1)
}

/// Deletes all lines of the accounts and answers how many that were.
pub(crate) async fn delete_all(conn: &mut AsyncPgConnection, user_ids: &[UserId]) -> QueryResult<usize> {
    let delete = statement(
        "DELETE FROM cart_items WHERE id IN (SELECT id FROM cart_items WHERE user_id = ANY (?) \
         ORDER BY user_id, product_id FOR UPDATE)",
    );
    delete.bind::<Array<SqlUuid>, _>(user_ids.to_vec()).execute(conn).await
}

/// Deletes the lines of products that an account has ordered, unless they were written after the order.
pub(crate) async fn delete_ordered(
    conn: &mut AsyncPgConnection,
    ordered: &[(UserId, ProductId, DateTime<Utc>)],
) -> QueryResult<usize> {
    let delete = statement(
        "DELETE FROM cart_items WHERE id IN (SELECT line.id FROM cart_items AS line \
           JOIN unnest(?, ?, ?) AS ordered (user_id, product_id, placed_at) \
             ON line.user_id = ordered.user_id AND line.product_id = ordered.product_id \
             AND line.updated_at <= ordered.placed_at \
         ORDER BY line.user_id, line.product_id FOR UPDATE OF line)",
    );
    delete
        .bind::<Array<SqlUuid>, _>(ordered.iter().map(|(user_id, ..)| *user_id).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(ordered.iter().map(|(_, product_id, _)| *product_id).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(ordered.iter().map(|(.., placed_at)| *placed_at).collect::<Vec<_>>())
        .execute(conn)
        .await
}
