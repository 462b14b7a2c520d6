//! Clerk's public keys: fetched every five minutes, and once more when a token names one that is not known.
//!
//! Always true: nothing but the configured address is ever fetched; an unknown key id costs at most one fetch in
//! 30 seconds, which all who wait share; a failed fetch takes no key away for a day.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_simple::algorithms::RS256PublicKey;
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// When to fetch.
#[derive(Debug, Clone)]
pub struct KeyTimes {
    pub refresh_every: Duration,
    /// After a fetch that failed.
    pub retry_every: Duration,
    pub unknown_key_cool_down: Duration,
    /// How long keys are good while Clerk is away.
    pub stale_for: Duration,
    /// For one fetch.
    pub within: Duration,
}

impl Default for KeyTimes {
    fn default() -> Self {
        Self {
            refresh_every: Duration::from_secs(300),
            retry_every: Duration::from_secs(2),
            unknown_key_cool_down: Duration::from_secs(30),
            stale_for: Duration::from_secs(24 * 3_600),
            within: Duration::from_secs(1),
        }
    }
}

const LARGEST_SET: usize = 256 * 1024;
const MOST_KEYS: usize = 100;
/// 2048 bits.
const SHORTEST_MODULUS: usize = 256;

/// Why a set was not taken over; the keys known before stay.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("the key set cannot be fetched")]
    Fetch(#[from] reqwest::Error),
    #[error("the key set is larger than 256 KiB")]
    TooLarge,
    #[error("the key set is no JSON Web Key Set")]
    Garbage(#[from] serde_json::Error),
    #[error("the key set holds no RSA signing key")]
    Empty,
}

pub struct Keys {
    url: String,
    http: reqwest::Client,
    times: KeyTimes,
    known: RwLock<KeySet>,
    /// When an unknown key id last caused a fetch. Held during that fetch: who comes meanwhile waits for it.
    asked: Mutex<Option<Instant>>,
}

#[derive(Debug, Default, Clone)]
struct KeySet {
    keys: HashMap<String, Arc<RS256PublicKey>>,
    fetched_at: Option<Instant>,
}

impl Keys {
    /// # Errors
    /// The HTTP client cannot be made.
    pub fn new(url: String, times: KeyTimes) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .connect_timeout(times.within / 2)
            .timeout(times.within)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { url, http, times, known: RwLock::default(), asked: Mutex::default() })
    }

    /// The key with this id, fetched if it is not known and nobody asked for an unknown one lately.
    pub async fn find(&self, key_id: &str) -> Option<Arc<RS256PublicKey>> {
        if let Some(key) = self.known(key_id) {
            return Some(key);
        }
        let began = Instant::now();
        let mut asked = tokio::time::timeout(self.times.within, self.asked.lock()).await.ok()?;
        // Whoever held the lock may have brought it; then it is the answer for this one, too.
        if let Some(key) = self.known(key_id) {
            return Some(key);
        }
        if asked.is_some_and(|at| at + self.times.unknown_key_cool_down > began) {
            return None;
        }
        *asked = Some(Instant::now());
        if let Err(error) = self.refresh().await {
            tracing::warn!(error = %error, "an unknown key id, and Clerk's keys cannot be fetched");
        }
        self.known(key_id)
    }

    /// Whether any token can be checked at all.
    pub fn has_any(&self) -> bool {
        !self.read().keys.is_empty()
    }

    /// Keeps the keys fresh; never ends.
    pub async fn keep_fresh(&self) {
        loop {
            let pause = match self.refresh().await {
                Ok(()) => self.times.refresh_every,
                Err(error) => {
                    metrics::counter!("gateway_key_fetch_failures_total").increment(1);
                    tracing::warn!(error = service_error::chain(&error), "Clerk's keys cannot be fetched");
                    self.times.retry_every
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Fetches the set now. On success it replaces the one before: a key that is gone is dead.
    ///
    /// # Errors
    /// Nothing changes.
    pub async fn refresh(&self) -> Result<(), FetchError> {
        let mut answer = self.http.get(&self.url).send().await?.error_for_status()?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > LARGEST_SET {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let keys = parse(&body)?;
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = KeySet { keys, fetched_at: Some(Instant::now()) };
        Ok(())
    }

    fn known(&self, key_id: &str) -> Option<Arc<RS256PublicKey>> {
        let set = self.read();
        let is_good = set.fetched_at.is_some_and(|at| at.elapsed() < self.times.stale_for);
        set.keys.get(key_id).filter(|_| is_good).map(Arc::clone)
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, KeySet> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Deserialize)]
struct RawSet {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct RawKey {
    kty: String,
    kid: String,
    n: String,
    e: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
}

/// The RSA signing keys of a set; keys of other kinds and broken ones are passed over.
fn parse(body: &[u8]) -> Result<HashMap<String, Arc<RS256PublicKey>>, FetchError> {
    let set: RawSet = serde_json::from_slice(body)?;
    let keys: HashMap<_, _> = set.keys.into_iter().take(MOST_KEYS).filter_map(read_key).collect();
    if keys.is_empty() { Err(FetchError::Empty) } else { Ok(keys) }
}

fn read_key(raw: serde_json::Value) -> Option<(String, Arc<RS256PublicKey>)> {
    let raw: RawKey = serde_json::from_value(raw).ok()?;
    let is_for_signing = raw.usage.is_none_or(|usage| usage == "sig") && raw.alg.is_none_or(|alg| alg == "RS256");
    if raw.kty != "RSA" || !is_for_signing {
        return None;
    }
    let modulus = URL_SAFE_NO_PAD.decode(&raw.n).ok()?;
    let exponent = URL_SAFE_NO_PAD.decode(&raw.e).ok()?;
    if modulus.len() < SHORTEST_MODULUS {
        return None;
    }
    Some((raw.kid, Arc::new(RS256PublicKey::from_components(&modulus, &exponent).ok()?)))
}
