//! Accounts are gone: their carts are emptied for good, and what was answered to their keys; in the transaction of the
//! batch that told it. A token that is still good somewhere adds nothing any more.

use commerce_types::UserId;
use diesel_async::AsyncPgConnection;

use crate::store;

/// # Errors
/// The database.
pub(crate) async fn forget_accounts(conn: &mut AsyncPgConnection, user_ids: &[UserId]) -> diesel::QueryResult<()> {
    if user_ids.is_empty() {
        return Ok(());
    }
    // Lines first, as everywhere; then once more those that were being added meanwhile.
    store::lines::delete_all(conn, user_ids).await?;
    store::carts::bury(conn, user_ids).await?;
    store::lines::delete_all(conn, user_ids).await?;
    for user_id in user_ids {
        database::answers::empty_for_owner(conn, user_id.as_uuid()).await?;
    }
    Ok(())
}
