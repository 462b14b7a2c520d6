//! Queries on `accounts`, the copies of the public users that orders show.
//!
//! Always true: the newer version wins, whatever comes first; a deleted account never comes back.

use chrono::{DateTime, Utc};
use commerce_types::{PublicUser, SellerCategory, UserId};
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::buyer::DELETED_USER;
use crate::schema::accounts;

/// A copy.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = accounts)]
pub(crate) struct Account {
    pub(crate) id: UserId,
    pub(crate) full_name: String,
    pub(crate) avatar_url: Option<String>,
    pub(crate) seller_category: Option<SellerCategory>,
    pub(crate) is_verified: bool,
    pub(crate) deleted_at: Option<DateTime<Utc>>,
}

impl From<Account> for PublicUser {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            full_name: account.full_name,
            avatar_url: account.avatar_url,
            seller_category: account.seller_category,
            is_verified: account.is_verified,
        }
    }
}

pub(crate) async fn list(conn: &mut AsyncPgConnection, ids: &[UserId]) -> QueryResult<Vec<Account>> {
    Account::query().filter(accounts::id.eq_any(ids)).load(conn).await
}

/// Locked against its deletion until the transaction ends.
pub(crate) async fn lock(conn: &AsyncPgConnection, id: UserId) -> QueryResult<Option<Account>> {
    Account::query().filter(accounts::id.eq(id)).for_share().first(&mut &*conn).await.optional()
}

/// Keeps users as they were seen in a token or an offer: fills in those that are missing, refreshes those that
/// identity never told of.
pub(crate) async fn see(conn: &mut AsyncPgConnection, users: &[PublicUser]) -> QueryResult<()> {
    put(conn, &users.iter().map(|user| (user, 0)).collect::<Vec<_>>()).await
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
