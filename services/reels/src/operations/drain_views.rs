//! Write the counted views from Redis to the reels; due every ten seconds, needs no input.
//!
//! Always true: a batch is written once, and said once for each reel. It keeps its id until it is forgotten in Redis, and
//! the id is a row of the transaction that writes it; whoever finds the batch again only forgets it.

use commerce_types::ReelId;
use redis_link::views;

use crate::app::App;
use crate::error::Error;
use crate::{events, store};

/// How many reels got views.
///
/// # Errors
/// [`Error::Database`]; the views stay in Redis.
pub(crate) async fn drain_views(app: &App) -> Result<usize, Error> {
    let Some(batch) = views::take(&app.redis).await else { return Ok(0) };
    let views: Vec<(ReelId, i64)> = batch.views.iter().map(|(reel, views)| ((*reel).into(), *views)).collect();
    let written = database::transaction(&app.pool, async |conn| {
        store::views::forget_batches(conn).await?;
        if !store::views::begin(conn, batch.id).await? {
            return Ok::<_, Error>(0);
        }
        let seen = store::views::add(conn, &views).await?;
        let said: Vec<_> = seen.iter().map(|(reel_id, views)| events::views_counted(*reel_id, *views)).collect();
        events::write_all(conn, &said).await?;
        Ok(seen.len())
    });
    let written = written.await?;
    app.waker.wake();
    views::forget(&app.redis, batch.id).await;
    Ok(written)
}
