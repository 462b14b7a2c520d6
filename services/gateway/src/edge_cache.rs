//! Rendered product lists and details in memory: what most requests ask for, answered without anybody else.
//!
//! Always true: an answer is at most 60 s old, and it was asked for after the last drop that concerns it, so that a
//! slow fill never brings back an older state. Misses of one key are asked for once. Bounded by bytes.

mod concern;
mod entry;

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use metrics::Counter;

pub use self::concern::{Concern, Fact, ListFilter};
pub use self::entry::{Entry, Rendered};
use crate::drop_log::DropLog;
use crate::single_flight::SingleFlight;

const SHARDS: usize = 16;
const REMEMBERED_DROPS: usize = 4_096;

/// How much is kept, and how long.
#[derive(Debug, Clone)]
pub struct CacheSize {
    pub bytes: usize,
    pub life: Duration,
}

impl Default for CacheSize {
    fn default() -> Self {
        Self { bytes: 48 * 1024 * 1024, life: Duration::from_secs(60) }
    }
}

/// `E` is how a fill fails; everybody who waits for it gets a copy.
pub struct EdgeCache<E> {
    size: CacheSize,
    shards: Vec<RwLock<HashMap<Box<str>, Arc<Entry>>>>,
    hasher: RandomState,
    bytes: AtomicUsize,
    /// Which keys show a product in detail, and which keys are lists.
    index: Mutex<Index>,
    drops: DropLog<Fact>,
    flights: SingleFlight<Result<Arc<Entry>, E>>,
    hits: Counter,
    misses: Counter,
}

#[derive(Default)]
struct Index {
    details: HashMap<uuid::Uuid, HashSet<Box<str>>>,
    lists: HashMap<Box<str>, Arc<Entry>>,
}

impl<E: Clone> EdgeCache<E> {
    pub fn new(size: CacheSize) -> Self {
        Self {
            size,
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            hasher: RandomState::new(),
            bytes: AtomicUsize::new(0),
            index: Mutex::default(),
            drops: DropLog::new(REMEMBERED_DROPS),
            flights: SingleFlight::default(),
            hits: metrics::counter!("gateway_cache_requests_total", "result" => "hit"),
            misses: metrics::counter!("gateway_cache_requests_total", "result" => "miss"),
        }
    }

    /// What is kept under a key, if it is still good.
    pub fn find(&self, key: &str) -> Option<Arc<Entry>> {
        let shard = self.shard(key).read().unwrap_or_else(PoisonError::into_inner);
        let entry = shard.get(key).filter(|entry| entry.is_good(self.size.life)).map(Arc::clone)?;
        self.hits.increment(1);
        Some(entry)
    }

    /// What is kept under a key, else what `ask` answers; that is kept unless something that concerns it was dropped
    /// after it was asked for. `narrow` is what is known of the answer beforehand: a flight under way is joined
    /// unless a drop that may concern it came since.
    ///
    /// # Errors
    /// Those of `ask`. Nothing is kept then.
    pub async fn find_or_ask(
        &self,
        key: &str,
        narrow: &Concern,
        ask: impl AsyncFnOnce() -> Result<Rendered, E>,
    ) -> Result<Arc<Entry>, E> {
        if let Some(entry) = self.find(key) {
            return Ok(entry);
        }
        self.misses.increment(1);
        let may_join = |mark| !self.drops.overtook(mark, |fact| narrow.may_be_hit_by(fact));
        self.flights
            .run(
                key,
                || self.drops.mark(),
                may_join,
                async |mark| {
                    let entry = Arc::new(Entry::new(ask().await?));
                    self.keep(key, &entry, mark);
                    Ok(entry)
                },
            )
            .await
    }

    /// Keeps an entry under one more key: another spelling of the same request.
    pub fn also_under(&self, key: &str, entry: &Arc<Entry>) {
        // A drop marks the entry before it looks for keys: whatever is marked later is searched for later.
        self.insert(key, entry, || entry.is_good(self.size.life));
    }

    /// Something changed: what shows it is gone when this returns, and fills under way will not be kept.
    pub fn drop_what_shows(&self, fact: &Fact) {
        self.drops.record(fact.clone());
        let mut index = self.index();
        let keys: Vec<Box<str>> = match fact {
            Fact::Everything => {
                index.details.clear();
                index.lists.clear();
                return self.clear();
            }
            fact => {
                let details = fact.product().and_then(|id| index.details.remove(&id)).unwrap_or_default();
                let lists = index.lists.iter().filter(|(_, entry)| entry.concern().is_hit_by(fact));
                let lists: Vec<Box<str>> = lists.map(|(key, _)| key.clone()).collect();
                for key in &lists {
                    index.lists.remove(key);
                }
                details.into_iter().chain(lists).collect()
            }
        };
        for key in keys {
            self.remove(&key);
        }
    }

    /// Forgets what is too old; to be called now and then.
    pub fn sweep(&self) {
        let mut index = self.index();
        for shard in &self.shards {
            let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
            shard.retain(|key, entry| {
                let is_good = entry.is_good(self.size.life);
                if !is_good {
                    self.bytes.fetch_sub(entry.weight(key), Ordering::Relaxed);
                    index.remove(key, entry);
                }
                is_good
            });
        }
        metrics::gauge!("gateway_cache_bytes").set(f64::from(u32::try_from(self.bytes()).unwrap_or(u32::MAX)));
    }

    /// How much is kept.
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// What is not kept counts as dropped: no drop will find it, so it must not come back under another key.
    fn keep(&self, key: &str, entry: &Arc<Entry>, mark: u64) {
        if !self.insert(key, entry, || !self.drops.overtook(mark, |fact| entry.concern().is_hit_by(fact))) {
            entry.mark_dropped();
        }
    }

    /// `is_valid` is asked with the index locked: a drop is either seen by it, or searches the index afterwards.
    fn insert(&self, key: &str, entry: &Arc<Entry>, is_valid: impl Fn() -> bool) -> bool {
        let weight = entry.weight(key);
        if self.bytes() + weight > self.size.bytes {
            self.make_room(weight);
        }
        let mut index = self.index();
        if !is_valid() || self.bytes() + weight > self.size.bytes {
            return false;
        }
        index.add(key, entry);
        let before = self.write(key).insert(key.into(), Arc::clone(entry));
        self.bytes.fetch_add(weight, Ordering::Relaxed);
        if let Some(before) = before {
            self.bytes.fetch_sub(before.weight(key), Ordering::Relaxed);
            if before.concern().product() != entry.concern().product() {
                index.remove_detail(key, &before);
            }
            if !Arc::ptr_eq(&before, entry) {
                before.mark_dropped();
            }
        }
        true
    }

    /// First what is too old, then the older half of the rest.
    fn make_room(&self, weight: usize) {
        self.sweep();
        if self.bytes() + weight <= self.size.bytes {
            return;
        }
        let mut index = self.index();
        let now = Instant::now();
        for shard in &self.shards {
            let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
            let mut ages: Vec<Duration> = shard.values().map(|entry| entry.age(now)).collect();
            let middle = ages.len() / 2;
            let Some(oldest_kept) = (!ages.is_empty()).then(|| *ages.select_nth_unstable(middle).1) else { continue };
            shard.retain(|key, entry| {
                let stays = entry.age(now) < oldest_kept;
                if !stays {
                    entry.mark_dropped();
                    self.bytes.fetch_sub(entry.weight(key), Ordering::Relaxed);
                    index.remove(key, entry);
                }
                stays
            });
        }
    }

    fn remove(&self, key: &str) {
        if let Some(entry) = self.write(key).remove(key) {
            entry.mark_dropped();
            self.bytes.fetch_sub(entry.weight(key), Ordering::Relaxed);
        }
    }

    fn clear(&self) {
        for shard in &self.shards {
            for (key, entry) in shard.write().unwrap_or_else(PoisonError::into_inner).drain() {
                entry.mark_dropped();
                self.bytes.fetch_sub(entry.weight(&key), Ordering::Relaxed);
            }
        }
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, key: &str) -> std::sync::RwLockWriteGuard<'_, HashMap<Box<str>, Arc<Entry>>> {
        self.shard(key).write().unwrap_or_else(PoisonError::into_inner)
    }

    fn shard(&self, key: &str) -> &RwLock<HashMap<Box<str>, Arc<Entry>>> {
        let hash = self.hasher.hash_one(key);
        &self.shards[usize::try_from(hash % SHARDS as u64).unwrap_or_default()]
    }
}

impl Index {
    fn add(&mut self, key: &str, entry: &Arc<Entry>) {
        match entry.concern() {
            Concern::Detail { product: Some(id), .. } => {
                self.details.entry(*id).or_default().insert(key.into());
            }
            Concern::Detail { product: None, .. } => {}
            Concern::List { .. } => {
                self.lists.insert(key.into(), Arc::clone(entry));
            }
        }
    }

    fn remove(&mut self, key: &str, entry: &Entry) {
        self.lists.remove(key);
        self.remove_detail(key, entry);
    }

    fn remove_detail(&mut self, key: &str, entry: &Entry) {
        if let Some(id) = entry.concern().product()
            && let Some(keys) = self.details.get_mut(&id)
        {
            keys.remove(key);
            if keys.is_empty() {
                self.details.remove(&id);
            }
        }
    }
}

#[cfg(test)]
mod tests;
