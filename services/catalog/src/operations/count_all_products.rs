//! Count the products of all sellers by kind, in one aggregate.

use crate::app::App;
use crate::error::Error;
use crate::store;
use crate::store::products::ProductCounts;

/// # Errors
/// [`Error::Database`].
pub(crate) async fn count_all_products(app: &App) -> Result<ProductCounts, Error> {
    Ok(store::products::count_all(&mut *app.pool.get().await?).await?)
}
