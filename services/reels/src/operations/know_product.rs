//! Keep a copy of a product that is to have a reel.
//!
//! Always true: no event is passed over and no older answer overwrites a newer event. A copy is there before catalog is
//! asked for what it will say, and what was asked for is kept only where no event moved the copy meanwhile.

use commerce_types::ProductId;

use crate::app::App;
use crate::domain::product::Product;
use crate::error::Error;
use crate::store;

/// Events of one product that may come in between.
const TRIES: usize = 5;

/// The product as the bearer of `token` sees it; `None` when it is none that the bearer sees.
///
/// # Errors
/// [`Error::Catalog`], [`Error::Database`].
pub(crate) async fn know_product(app: &App, id: ProductId, token: &str) -> Result<Option<Product>, Error> {
    for _ in 0..TRIES {
        let heard = store::products::heard(&mut *app.pool.get().await?, id).await?;
        // No connection is held while catalog thinks.
        let Some(asked) = app.catalog.product(id, token).await? else { return Ok(None) };
        let mut conn = app.pool.get().await?;
        match heard {
            // What was said before there was a copy was passed over: it is asked for once more.
            None => {
                store::products::insert(&mut conn, &asked).await?;
            }
            Some(heard) if store::products::replace(&mut conn, &asked, heard).await? => break,
            Some(_) => {}
        }
    }
    Ok(store::products::find(&mut *app.pool.get().await?, id).await?)
}
