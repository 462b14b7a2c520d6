//! Forget what accounts sent longer ago than it counts.

use crate::app::App;
use crate::domain::quota;
use crate::error::Error;
use crate::store;

/// # Errors
/// [`Error::Database`].
pub(crate) async fn forget_receipts(app: &App) -> Result<usize, Error> {
    Ok(store::receipts::forget(&mut *app.pool.get().await?, quota::WINDOW).await?)
}
