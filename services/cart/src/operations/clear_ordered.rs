//! What an account has ordered leaves its cart, unless it was changed after the order: in the transaction of the batch
//! that told it.

use chrono::{DateTime, Utc};
use commerce_types::{ProductId, UserId};
use diesel_async::AsyncPgConnection;

use crate::store;

/// Who ordered what, and when by the clock of ordering's database.
pub(crate) type Ordered = (UserId, ProductId, DateTime<Utc>);

/// # Errors
/// The database.
pub(crate) async fn clear_ordered(conn: &mut AsyncPgConnection, ordered: &[Ordered]) -> diesel::QueryResult<()> {
    if !ordered.is_empty() {
        store::lines::delete_ordered(conn, ordered).await?;
    }
    Ok(())
}
