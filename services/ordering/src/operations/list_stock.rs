//! List stock as it is now, for copies to be held against.

use commerce_types::ProductId;

use crate::app::App;
use crate::domain::stock::Stock;
use crate::error::Error;
use crate::store;

/// Products that never had any are left out.
pub(crate) async fn list_stock(app: &App, product_ids: &[ProductId]) -> Result<Vec<Stock>, Error> {
    Ok(store::stock::list(&mut *app.pool.get().await?, product_ids).await?)
}
