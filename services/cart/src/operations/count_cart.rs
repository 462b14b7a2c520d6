//! How many units the caller's cart has.

use commerce_types::UserId;

use crate::app::App;
use crate::error::Error;
use crate::store;

/// # Errors
/// [`Error::Database`].
pub(crate) async fn count_cart(app: &App, user_id: UserId) -> Result<i64, Error> {
    Ok(store::lines::count_units(&mut *app.pool.get().await?, user_id).await?)
}
