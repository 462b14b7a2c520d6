//! Write the counted views from Redis to the products; due every ten seconds, needs no input.
//!
//! Always true: a batch is written once. It keeps its id until it is forgotten in Redis, and the id is a row of the
//! transaction that writes it; whoever finds the batch again only forgets it.

use commerce_types::ProductId;
use redis_link::views;

use crate::app::App;
use crate::error::Error;
use crate::store;

/// How many products got views.
///
/// # Errors
/// [`Error::Database`]; the views stay in Redis.
pub(crate) async fn drain_views(app: &App) -> Result<usize, Error> {
    let Some(batch) = views::take(&app.redis).await else { return Ok(0) };
    let views: Vec<(ProductId, i64)> = batch.views.iter().map(|(product, views)| ((*product).into(), *views)).collect();
    let written = database::transaction(&app.pool, async |conn| {
        store::views::forget_batches(conn).await?;
        if store::views::begin(conn, batch.id).await? {
            Ok::<_, Error>(store::views::add(conn, &views).await?)
        } else {
            Ok(0)
        }
    });
    let written = written.await?;
    views::forget(&app.redis, batch.id).await;
    Ok(written)
}
