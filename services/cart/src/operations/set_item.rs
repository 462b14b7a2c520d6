//! Set the quantity of a line of the caller's cart; its snapshot is renewed. May be repeated.

use commerce_types::{CartItemId, UserId};

use crate::app::App;
use crate::domain::line::NewLine;
use crate::error::Error;
use crate::operations::{WRITE_PATIENCE, check_total};
use crate::reply::Written;
use crate::store;

/// # Errors
/// [`Error::ItemNotFound`], also for the lines of others; [`Error::ProductNotFound`], [`Error::Refused`],
/// [`Error::TooDear`], [`Error::Catalog`]: nothing was changed.
pub(crate) async fn set_item(app: &App, user_id: UserId, id: CartItemId, quantity: i32) -> Result<Written, Error> {
    let line = store::lines::find(&mut *app.pool.get().await?, user_id, id).await?.ok_or(Error::ItemNotFound)?;
    // No connection is held while catalog thinks.
    let product = app.catalog.product(line.product_id, WRITE_PATIENCE).await?;
    let product = product.ok_or(Error::ProductNotFound(line.product_id))?;
    product.offer.check(quantity)?;
    let wanted = NewLine::new(id, user_id, &product.offer, quantity);
    let line = if product.offer.is_light() {
        store::lines::set(&mut *app.pool.get().await?, &wanted).await?
    } else {
        database::transaction(&app.pool, async |conn| {
            let line = store::lines::set(conn, &wanted).await?;
            check_total(conn, user_id).await?;
            Ok::<_, Error>(line)
        })
        .await?
    };
    Ok(Written::new(line.ok_or(Error::ItemNotFound)?, &product))
}
