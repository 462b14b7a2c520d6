//! The way to Redis, which may be away at any time: whoever asks gets an answer within 50 ms or none; and the [`views`]
//! that are counted there until they are written.
//!
//! Belongs here: what services do with Redis in the same way. Does not: what one of them alone keeps there.

pub mod views;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use metrics::counter;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisResult};

const BUDGET: Duration = Duration::from_millis(50);
/// So many failures in a row, and for a while nobody tries.
const FAILURES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);

/// The way to Redis. Clones share it.
#[derive(Clone)]
pub struct RedisLink {
    service: &'static str,
    manager: ConnectionManager,
    prefix: Arc<str>,
    breaker: Arc<Breaker>,
}

struct Breaker {
    started: Instant,
    failures: AtomicU32,
    /// Milliseconds since `started`; before that nobody tries.
    quiet_until: AtomicI64,
}

impl RedisLink {
    /// Connects when it is first used, and again whenever it has to. `prefix` stands before every key, then `service`.
    ///
    /// # Errors
    /// The address is malformed.
    pub fn new(url: &str, prefix: &str, service: &'static str) -> RedisResult<Self> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(Duration::from_millis(100)))
            .set_response_timeout(Some(BUDGET))
            .set_number_of_retries(1);
        Ok(Self {
            service,
            manager: ConnectionManager::new_lazy_with_config(Client::open(url)?, config)?,
            prefix: prefix.into(),
            breaker: Arc::new(Breaker {
                started: Instant::now(),
                failures: AtomicU32::new(0),
                quiet_until: AtomicI64::new(0),
            }),
        })
    }

    /// A key of the service.
    #[must_use]
    pub fn key(&self, name: &str) -> String {
        format!("{}{}:{name}", self.prefix, self.service)
    }

    /// What `ask` learns; `None` when Redis is away or too slow.
    pub async fn ask<T>(&self, ask: impl AsyncFnOnce(&mut ConnectionManager) -> RedisResult<T>) -> Option<T> {
        if self.breaker.is_open() {
            return None;
        }
        let mut manager = self.manager.clone();
        let error = match tokio::time::timeout(BUDGET, ask(&mut manager)).await {
            Ok(Ok(answer)) => {
                self.breaker.succeeded();
                return Some(answer);
            }
            Ok(Err(error)) => error.to_string(),
            Err(elapsed) => elapsed.to_string(),
        };
        counter!("redis_failures_total", "service" => self.service).increment(1);
        tracing::debug!(error, "redis did not answer");
        self.breaker.failed();
        None
    }
}

impl Breaker {
    fn now(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    fn is_open(&self) -> bool {
        self.now() < self.quiet_until.load(Ordering::Relaxed)
    }

    fn succeeded(&self) {
        self.failures.store(0, Ordering::Relaxed);
    }

    fn failed(&self) {
        if self.failures.fetch_add(1, Ordering::Relaxed) + 1 >= FAILURES {
            let pause = i64::try_from(PAUSE.as_millis()).unwrap_or(i64::MAX);
            self.quiet_until.store(self.now() + pause, Ordering::Relaxed);
        }
    }
}
