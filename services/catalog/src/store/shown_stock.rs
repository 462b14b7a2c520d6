//! Queries on `shown_stock`. Rows are locked in product order everywhere.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use commerce_types::{ProductId, UserId};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::stock::{ShownStock, StockLeft};
use crate::schema::shown_stock;

/// The first one of a new product.
pub(crate) async fn insert(conn: &mut AsyncPgConnection, stock: &ShownStock) -> QueryResult<()> {
    diesel::insert_into(shown_stock::table).values(stock).execute(conn).await?;
    Ok(())
}

/// The next ones in product order.
pub(crate) async fn list_after(
    conn: &mut AsyncPgConnection,
    after: ProductId,
    limit: usize,
) -> QueryResult<Vec<ShownStock>> {
    let next = ShownStock::query().filter(shown_stock::product_id.gt(after)).order(shown_stock::product_id);
    next.limit(i64::try_from(limit).unwrap_or(i64::MAX)).load(conn).await
}

/// The versions that are shown of some.
pub(crate) async fn list_versions(
    conn: &mut AsyncPgConnection,
    product_ids: &[ProductId],
) -> QueryResult<Vec<(ProductId, i64)>> {
    let shown = shown_stock::table.filter(shown_stock::product_id.eq_any(product_ids));
    shown.select((shown_stock::product_id, shown_stock::version)).load(conn).await
}

/// Which of some can be bought.
pub(crate) async fn list_in_stock(
    conn: &mut AsyncPgConnection,
    product_ids: &[ProductId],
) -> QueryResult<HashMap<ProductId, bool>> {
    let shown = shown_stock::table.filter(shown_stock::product_id.eq_any(product_ids));
    let rows = shown.select((shown_stock::product_id, shown_stock::in_stock));
    Ok(rows.load(conn).await?.into_iter().collect())
}

/// What a newer version changed on show.
#[derive(Debug, Clone, QueryableByName)]
pub(crate) struct Moved {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) product_id: ProductId,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub(crate) slug: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub(crate) category: String,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) seller_id: UserId,
    #[diesel(sql_type = Integer)]
    pub(crate) free: i32,
    #[diesel(sql_type = Bool)]
    pub(crate) in_stock: bool,
    /// `in_stock` is another than before.
    #[diesel(sql_type = Bool)]
    pub(crate) flipped: bool,
    #[diesel(sql_type = BigInt)]
    pub(crate) version: i64,
}

/// Shows those that are newer than what is shown, and answers what moved. Older ones and products that are not known
/// here are passed over. `newest` is in product order and has each product once.
pub(crate) async fn show(
    conn: &mut AsyncPgConnection,
    newest: &[StockLeft],
    at: DateTime<Utc>,
) -> QueryResult<Vec<Moved>> {
    let ids: Vec<ProductId> = newest.iter().map(|left| left.product_id).collect();
    let free: Vec<i32> = newest.iter().map(|left| left.free).collect();
    let switches: Vec<bool> = newest.iter().map(|left| left.switched_on).collect();
    let versions: Vec<i64> = newest.iter().map(|left| left.version).collect();
    diesel::sql_query(SHOW)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<Integer>, _>(free)
        .bind::<Array<Bool>, _>(switches)
        .bind::<Array<BigInt>, _>(versions)
        .bind::<Timestamptz, _>(at)
        .load(conn)
        .await
}

/// Locked in product order before anything is changed; what was locked is the row as it is then.
const SHOW: &str = "\
    WITH said AS (\
      SELECT * FROM unnest($1, $2, $3, $4) AS said (product_id, free, switched_on, version)\
    ), before AS MATERIALIZED (\
      SELECT product_id, in_stock, version FROM shown_stock \
      WHERE product_id = ANY ($1) ORDER BY product_id FOR NO KEY UPDATE\
    ) \
    UPDATE shown_stock AS shown \
    SET free = said.free, switched_on = said.switched_on, version = said.version, updated_at = $5 \
    FROM said, before, products \
    WHERE shown.product_id = said.product_id AND before.product_id = said.product_id \
      AND products.id = said.product_id AND said.version > before.version \
    RETURNING shown.product_id, products.slug, products.category, products.seller_id, shown.free, shown.in_stock, \
      shown.in_stock <> before.in_stock AS flipped, shown.version";
