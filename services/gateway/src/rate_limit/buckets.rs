//! What this gateway knows of each count: how it stood at the last answer, and the places taken in advance.
//!
//! A block of places saves round trips to Redis. It begins with one place, doubles only while the caller uses a
//! block up within a second, and what is left of it after a second is given back. Bounded: counts that are wholly
//! free again are forgotten first.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::gcra::{Limit, Micros};
use super::shared::{Claim, Taken};

const SHARDS: usize = 32;
const MOST_PER_SHARD: usize = 8_192;
/// How long places taken in advance may lie unused.
pub(super) const BLOCK_LIFE: Micros = 1_000_000;

#[derive(Debug, Default)]
pub(super) struct Bucket {
    /// The count, with all places of the block taken.
    pub(super) free_at: Micros,
    /// Places of the block that are left.
    pub(super) left: u64,
    /// How many places the block had.
    block: u64,
    taken_at: Micros,
    /// Refused until then, whatever Redis would say: time alone frees places.
    pub(super) refused_until: Micros,
    /// Somebody is asking Redis for this count; tells who waits when the answer is there.
    pub(super) refill: Option<Arc<Notify>>,
}

impl Bucket {
    /// The count as it would be without what is left of the block.
    pub(super) fn used_until(&self, limit: Limit) -> Micros {
        self.free_at - limit.length_of(self.left)
    }

    /// How large the next block may be.
    pub(super) fn next_block(&self, largest: u64, now: Micros) -> u64 {
        if self.block > 0 && now - self.taken_at < BLOCK_LIFE { (self.block * 2).min(largest) } else { 1 }
    }

    /// Takes the answer over; one of its places is used at once.
    pub(super) fn filled(&mut self, taken: &Taken, now: Micros) {
        self.free_at = taken.free_at;
        self.left += taken.places.saturating_sub(1);
        self.block = taken.places;
        self.taken_at = now;
    }
}

pub(super) struct Buckets {
    shards: Vec<Mutex<HashMap<Claim, Bucket>>>,
    hasher: RandomState,
    /// Blocks of more than one place in the order they were taken.
    blocks: Mutex<VecDeque<(Claim, Micros)>>,
}

impl Buckets {
    pub(super) fn new() -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { shards, hasher: RandomState::new(), blocks: Mutex::default() }
    }

    /// Runs `change` on a count, that begins wholly free.
    pub(super) fn with<T>(&self, claim: &Claim, now: Micros, change: impl FnOnce(&mut Bucket) -> T) -> T {
        let mut shard = self.shard(claim);
        if let Some(bucket) = shard.get_mut(claim) {
            return change(bucket);
        }
        if shard.len() >= MOST_PER_SHARD {
            shard.retain(|_, bucket| bucket.free_at > now || bucket.refill.is_some());
        }
        if shard.len() >= MOST_PER_SHARD {
            // All of them in use: an eighth of them, whichever, starts anew from what Redis knows.
            let mut index = 0_usize;
            shard.retain(|_, bucket| {
                index += 1;
                !index.is_multiple_of(8) || bucket.refill.is_some()
            });
        }
        change(shard.entry(*claim).or_default())
    }

    /// Remembers that a block must be given back in time.
    pub(super) fn remember_block(&self, claim: Claim, taken_at: Micros) {
        lock(&self.blocks).push_back((claim, taken_at));
    }

    /// Empties the blocks taken before `before`: the counts and the places that were left.
    pub(super) fn unused(&self, before: Micros) -> Vec<(Claim, u64)> {
        let mut unused = Vec::new();
        loop {
            let next = lock(&self.blocks).pop_front_if(|(_, taken_at)| *taken_at < before);
            let Some((claim, taken_at)) = next else { return unused };
            if let Some(bucket) = self.shard(&claim).get_mut(&claim)
                && bucket.taken_at == taken_at
                && bucket.left > 0
            {
                unused.push((claim, std::mem::take(&mut bucket.left)));
                bucket.block = 0;
            }
        }
    }

    fn shard(&self, claim: &Claim) -> MutexGuard<'_, HashMap<Claim, Bucket>> {
        let hash = self.hasher.hash_one(claim);
        lock(&self.shards[usize::try_from(hash % SHARDS as u64).unwrap_or_default()])
    }
}

/// Nothing that is done under these locks can be left half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
