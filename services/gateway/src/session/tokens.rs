//! Tokens that were checked: a signature costs a hundred microseconds, so each is checked once a minute at most.
//!
//! Kept under the whole token, compared in full. Only good ones are kept, so bad ones cannot push them out.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::claims::Claims;

const SHARDS: usize = 16;
const MOST_PER_SHARD: usize = 1_024;
const LONGEST: Duration = Duration::from_secs(60);

/// A good token.
#[derive(Debug, Clone)]
pub struct Session {
    pub claims: Claims,
    /// Under which the account is counted before anything else is known of it.
    pub count_as: u128,
}

impl Session {
    pub(super) fn new(claims: Claims) -> Self {
        let hash = Sha256::digest(&claims.subject);
        let count_as = hash.iter().take(16).fold(0, |number: u128, byte| number << 8 | u128::from(*byte));
        Self { claims, count_as }
    }
}

struct Kept {
    session: Arc<Session>,
    until: Instant,
}

pub(super) struct CheckedTokens {
    shards: Vec<RwLock<HashMap<Box<str>, Kept>>>,
    hasher: RandomState,
}

impl CheckedTokens {
    pub(super) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| RwLock::default()).collect(), hasher: RandomState::new() }
    }

    /// What the token said. Its expiry is for the caller to check again.
    pub(super) fn find(&self, token: &str) -> Option<Arc<Session>> {
        let shard = self.shard(token).read().unwrap_or_else(PoisonError::into_inner);
        shard.get(token).filter(|kept| kept.until > Instant::now()).map(|kept| Arc::clone(&kept.session))
    }

    /// Keeps a good token for as long as it is good, one minute at most.
    pub(super) fn keep(&self, token: &str, session: Arc<Session>, now: i64) {
        let left = u64::try_from(session.claims.expires_at - now).unwrap_or_default();
        let until = Instant::now() + Duration::from_secs(left).min(LONGEST);
        let mut shard = self.shard(token).write().unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= MOST_PER_SHARD {
            let now = Instant::now();
            shard.retain(|_, kept| kept.until > now);
        }
        if shard.len() >= MOST_PER_SHARD {
            let mut index = 0_usize;
            shard.retain(|_, _| {
                index += 1;
                !index.is_multiple_of(8)
            });
        }
        shard.insert(token.into(), Kept { session, until });
    }

    fn shard(&self, token: &str) -> &RwLock<HashMap<Box<str>, Kept>> {
        let hash = self.hasher.hash_one(token);
        &self.shards[usize::try_from(hash % SHARDS as u64).unwrap_or_default()]
    }
}
