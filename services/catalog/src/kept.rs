//! Answers that are dear to work out and may be a little old: kept in Redis for all instances, and for a few seconds in
//! this process, where many who ask at the same time work them out once.
//!
//! Without Redis they are worked out every few seconds; never is that an error.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use redis::AsyncCommands;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Error;
use redis_link::RedisLink;

/// How long an answer of this process goes without asking Redis again.
const SHARED: Duration = Duration::from_secs(5);

/// Answers of one kind, each under its key.
#[derive(Clone)]
pub(crate) struct Kept<T> {
    redis: RedisLink,
    name: &'static str,
    kept_ms: u64,
    shared: Cache<String, Arc<T>>,
}

impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> Kept<T> {
    /// At most `most` of them in this process; none is older than `kept` and a few seconds.
    pub(crate) fn new(redis: RedisLink, name: &'static str, most: u64, kept: Duration) -> Self {
        let shared = Cache::builder().max_capacity(most).time_to_live(SHARED.min(kept)).build();
        Self { redis, name, kept_ms: u64::try_from(kept.as_millis()).unwrap_or(u64::MAX).max(1), shared }
    }

    /// What is kept under `key`, else what `work` answers.
    ///
    /// # Errors
    /// Those of `work`, for all who wait for it; nothing is kept then.
    pub(crate) async fn get(&self, key: &str, work: impl Future<Output = Result<T, Error>>) -> Result<Arc<T>, Error> {
        self.shared.try_get_with_by_ref(key, self.find_or_work(key, work)).await.map_err(Error::Shared)
    }

    async fn find_or_work(&self, key: &str, work: impl Future<Output = Result<T, Error>>) -> Result<Arc<T>, Error> {
        let key = self.redis.key(&format!("{}:{key}", self.name));
        let kept: Option<Option<String>> = self.redis.ask(async |redis| redis.get(&key).await).await;
        if let Some(answer) = kept.flatten().and_then(|text| serde_json::from_str(&text).ok()) {
            return Ok(Arc::new(answer));
        }
        let answer = work.await?;
        if let Ok(text) = serde_json::to_string(&answer) {
            let _away: Option<()> = self.redis.ask(async |redis| redis.pset_ex(&key, text, self.kept_ms).await).await;
        }
        Ok(Arc::new(answer))
    }
}
