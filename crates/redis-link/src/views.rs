//! Looks at things, counted once per viewer within a window, until they are written to the database.
//!
//! Always true: the number never falls. Counted views form a batch; it keeps its id until it is forgotten, and whoever
//! writes it records the id in the same transaction. So a batch is written once, and who adds what is not written yet to
//! what is recognises one that was written meanwhile.

use std::collections::HashMap;
use std::time::Duration;

use redis::Script;
use uuid::Uuid;

use crate::RedisLink;

/// Keys: the viewer's mark, the views to be written, those being written. Values: window in ms, what was looked at, id of
/// a batch that begins with this view. Answers: counted, then id and number of both batches.
const COUNT: &str = "\
    local counted = 0 \
    if redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then \
      redis.call('HSETNX', KEYS[2], 'batch', ARGV[3]) \
      redis.call('HINCRBY', KEYS[2], ARGV[2], 1) \
      counted = 1 \
    end \
    return {counted, redis.call('HGET', KEYS[2], 'batch'), redis.call('HGET', KEYS[2], ARGV[2]), \
      redis.call('HGET', KEYS[3], 'batch'), redis.call('HGET', KEYS[3], ARGV[2])}";

/// Takes what is to be written, or again what was taken before and not forgotten.
const TAKE: &str = "\
    if redis.call('EXISTS', KEYS[2]) == 0 then \
      if redis.call('EXISTS', KEYS[1]) == 0 then return {} end \
      redis.call('RENAME', KEYS[1], KEYS[2]) \
    end \
    return redis.call('HGETALL', KEYS[2])";

/// Deletes what was written, unless it is another batch by now.
const FORGET: &str = "\
    if redis.call('HGET', KEYS[1], 'batch') == ARGV[1] then redis.call('DEL', KEYS[1]) end \
    return 1";

const COUNTED: &str = "views";
const TAKEN: &str = "views_draining";

/// What a look did.
#[derive(Debug, Clone)]
pub struct Look {
    /// It was the viewer's first within the window.
    pub counted: bool,
    /// Batches that are not forgotten, and how many views of the thing each holds.
    pub batches: Vec<(Uuid, i64)>,
}

/// Views that are to be written together.
#[derive(Debug, Clone)]
pub struct Batch {
    /// By which it is known again.
    pub id: Uuid,
    /// What was looked at, and how often.
    pub views: Vec<(Uuid, i64)>,
}

impl Look {
    /// The views that are in no batch among `written`.
    #[must_use]
    pub fn unwritten(&self, written: &[Uuid]) -> i64 {
        self.batches.iter().filter(|(id, _)| !written.contains(id)).map(|(_, views)| views).sum()
    }

    /// The ids of its batches.
    #[must_use]
    pub fn batch_ids(&self) -> Vec<Uuid> {
        self.batches.iter().map(|(id, _)| *id).collect()
    }
}

type Counted = (i64, Option<String>, Option<i64>, Option<String>, Option<i64>);

/// Counts a look of `viewer` at `what`; `next_batch` is the id of a batch that begins with it. `None` while Redis is away.
pub async fn count(redis: &RedisLink, what: Uuid, viewer: &str, window: Duration, next_batch: Uuid) -> Option<Look> {
    let window_ms = u64::try_from(window.as_millis()).unwrap_or(u64::MAX).max(1);
    let script = Script::new(COUNT);
    let mut call = script.key(redis.key(&format!("seen:{what}:{viewer}")));
    call.key(redis.key(COUNTED)).key(redis.key(TAKEN));
    call.arg(window_ms).arg(what.to_string()).arg(next_batch.to_string());
    let answer: Counted = redis.ask(async |redis| call.invoke_async(redis).await).await?;
    let (counted, pending_batch, pending, taken_batch, taken) = answer;
    let batch = |id: Option<String>, views: Option<i64>| Some((id?.parse::<Uuid>().ok()?, views.unwrap_or(0)));
    let batches = [batch(pending_batch, pending), batch(taken_batch, taken)].into_iter().flatten().collect();
    Some(Look { counted: counted == 1, batches })
}

/// The batch to write next: the one that was taken before and not forgotten, else what was counted since. `None` when
/// there is nothing, or Redis is away.
pub async fn take(redis: &RedisLink) -> Option<Batch> {
    let script = Script::new(TAKE);
    let mut call = script.key(redis.key(COUNTED));
    call.key(redis.key(TAKEN));
    let taken: HashMap<String, String> = redis.ask(async |redis| call.invoke_async(redis).await).await?;
    let id = taken.get("batch")?.parse().ok()?;
    let views = taken.iter().filter_map(|(what, views)| Some((what.parse().ok()?, views.parse().ok()?)));
    Some(Batch { id, views: views.collect() })
}

/// Forgets a batch that was written; while Redis is away it is taken once more, and recognised.
pub async fn forget(redis: &RedisLink, batch: Uuid) {
    let script = Script::new(FORGET);
    let mut call = script.key(redis.key(TAKEN));
    call.arg(batch.to_string());
    let _away: Option<i64> = redis.ask(async |redis| call.invoke_async(redis).await).await;
}
