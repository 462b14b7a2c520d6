//! Queries on `reel_likes`. Callers have locked the reels' counts.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use commerce_types::{LikeId, ReelId, UserId};
use database::{limited, statement};
use diesel::prelude::*;
use diesel::sql_types::{Array, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::account::Account;
use crate::domain::feed::{Page, Place};
use crate::domain::likes::{Like, Wish};
use crate::schema::{accounts, reel_likes};

/// Which of the likes that are wished for or away are there.
pub(crate) async fn find_of(conn: &mut AsyncPgConnection, wishes: &[Wish]) -> QueryResult<BTreeSet<(ReelId, UserId)>> {
    #[derive(QueryableByName)]
    #[diesel(table_name = reel_likes)]
    struct Pair {
        reel_id: ReelId,
        user_id: UserId,
    }
    let pairs: BTreeSet<(ReelId, UserId)> = wishes.iter().map(|wish| (wish.reel_id, wish.user_id)).collect();
    let (reel_ids, user_ids): (Vec<ReelId>, Vec<UserId>) = pairs.into_iter().unzip();
    let there: Vec<Pair> = statement(
        "SELECT reel_likes.reel_id, reel_likes.user_id FROM unnest(?, ?) AS wished (reel_id, user_id) \
         JOIN reel_likes ON reel_likes.reel_id = wished.reel_id AND reel_likes.user_id = wished.user_id",
    )
    .bind::<Array<SqlUuid>, _>(reel_ids)
    .bind::<Array<SqlUuid>, _>(user_ids)
    .load(conn)
    .await?;
    Ok(there.into_iter().map(|pair| (pair.reel_id, pair.user_id)).collect())
}

pub(crate) async fn insert(conn: &mut AsyncPgConnection, likes: &[Like]) -> QueryResult<()> {
    if likes.is_empty() {
        return Ok(());
    }
    statement("INSERT INTO reel_likes (reel_id, user_id, id, created_at) SELECT * FROM unnest(?, ?, ?, ?)")
        .bind::<Array<SqlUuid>, _>(likes.iter().map(|like| like.reel_id).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(likes.iter().map(|like| like.user_id).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(likes.iter().map(|like| like.id).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(likes.iter().map(|like| like.created_at).collect::<Vec<_>>())
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn delete(conn: &mut AsyncPgConnection, pairs: &[(ReelId, UserId)]) -> QueryResult<()> {
    if pairs.is_empty() {
        return Ok(());
    }
    let (reel_ids, user_ids): (Vec<ReelId>, Vec<UserId>) = pairs.iter().copied().unzip();
    statement(
        "DELETE FROM reel_likes USING unnest(?, ?) AS away (reel_id, user_id) \
         WHERE reel_likes.reel_id = away.reel_id AND reel_likes.user_id = away.user_id",
    )
    .bind::<Array<SqlUuid>, _>(reel_ids)
    .bind::<Array<SqlUuid>, _>(user_ids)
    .execute(conn)
    .await?;
    Ok(())
}

/// The reels that an account likes.
pub(crate) async fn list_reels_of(conn: &mut AsyncPgConnection, user_id: UserId) -> QueryResult<Vec<ReelId>> {
    let own = reel_likes::table.filter(reel_likes::user_id.eq(user_id));
    own.select(reel_likes::reel_id).order(reel_likes::reel_id).load(conn).await
}

/// All likes of an account.
pub(crate) async fn delete_of(conn: &mut AsyncPgConnection, user_id: UserId) -> QueryResult<usize> {
    diesel::delete(reel_likes::table.filter(reel_likes::user_id.eq(user_id))).execute(conn).await
}

/// Newest first with who likes, one more than the page holds.
pub(crate) async fn list(
    conn: &mut AsyncPgConnection,
    reel_id: ReelId,
    page: &Page,
) -> QueryResult<Vec<(LikeId, DateTime<Utc>, Account)>> {
    let mut query = reel_likes::table
        .inner_join(accounts::table.on(accounts::id.eq(reel_likes::user_id)))
        .filter(reel_likes::reel_id.eq(reel_id))
        .select((reel_likes::id, reel_likes::created_at, Account::as_select()))
        .order((reel_likes::created_at.desc(), reel_likes::id.desc()))
        .into_boxed();
    if let Some(Place { at, id }) = page.after() {
        let behind = reel_likes::created_at.lt(at).or(reel_likes::id.lt(LikeId::from(id)));
        query = query.filter(reel_likes::created_at.le(at)).filter(behind);
    }
    limited(query, page.with_one_more(), page.offset()).load(conn).await
}
