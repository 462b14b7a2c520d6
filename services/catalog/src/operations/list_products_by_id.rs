//! Whole products by their ids, as long as they are on sale.

use commerce_types::ProductId;

use crate::app::App;
use crate::domain::product::ShownProduct;
use crate::error::Error;
use crate::store;

/// In the order of `ids`; those that are not on sale are left out.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn list_products_by_id(app: &App, ids: &[ProductId]) -> Result<Vec<ShownProduct>, Error> {
    let mut shown = store::shown::list(&mut *app.pool.get().await?, ids).await?;
    shown.retain(|shown| shown.product.on_sale);
    Ok(shown)
}
