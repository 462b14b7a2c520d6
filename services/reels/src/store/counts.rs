//! Queries on `reel_counts`. Rows are locked in reel order everywhere, before anything else of a reel is.

use std::collections::BTreeMap;

use commerce_types::ReelId;
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::miscounted::Miscounted;
use crate::domain::reel::Counts;
use crate::schema::{reel_counts, reels};

/// The counts of those that everybody sees, locked until the transaction ends.
pub(crate) async fn lock_public(conn: &mut AsyncPgConnection, ids: &[ReelId]) -> QueryResult<BTreeMap<ReelId, Counts>> {
    let locked: Vec<Locked> = statement(
        "SELECT counts.reel_id, likes, comments, views FROM reel_counts AS counts \
         JOIN reels ON reels.id = counts.reel_id AND reels.is_public \
         WHERE counts.reel_id = ANY (?) ORDER BY counts.reel_id FOR NO KEY UPDATE OF counts",
    )
    .bind::<Array<SqlUuid>, _>(ids.to_vec())
    .load(conn)
    .await?;
    let counts = locked
        .into_iter()
        .map(|Locked { reel_id, likes, comments, views }| (reel_id, Counts { likes, comments, views }));
    Ok(counts.collect())
}

/// The counts of all that are there, locked until the transaction ends.
pub(crate) async fn lock(conn: &mut AsyncPgConnection, ids: &[ReelId]) -> QueryResult<BTreeMap<ReelId, Counts>> {
    let locked = reel_counts::table.filter(reel_counts::reel_id.eq_any(ids)).order(reel_counts::reel_id);
    let locked = locked.select((reel_counts::reel_id, Counts::as_select())).for_no_key_update();
    Ok(locked.load::<(ReelId, Counts)>(conn).await?.into_iter().collect())
}

/// Moves likes and comments of reels that the caller has locked.
pub(crate) async fn add(conn: &mut AsyncPgConnection, moves: &BTreeMap<ReelId, Move>) -> QueryResult<()> {
    if moves.is_empty() {
        return Ok(());
    }
    statement(
        "UPDATE reel_counts SET likes = reel_counts.likes + by.likes, comments = reel_counts.comments + by.comments \
         FROM unnest(?, ?, ?) AS by (reel_id, likes, comments) WHERE reel_counts.reel_id = by.reel_id",
    )
    .bind::<Array<SqlUuid>, _>(moves.keys().copied().collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(moves.values().map(|by| by.likes).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(moves.values().map(|by| by.comments).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// By how much the counts of a reel move.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) likes: i64,
    pub(crate) comments: i64,
}

/// The counts of one reel.
pub(crate) async fn find(conn: &mut AsyncPgConnection, id: ReelId) -> QueryResult<Option<Counts>> {
    Counts::query().filter(reel_counts::reel_id.eq(id)).first(conn).await.optional()
}

/// The next reels in order.
pub(crate) async fn list_after(conn: &mut AsyncPgConnection, after: ReelId, limit: i64) -> QueryResult<Vec<ReelId>> {
    reels::table.filter(reels::id.gt(after)).order(reels::id).select(reels::id).limit(limit).load(conn).await
}

/// Those whose counts are not the number of their rows; all of one moment.
pub(crate) async fn list_wrong(conn: &mut AsyncPgConnection, ids: &[ReelId]) -> QueryResult<Vec<Miscounted>> {
    statement(
        "SELECT * FROM (SELECT reel_id, likes, comments, \
           (SELECT count(*) FROM reel_likes WHERE reel_likes.reel_id = counts.reel_id) AS liked_by, \
           (SELECT count(*) FROM reel_comments WHERE reel_comments.reel_id = counts.reel_id) AS commented \
         FROM reel_counts AS counts WHERE reel_id = ANY (?)) AS counted \
         WHERE likes <> liked_by OR comments <> commented ORDER BY reel_id",
    )
    .bind::<Array<SqlUuid>, _>(ids.to_vec())
    .load(conn)
    .await
}

#[derive(QueryableByName)]
#[diesel(table_name = reel_counts)]
struct Locked {
    reel_id: ReelId,
    likes: i64,
    comments: i64,
    views: i64,
}
