//! Queries on `accounts`, the copies of the public users that reels show.
//!
//! Always true: the newer version wins, whatever comes first; a deleted account never comes back.

use chrono::{DateTime, Utc};
use commerce_types::{PublicUser, UserId};
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::account::{Account, DELETED_USER};
use crate::schema::accounts;

/// One that is not deleted.
pub(crate) async fn find(conn: &mut AsyncPgConnection, id: UserId) -> QueryResult<Option<PublicUser>> {
    let kept = Account::query().filter(accounts::id.eq(id)).filter(accounts::deleted_at.is_null());
    Ok(kept.first(conn).await.optional()?.map(Into::into))
}

/// Those of `ids` that are deleted; none is deleted from here to the end of the transaction. In id order, as everywhere.
pub(crate) async fn hold(conn: &mut AsyncPgConnection, ids: &[UserId]) -> QueryResult<Vec<UserId>> {
    let held = accounts::table.filter(accounts::id.eq_any(ids)).order(accounts::id).for_share();
    let held: Vec<(UserId, Option<DateTime<Utc>>)> =
        held.select((accounts::id, accounts::deleted_at)).load(conn).await?;
    Ok(held.into_iter().filter_map(|(id, deleted_at)| deleted_at.map(|_| id)).collect())
}

/// Keeps users as they were seen in a token: fills in those that are missing, refreshes those that identity never told
/// of. Mostly there is nothing to do, and then nothing is locked.
pub(crate) async fn see(conn: &mut AsyncPgConnection, users: &[PublicUser]) -> QueryResult<()> {
    let known: Vec<UserId> = accounts::table
        .filter(accounts::id.eq_any(users.iter().map(|user| user.id)))
        .filter(accounts::version.gt(0).or(accounts::deleted_at.is_not_null()))
        .select(accounts::id)
        .load(conn)
        .await?;
    let unknown: Vec<_> = users.iter().filter(|user| !known.contains(&user.id)).map(|user| (user, 0)).collect();
    if unknown.is_empty() { Ok(()) } else { put(conn, &unknown).await }
}

/// Keeps users as identity has them, each with its version; older news change nothing.
pub(crate) async fn update(conn: &mut AsyncPgConnection, users: &[(PublicUser, i64)]) -> QueryResult<()> {
    put(conn, &users.iter().map(|(user, version)| (user, *version)).collect::<Vec<_>>()).await
}

/// Rows are taken in id order, so that two writers wait for each other and never dead-lock; of two versions of one
/// account the newer goes in.
async fn put(conn: &mut AsyncPgConnection, users: &[(&PublicUser, i64)]) -> QueryResult<()> {
    statement(
        "INSERT INTO accounts (id, full_name, avatar_url, seller_category, is_verified, version) \
         SELECT DISTINCT ON (seen.id) seen.* FROM unnest(?, ?, ?, ?, ?, ?) \
           AS seen (id, full_name, avatar_url, seller_category, is_verified, version) \
         ORDER BY seen.id, seen.version DESC \
         ON CONFLICT (id) DO UPDATE SET full_name = excluded.full_name, avatar_url = excluded.avatar_url, \
           seller_category = excluded.seller_category, is_verified = excluded.is_verified, \
           version = excluded.version \
         WHERE accounts.deleted_at IS NULL AND (accounts.version < excluded.version \
           OR (accounts.version = 0 AND excluded.version = 0 AND \
             (accounts.full_name, accounts.avatar_url, accounts.seller_category, accounts.is_verified) \
             IS DISTINCT FROM \
             (excluded.full_name, excluded.avatar_url, excluded.seller_category, excluded.is_verified)))",
    )
    .bind::<Array<SqlUuid>, _>(users.iter().map(|(user, _)| user.id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(users.iter().map(|(user, _)| user.full_name.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(users.iter().map(|(user, _)| user.avatar_url.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(users.iter().map(|(user, _)| user.seller_category).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(users.iter().map(|(user, _)| user.is_verified).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(users.iter().map(|(_, version)| *version).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// Leaves of an account what others may still see of it, for good.
pub(crate) async fn bury(conn: &mut AsyncPgConnection, id: UserId, now: DateTime<Utc>) -> QueryResult<()> {
    statement(
        "INSERT INTO accounts (id, full_name, is_verified, deleted_at) VALUES (?, ?, false, ?) \
         ON CONFLICT (id) DO UPDATE SET full_name = excluded.full_name, avatar_url = NULL, \
           seller_category = NULL, is_verified = false, deleted_at = excluded.deleted_at \
         WHERE accounts.deleted_at IS NULL",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(DELETED_USER)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}
