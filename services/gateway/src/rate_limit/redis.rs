//! Redis as the edge uses it: 50 ms for an answer, and left alone for a second after five failures.
//!
//! Nothing here is needed for an answer: who asks must have a way to go on without.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, Client, FromRedisValue, RedisResult, ScriptInvocation};

use super::clock::Clock;
use super::gcra::Micros;

const ANSWER_WITHIN: Duration = Duration::from_millis(50);
const CONNECT_WITHIN: Duration = Duration::from_millis(100);
const FAILURES_UNTIL_AWAY: u32 = 5;
const AWAY_FOR: Micros = 1_000_000;

/// Redis did not answer, or is left alone after it repeatedly did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("redis is away")]
pub struct Away;

/// One connection for the whole process; it reconnects by itself.
pub struct Redis {
    connection: ConnectionManager,
    failures: AtomicU32,
    away_until: AtomicI64,
    clock: Clock,
}

impl Redis {
    /// Does not connect yet: the edge starts without Redis, too.
    ///
    /// # Errors
    /// The address is not one.
    pub fn new(url: &str) -> RedisResult<Self> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT_WITHIN))
            .set_response_timeout(Some(ANSWER_WITHIN))
            .set_number_of_retries(1)
            .set_max_delay(Duration::from_millis(100));
        Ok(Self {
            connection: ConnectionManager::new_lazy_with_config(Client::open(url)?, config)?,
            failures: AtomicU32::new(0),
            away_until: AtomicI64::new(0),
            clock: Clock::new(),
        })
    }

    /// Whether it is known to be away right now.
    pub fn is_away(&self) -> bool {
        self.clock.now() < self.away_until.load(Ordering::Relaxed)
    }

    /// Runs a script, once.
    pub(super) async fn run<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, Away> {
        self.ask(async |mut connection| script.invoke_async(&mut connection).await).await
    }

    /// Whether it answers at all.
    pub async fn ping(&self) -> Result<(), Away> {
        self.ask(async |mut connection| redis::cmd("PING").query_async(&mut connection).await).await
    }

    /// What is kept under a key.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Away> {
        self.ask(async |mut connection| connection.get(key).await).await
    }

    /// Keeps something for a while.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn set_for(&self, key: &str, value: &[u8], kept: Duration) -> Result<(), Away> {
        let kept_ms = u64::try_from(kept.as_millis()).unwrap_or(u64::MAX);
        self.ask(async |mut connection| connection.pset_ex(key, value, kept_ms).await).await
    }

    async fn ask<T>(&self, command: impl AsyncFnOnce(ConnectionManager) -> RedisResult<T>) -> Result<T, Away> {
        if self.is_away() {
            return Err(without());
        }
        match tokio::time::timeout(ANSWER_WITHIN, command(self.connection.clone())).await {
            Ok(Ok(answer)) => {
                self.failures.store(0, Ordering::Relaxed);
                Ok(answer)
            }
            Ok(Err(error)) => Err(self.failed(&error.to_string())),
            Err(_) => Err(self.failed("no answer within 50 ms")),
        }
    }

    fn failed(&self, reason: &str) -> Away {
        if self.failures.fetch_add(1, Ordering::Relaxed) + 1 >= FAILURES_UNTIL_AWAY {
            let until = self.clock.now() + AWAY_FOR;
            if self.away_until.swap(until, Ordering::Relaxed) < until - AWAY_FOR {
                tracing::warn!(reason, "redis is away, limiting alone");
            }
        }
        without()
    }
}

/// One more that has to go on without an answer.
fn without() -> Away {
    metrics::counter!("gateway_redis_failures_total").increment(1);
    Away
}
