//! Keep what identity says of accounts: copies of the living, nothing of the dead.
//!
//! Always true: the newer version wins; a deleted account never comes back, its finished orders lose their personal
//! fields now and the others when they finish, its stored answers are empty.

use chrono::{DateTime, Utc};
use commerce_types::{PublicUser, UserId};
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;

use crate::store;

/// What identity said.
pub(crate) enum Told {
    /// The account, and which state of it this is.
    Changed(PublicUser, i64),
    Deleted(UserId),
}

/// In the consumer's transaction.
pub(crate) async fn keep_accounts(
    conn: &mut AsyncPgConnection,
    told: Vec<Told>,
    now: DateTime<Utc>,
) -> QueryResult<()> {
    let (mut changed, mut deleted) = (Vec::new(), Vec::new());
    for each in told {
        match each {
            Told::Changed(user, version) => changed.push((user, version)),
            Told::Deleted(user_id) => deleted.push(user_id),
        }
    }
    if !changed.is_empty() {
        store::accounts::update(conn, &changed).await?;
    }
    deleted.sort();
    for user_id in deleted {
        // First the account: an order that finishes at this moment holds it, and is then seen as finished.
        store::accounts::bury(conn, user_id, now).await?;
        let orders = store::orders::wipe_finished(conn, user_id, now).await?;
        let answers = database::answers::empty_for_owner(conn, user_id.as_uuid()).await?;
        tracing::info!(%user_id, orders, answers, "a deleted account was forgotten");
    }
    Ok(())
}
