//! Count the reels that can be watched, and how often they were.

use crate::app::App;
use crate::error::Error;
use crate::store;

/// How many are ready, and the views of all of those.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn count_reels(app: &App) -> Result<(i64, i64), Error> {
    Ok(store::reels::sum_up(&mut *app.pool.get().await?).await?)
}
