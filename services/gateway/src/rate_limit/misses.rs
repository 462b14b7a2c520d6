//! Guessing at orders: five misses within ten minutes, for a phone, an order number or an address, and nothing more
//! is answered for it until they are older.
//!
//! A try is written down as a miss before it is made and struck out when it hits, so that tries made at once cannot
//! slip past one another. Phones and numbers stand in Redis as keyed hashes only.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hmac::{Hmac, Mac};
use redis::Script;
use sha2::Sha256;

use super::clock::Clock;
use super::gcra::Micros;
use super::redis::{Away, Redis};

/// Per key a sorted set of tries by their time. Answers 0, or the microseconds to wait.
const TRY: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local window, most, try = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local wait = 0
for _, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
  local tries = redis.call('ZRANGE', key, -most, -most, 'WITHSCORES')
  if tries[2] then wait = math.max(wait, tonumber(tries[2]) + window - now) end
end
if wait > 0 then return wait end
for _, key in ipairs(KEYS) do
  redis.call('ZADD', key, string.format('%.0f', now), try)
  redis.call('PEXPIRE', key, math.ceil(window / 1000))
end
return 0
";

/// Strikes a try out.
const FORGET: &str = r"
for _, key in ipairs(KEYS) do redis.call('ZREM', key, ARGV[1]) end
return 0
";

/// Subjects that are remembered without Redis.
const MOST_ALONE: usize = 20_000;

pub struct Misses {
    redis: Arc<Redis>,
    prefix: String,
    secret: Vec<u8>,
    most: usize,
    window: Duration,
    attempt: Script,
    forget: Script,
    alone: Mutex<HashMap<String, Vec<(Micros, String)>>>,
    clock: Clock,
    /// Makes the names of this gateway's tries unique among all gateways.
    instance: u128,
    tries: AtomicU64,
}

/// A try that was let through. A miss, unless it is forgotten.
#[derive(Debug)]
pub struct Try {
    keys: [String; 3],
    name: String,
}

impl Misses {
    /// `secret` keys the hashes; `instance` differs between gateways.
    pub fn new(redis: Arc<Redis>, prefix: &str, secret: &[u8], instance: u128) -> Self {
        Self {
            redis,
            prefix: prefix.to_owned(),
            secret: secret.to_owned(),
            most: 5,
            window: Duration::from_secs(600),
            attempt: Script::new(TRY),
            forget: Script::new(FORGET),
            alone: Mutex::default(),
            clock: Clock::new(),
            instance,
            tries: AtomicU64::new(0),
        }
    }

    /// Lets a try through.
    ///
    /// # Errors
    /// How long to wait, when there were too many misses.
    pub async fn attempt(&self, phone: &str, order_number: &str, address: u128) -> Result<Try, Duration> {
        let keys = [
            self.key("phone", phone.as_bytes()),
            self.key("number", order_number.as_bytes()),
            self.key("address", &address.to_be_bytes()),
        ];
        let name = format!("{:x}-{}", self.instance, self.tries.fetch_add(1, Ordering::Relaxed));
        let window = self.window.as_micros();
        let mut script = self.attempt.prepare_invoke();
        for key in &keys {
            script.key(key);
        }
        script.arg(window.to_string()).arg(self.most).arg(&name);
        let wait = match self.redis.run::<i64>(&script).await {
            Ok(wait) => wait,
            Err(Away) => self.attempt_alone(&keys, &name),
        };
        if wait > 0 { Err(Duration::from_micros(wait.unsigned_abs())) } else { Ok(Try { keys, name }) }
    }

    /// The try hit, or was never made.
    pub async fn forget(&self, hit: Try) {
        self.forget_alone(&hit);
        let mut script = self.forget.prepare_invoke();
        for key in &hit.keys {
            script.key(key);
        }
        script.arg(&hit.name);
        if self.redis.run::<i64>(&script).await.is_err() {
            tracing::debug!("a try that hit stays counted as a miss: redis is away");
        }
    }

    fn forget_alone(&self, hit: &Try) {
        let mut alone = self.alone.lock().unwrap_or_else(PoisonError::into_inner);
        for key in &hit.keys {
            if let Some(tries) = alone.get_mut(key) {
                tries.retain(|(_, name)| *name != hit.name);
            }
        }
    }

    fn attempt_alone(&self, keys: &[String; 3], name: &str) -> i64 {
        let now = self.clock.now();
        let window = i64::try_from(self.window.as_micros()).unwrap_or(i64::MAX);
        let mut alone = self.alone.lock().unwrap_or_else(PoisonError::into_inner);
        let mut wait = 0;
        for key in keys {
            if let Some(tries) = alone.get_mut(key) {
                tries.retain(|(at, _)| *at > now - window);
                if let Some(index) = tries.len().checked_sub(self.most) {
                    wait = wait.max(tries[index].0 + window - now);
                }
            }
        }
        if wait > 0 {
            return wait;
        }
        if alone.len() >= MOST_ALONE {
            alone.retain(|_, tries| tries.last().is_some_and(|(at, _)| *at > now - window));
        }
        if alone.len() >= MOST_ALONE {
            // Full of misses: refuse for a while rather than forget any of them.
            return window;
        }
        for key in keys {
            alone.entry(key.clone()).or_default().push((now, name.to_owned()));
        }
        0
    }

    fn key(&self, kind: &str, subject: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).expect("an HMAC takes a key of any length");
        mac.update(kind.as_bytes());
        mac.update(&[0]);
        mac.update(subject);
        let hash = mac.finalize().into_bytes();
        let hash: u128 = hash.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte));
        format!("{}misses:{kind}:{hash:032x}", self.prefix)
    }
}
