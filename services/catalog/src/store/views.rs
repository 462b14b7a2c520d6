//! Queries on how often products were looked at.

use commerce_types::ProductId;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::view_drains;

/// The written count of a product on sale, and which of the batches are part of it already; of one moment.
pub(crate) async fn find(
    conn: &mut AsyncPgConnection,
    product_id: ProductId,
    batch_ids: &[Uuid],
) -> QueryResult<Option<Written>> {
    diesel::sql_query(
        "SELECT viewers_count, ARRAY(SELECT batch_id FROM view_drains WHERE batch_id = ANY ($2)) AS batch_ids \
         FROM products WHERE id = $1 AND on_sale",
    )
    .bind::<SqlUuid, _>(product_id)
    .bind::<Array<SqlUuid>, _>(batch_ids)
    .get_result(conn)
    .await
    .optional()
}

#[derive(Debug, QueryableByName)]
pub(crate) struct Written {
    #[diesel(sql_type = BigInt)]
    pub(crate) viewers_count: i64,
    #[diesel(sql_type = Array<SqlUuid>)]
    pub(crate) batch_ids: Vec<Uuid>,
}

/// Records a batch; false when it was added before.
pub(crate) async fn begin(conn: &mut AsyncPgConnection, batch_id: Uuid) -> QueryResult<bool> {
    let batch = view_drains::batch_id.eq(batch_id);
    let rows = diesel::insert_into(view_drains::table).values(batch).on_conflict_do_nothing();
    Ok(rows.execute(conn).await? == 1)
}

/// Adds to the counts, locking in product order.
pub(crate) async fn add(conn: &mut AsyncPgConnection, views: &[(ProductId, i64)]) -> QueryResult<usize> {
    let (ids, counts): (Vec<ProductId>, Vec<i64>) = views.iter().copied().unzip();
    diesel::sql_query(
        "WITH seen AS (SELECT * FROM unnest($1, $2) AS seen (id, views)), locked AS MATERIALIZED (\
           SELECT id FROM products WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE) \
         UPDATE products SET viewers_count = viewers_count + seen.views FROM seen, locked \
         WHERE products.id = seen.id AND locked.id = seen.id",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<BigInt>, _>(counts)
    .execute(conn)
    .await
}

/// Forgets batches that no retry can bring back.
pub(crate) async fn forget_batches(conn: &mut AsyncPgConnection) -> QueryResult<usize> {
    diesel::sql_query("DELETE FROM view_drains WHERE drained_at < now() - interval '1 day'").execute(conn).await
}
