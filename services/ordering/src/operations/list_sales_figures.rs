//! List what a seller sold of some products.

use commerce_types::{ProductId, UserId};

use crate::app::App;
use crate::error::Error;
use crate::store;
use crate::store::figures::SalesFigures;

pub(crate) async fn list_sales_figures(
    app: &App,
    seller_id: UserId,
    product_ids: &[ProductId],
) -> Result<Vec<SalesFigures>, Error> {
    Ok(store::figures::list(&mut *app.pool.get().await?, seller_id, product_ids).await?)
}
