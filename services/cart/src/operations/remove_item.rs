//! A line leaves the caller's cart.

use commerce_types::{CartItemId, UserId};

use crate::app::App;
use crate::error::Error;
use crate::store;

/// # Errors
/// [`Error::ItemNotFound`], also for the lines of others.
pub(crate) async fn remove_item(app: &App, user_id: UserId, id: CartItemId) -> Result<(), Error> {
    let was_there = store::lines::delete(&mut *app.pool.get().await?, user_id, id).await?;
    if was_there { Ok(()) } else { Err(Error::ItemNotFound) }
}
