//! The caller's lines with current figures; from the lines alone while catalog is away.

use commerce_types::UserId;
use protocol::cart::v1::Cart;

use crate::app::App;
use crate::error::Error;
use crate::operations::READ_PATIENCE;
use crate::{reply, store};

/// # Errors
/// [`Error::Database`].
pub(crate) async fn get_cart(app: &App, user_id: UserId) -> Result<Cart, Error> {
    let lines = store::lines::list(&mut *app.pool.get().await?, user_id).await?;
    let products = app.catalog.products(lines.iter().map(|line| line.product_id), READ_PATIENCE).await;
    let products = products.inspect_err(|status| {
        tracing::warn!(error = service_error::chain(status), "a cart is shown without catalog");
    });
    Ok(reply::cart(lines, products.ok().as_ref()))
}
