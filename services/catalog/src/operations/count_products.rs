//! Count what each of some sellers has on sale.

use commerce_types::UserId;

use crate::app::App;
use crate::error::Error;
use crate::store;

/// Sellers without any are left out.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn count_products(app: &App, seller_ids: &[UserId]) -> Result<Vec<(UserId, i64)>, Error> {
    Ok(store::products::count_on_sale(&mut *app.pool.get().await?, seller_ids).await?)
}
