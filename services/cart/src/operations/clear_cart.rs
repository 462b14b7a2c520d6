//! The caller's cart is emptied.

use commerce_types::UserId;

use crate::app::App;
use crate::error::Error;
use crate::store;

/// How many lines there were.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn clear_cart(app: &App, user_id: UserId) -> Result<usize, Error> {
    Ok(store::lines::delete_all(&mut *app.pool.get().await?, &[user_id]).await?)
}
