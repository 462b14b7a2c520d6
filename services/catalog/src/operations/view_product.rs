//! Count a look at a product: once per viewer within the window, in Redis; without Redis it is not counted.
//!
//! Always true: the number never falls. What is not written yet is added to what is, and a batch that was written while
//! we asked is recognised by its id.

use commerce_types::ProductId;
use redis::Script;
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::store;

/// Keys: the viewer's mark, the views to be written, those being written. Values: window in ms, product, id of a batch
/// that begins with this view. Answers: counted, then id and number of both batches.
const COUNT: &str = "\
    local counted = 0 \
    if redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then \
      redis.call('HSETNX', KEYS[2], 'batch', ARGV[3]) \
      redis.call('HINCRBY', KEYS[2], ARGV[2], 1) \
      counted = 1 \
    end \
    return {counted, redis.call('HGET', KEYS[2], 'batch'), redis.call('HGET', KEYS[2], ARGV[2]), \
      redis.call('HGET', KEYS[3], 'batch'), redis.call('HGET', KEYS[3], ARGV[2])}";

type Counted = (i64, Option<String>, Option<i64>, Option<String>, Option<i64>);

/// The number of views, and whether this one moved it.
///
/// # Errors
/// [`Error::ProductNotFound`]: not on sale.
pub(crate) async fn view_product(app: &App, id: ProductId, viewer: &str) -> Result<(i64, bool), Error> {
    find(app, id, &[]).await?;
    let Some((counted, pending_batch, pending, draining_batch, draining)) = count(app, id, viewer).await else {
        return Ok((find(app, id, &[]).await?.viewers_count, false));
    };
    let batch = |id: Option<String>, views: Option<i64>| Some((id?.parse::<Uuid>().ok()?, views.unwrap_or(0)));
    let batches: Vec<(Uuid, i64)> =
        [batch(pending_batch, pending), batch(draining_batch, draining)].into_iter().flatten().collect();
    let ids: Vec<Uuid> = batches.iter().map(|(id, _)| *id).collect();
    let written = find(app, id, &ids).await?;
    let unwritten = batches.iter().filter(|(id, _)| !written.batch_ids.contains(id)).map(|(_, views)| views);
    Ok((written.viewers_count + unwritten.sum::<i64>(), counted == 1))
}

async fn find(app: &App, id: ProductId, batch_ids: &[Uuid]) -> Result<store::views::Written, Error> {
    let mut conn = app.pool.get().await?;
    store::views::find(&mut conn, id, batch_ids).await?.ok_or(Error::ProductNotFound)
}

async fn count(app: &App, id: ProductId, viewer: &str) -> Option<Counted> {
    let window_ms = u64::try_from(app.view_window.as_millis()).unwrap_or(u64::MAX).max(1);
    let script = Script::new(COUNT);
    let mut call = script.key(app.redis.key(&format!("seen:{id}:{viewer}")));
    call.key(app.redis.key("views")).key(app.redis.key("views_draining"));
    call.arg(window_ms).arg(id.to_string()).arg(app.ids.next::<Uuid>().to_string());
    app.redis.ask(async |redis| call.invoke_async(redis).await).await
}
