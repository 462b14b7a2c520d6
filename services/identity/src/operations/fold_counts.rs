//! Fold what is kept of how many accounts there are, so that it stays short.

use crate::app::App;
use crate::error::Error;
use crate::store;

/// # Errors
/// [`Error::Database`].
pub(crate) async fn fold_counts(app: &App) -> Result<(), Error> {
    store::counts::fold(&mut *app.pool.get().await?).await?;
    Ok(())
}
