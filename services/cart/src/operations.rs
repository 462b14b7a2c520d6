//! What cart does: one file for each thing, which owns the transaction.

pub(crate) mod add_item;
pub(crate) mod clear_cart;
pub(crate) mod clear_ordered;
pub(crate) mod count_cart;
pub(crate) mod forget_accounts;
pub(crate) mod get_cart;
pub(crate) mod merge_cart;
pub(crate) mod remove_item;
pub(crate) mod set_item;

use std::time::Duration;

use commerce_types::UserId;
use diesel_async::AsyncPgConnection;

use crate::domain::cart::can_be_paid;
use crate::error::Error;
use crate::store;

/// A read goes on without catalog, in time for its own deadline.
const READ_PATIENCE: Duration = Duration::from_secs(1);
/// A write cannot go on without it.
const WRITE_PATIENCE: Duration = Duration::from_secs(3);

/// Refuses what this transaction has made of a cart, if nobody could pay it. Holds the cart until the end, so that of
/// two parallel writes the second sees the first.
async fn check_total(conn: &mut AsyncPgConnection, user_id: UserId) -> Result<(), Error> {
    store::carts::lock(conn, user_id).await?;
    let lines = store::lines::list(conn, user_id).await?;
    if can_be_paid(&lines) { Ok(()) } else { Err(Error::TooDear) }
}
