//! Queries on `reel_comments`. Who adds or deletes has locked the reel's counts.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use commerce_types::{CommentId, ReelId, UserId};
use database::limited;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::account::Account;
use crate::domain::comment::Comment;
use crate::domain::feed::{Page, Place};
use crate::schema::{accounts, reel_comments};

pub(crate) async fn find(conn: &mut AsyncPgConnection, id: CommentId) -> QueryResult<Option<Comment>> {
    Comment::query().filter(reel_comments::id.eq(id)).first(conn).await.optional()
}

/// False when it is there: the transaction is run again.
pub(crate) async fn insert(conn: &mut AsyncPgConnection, comment: &Comment) -> QueryResult<bool> {
    let rows = diesel::insert_into(reel_comments::table).values(comment).on_conflict_do_nothing();
    Ok(rows.execute(conn).await? == 1)
}

/// Says something else; `None` when it is gone or somebody else's.
pub(crate) async fn update(
    conn: &mut AsyncPgConnection,
    id: CommentId,
    author: UserId,
    content: &str,
    now: DateTime<Utc>,
) -> QueryResult<Option<Comment>> {
    let own = reel_comments::table.filter(reel_comments::id.eq(id)).filter(reel_comments::user_id.eq(author));
    diesel::update(own)
        .set((reel_comments::content.eq(content), reel_comments::updated_at.eq(now)))
        .returning(Comment::as_returning())
        .get_result(conn)
        .await
        .optional()
}

pub(crate) async fn delete(conn: &mut AsyncPgConnection, id: CommentId) -> QueryResult<bool> {
    Ok(diesel::delete(reel_comments::table.find(id)).execute(conn).await? == 1)
}

/// What an account said, by reel.
pub(crate) async fn list_of(
    conn: &mut AsyncPgConnection,
    user_id: UserId,
) -> QueryResult<BTreeMap<ReelId, Vec<CommentId>>> {
    let own = reel_comments::table.filter(reel_comments::user_id.eq(user_id)).order(reel_comments::id);
    let own: Vec<(ReelId, CommentId)> = own.select((reel_comments::reel_id, reel_comments::id)).load(conn).await?;
    let mut by_reel = BTreeMap::<_, Vec<_>>::new();
    for (reel_id, id) in own {
        by_reel.entry(reel_id).or_default().push(id);
    }
    Ok(by_reel)
}

/// All that an account said.
pub(crate) async fn delete_of(conn: &mut AsyncPgConnection, user_id: UserId) -> QueryResult<usize> {
    diesel::delete(reel_comments::table.filter(reel_comments::user_id.eq(user_id))).execute(conn).await
}

/// Newest first with their authors, one more than the page holds.
pub(crate) async fn list(
    conn: &mut AsyncPgConnection,
    reel_id: ReelId,
    page: &Page,
) -> QueryResult<Vec<(Comment, Account)>> {
    let mut query = reel_comments::table
        .inner_join(accounts::table.on(accounts::id.eq(reel_comments::user_id)))
        .filter(reel_comments::reel_id.eq(reel_id))
        .select((Comment::as_select(), Account::as_select()))
        .order((reel_comments::created_at.desc(), reel_comments::id.desc()))
        .into_boxed();
    if let Some(Place { at, id }) = page.after() {
        let behind = reel_comments::created_at.lt(at).or(reel_comments::id.lt(CommentId::from(id)));
        query = query.filter(reel_comments::created_at.le(at)).filter(behind);
    }
    limited(query, page.with_one_more(), page.offset()).load(conn).await
}
