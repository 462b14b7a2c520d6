//! Count a look at a product: once per viewer within the window, in Redis; without Redis it is not counted.
//!
//! Always true: the number never falls. What is not written yet is added to what is, and a batch that was written while
//! we asked is recognised by its id.

use commerce_types::ProductId;
use redis_link::views;
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::store;

/// The number of views, and whether this one moved it.
///
/// # Errors
/// [`Error::ProductNotFound`]: not on sale.
pub(crate) async fn view_product(app: &App, id: ProductId, viewer: &str) -> Result<(i64, bool), Error> {
    find(app, id, &[]).await?;
    let Some(look) = views::count(&app.redis, id.into(), viewer, app.view_window, app.ids.next()).await else {
        return Ok((find(app, id, &[]).await?.viewers_count, false));
    };
    let written = find(app, id, &look.batch_ids()).await?;
    Ok((written.viewers_count + look.unwritten(&written.batch_ids), look.counted))
}

async fn find(app: &App, id: ProductId, batch_ids: &[Uuid]) -> Result<store::views::Written, Error> {
    let mut conn = app.pool.get().await?;
    store::views::find(&mut conn, id, batch_ids).await?.ok_or(Error::ProductNotFound)
}
