//! Queries on how often reels were seen.

use commerce_types::ReelId;
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::{reel_counts, view_drains};

/// The written count of a reel that everybody sees, and which of the batches are part of it already; of one moment.
pub(crate) async fn find(
    conn: &mut AsyncPgConnection,
    reel_id: ReelId,
    batch_ids: &[Uuid],
) -> QueryResult<Option<Written>> {
    statement(
        "SELECT views, ARRAY(SELECT batch_id FROM view_drains WHERE batch_id = ANY (?)) AS batch_ids \
         FROM reel_counts JOIN reels ON reels.id = reel_counts.reel_id WHERE reel_id = ? AND reels.is_public",
    )
    .bind::<Array<SqlUuid>, _>(batch_ids.to_vec())
    .bind::<SqlUuid, _>(reel_id)
    .get_result(conn)
    .await
    .optional()
}

#[derive(Debug, QueryableByName)]
pub(crate) struct Written {
    #[diesel(sql_type = BigInt)]
    pub(crate) views: i64,
    #[diesel(sql_type = Array<SqlUuid>)]
    pub(crate) batch_ids: Vec<Uuid>,
}

/// Records a batch; false when it was added before.
pub(crate) async fn begin(conn: &mut AsyncPgConnection, batch_id: Uuid) -> QueryResult<bool> {
    let batch = view_drains::batch_id.eq(batch_id);
    let rows = diesel::insert_into(view_drains::table).values(batch).on_conflict_do_nothing();
    Ok(rows.execute(conn).await? == 1)
}

/// Adds to the counts, locking in reel order; answers each reel's views afterwards.
pub(crate) async fn add(conn: &mut AsyncPgConnection, views: &[(ReelId, i64)]) -> QueryResult<Vec<(ReelId, i64)>> {
    #[derive(QueryableByName)]
    #[diesel(table_name = reel_counts)]
    struct Seen {
        reel_id: ReelId,
        views: i64,
    }
    let (ids, counts): (Vec<ReelId>, Vec<i64>) = views.iter().copied().unzip();
    let seen: Vec<Seen> = diesel::sql_query(
        "WITH seen AS (SELECT * FROM unnest($1, $2) AS seen (id, views)), locked AS MATERIALIZED (\
           SELECT reel_id FROM reel_counts WHERE reel_id = ANY ($1) ORDER BY reel_id FOR NO KEY UPDATE) \
         UPDATE reel_counts SET views = reel_counts.views + seen.views FROM seen, locked \
         WHERE reel_counts.reel_id = seen.id AND locked.reel_id = seen.id \
         RETURNING reel_counts.reel_id, reel_counts.views",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<BigInt>, _>(counts)
    .load(conn)
    .await?;
    Ok(seen.into_iter().map(|seen| (seen.reel_id, seen.views)).collect())
}

/// Forgets batches that no retry can bring back.
pub(crate) async fn forget_batches(conn: &mut AsyncPgConnection) -> QueryResult<usize> {
    diesel::sql_query("DELETE FROM view_drains WHERE drained_at < now() - interval '1 day'").execute(conn).await
}
