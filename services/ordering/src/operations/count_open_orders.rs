//! Count what a seller has to finish before its account may go.

use commerce_types::UserId;

use crate::app::App;
use crate::error::Error;
use crate::store;

/// # Errors
/// [`Error::Database`].
pub(crate) async fn count_open_orders(app: &App, seller_id: UserId) -> Result<i64, Error> {
    Ok(store::orders::count_open(&mut *app.pool.get().await?, seller_id).await?)
}
