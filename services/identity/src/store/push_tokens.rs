//! Queries on `push_tokens`. Callers have locked the account.

use commerce_types::UserId;
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel::upsert::excluded;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::push_token::{NewPushToken, PushToken};
use crate::schema::push_tokens;

/// Takes the token over if it was somebody else's.
pub(crate) async fn put(conn: &mut AsyncPgConnection, new: &NewPushToken) -> QueryResult<PushToken> {
    diesel::insert_into(push_tokens::table)
        .values(new)
        .on_conflict(push_tokens::token)
        .do_update()
        .set((
            push_tokens::user_id.eq(excluded(push_tokens::user_id)),
            push_tokens::platform.eq(excluded(push_tokens::platform)),
            push_tokens::registered_at.eq(excluded(push_tokens::registered_at)),
        ))
        .returning(PushToken::as_returning())
        .get_result(conn)
        .await
}

/// Keeps the newest of an account.
pub(crate) async fn keep_newest(conn: &mut AsyncPgConnection, user_id: UserId, most: i64) -> QueryResult<usize> {
    let delete = statement(
        "DELETE FROM push_tokens WHERE token IN (SELECT token FROM push_tokens WHERE user_id = ? \
         ORDER BY registered_at DESC, token OFFSET ?)",
    );
    delete.bind::<SqlUuid, _>(user_id).bind::<BigInt, _>(most).execute(conn).await
}

/// Whether it was there and the account's.
pub(crate) async fn delete(conn: &mut AsyncPgConnection, user_id: UserId, token: &str) -> QueryResult<usize> {
    let theirs = push_tokens::table.filter(push_tokens::token.eq(token)).filter(push_tokens::user_id.eq(user_id));
    diesel::delete(theirs).execute(conn).await
}

/// All of an account; answers how many they were.
pub(crate) async fn delete_all(conn: &mut AsyncPgConnection, user_id: UserId) -> QueryResult<usize> {
    diesel::delete(push_tokens::table.filter(push_tokens::user_id.eq(user_id))).execute(conn).await
}
