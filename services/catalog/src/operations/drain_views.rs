//! Write the counted views from Redis to the products; due every ten seconds, needs no input.
//!
//! Always true: a batch is written once. It keeps its id until it is deleted from Redis, and the id is a row of the
//! transaction that writes it; whoever finds the batch again only deletes it.

use std::collections::HashMap;

use commerce_types::ProductId;
use redis::Script;
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::store;

/// Takes what is to be written, or again what was taken before and not deleted.
const TAKE: &str = "\
    if redis.call('EXISTS', KEYS[2]) == 0 then \
      if redis.call('EXISTS', KEYS[1]) == 0 then return {} end \
      redis.call('RENAME', KEYS[1], KEYS[2]) \
    end \
    return redis.call('HGETALL', KEYS[2])";

/// Deletes what was written, unless it is another batch by now.
const DELETE: &str = "\
    if redis.call('HGET', KEYS[1], 'batch') == ARGV[1] then redis.call('DEL', KEYS[1]) end \
    return 1";

/// How many products got views.
///
/// # Errors
/// [`Error::Database`]; the views stay in Redis.
pub(crate) async fn drain_views(app: &App) -> Result<usize, Error> {
    let taken: Option<HashMap<String, String>> = {
        let script = Script::new(TAKE);
        let mut call = script.key(app.redis.key("views"));
        call.key(app.redis.key("views_draining"));
        app.redis.ask(async |redis| call.invoke_async(redis).await).await
    };
    let Some(batch_id) = taken.as_ref().and_then(|taken| taken.get("batch")?.parse::<Uuid>().ok()) else {
        return Ok(0);
    };
    let views: Vec<(ProductId, i64)> = taken
        .iter()
        .flatten()
        .filter_map(|(product, views)| Some((product.parse().ok()?, views.parse().ok()?)))
        .collect();
    let written = database::transaction(&app.pool, async |conn| {
        store::views::forget_batches(conn).await?;
        if store::views::begin(conn, batch_id).await? {
            Ok::<_, Error>(store::views::add(conn, &views).await?)
        } else {
            Ok(0)
        }
    });
    let written = written.await?;
    let script = Script::new(DELETE);
    let mut call = script.key(app.redis.key("views_draining"));
    call.arg(batch_id.to_string());
    let _away: Option<i64> = app.redis.ask(async |redis| call.invoke_async(redis).await).await;
    Ok(written)
}
