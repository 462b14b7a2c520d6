//! One Engine.IO connection, whichever way its bytes go: what is on its way to the client, how fast the client talks,
//! and the switch that ends its stream.
//!
//! The Socket.IO server can neither say how much of a socket is unsent nor end its transport; both are done here, where
//! the bytes pass.

use std::collections::{HashMap, VecDeque};
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use socketioxide::socket::Sid;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::behind::PATIENCE;
use super::measure;

/// Events that may be on their way to a client.
pub(crate) const MOST_UNSENT: i64 = 256;
/// Their bytes.
pub(crate) const MOST_UNSENT_BYTES: i64 = 1024 * 1024;
/// Frames of any kind that a client may send within [`PACE`]: more than its events, which have a limit of their own.
const MOST_FRAMES: usize = 400;
const PACE: Duration = Duration::from_secs(10);

/// An Engine.IO connection.
pub(crate) struct Connection {
    opened_at: Instant,
    sid: OnceLock<Sid>,
    end: CancellationToken,
    is_websocket: AtomicBool,
    unsent: AtomicI64,
    unsent_bytes: AtomicI64,
    /// When it took something last or began to owe, in milliseconds after it was opened.
    moved_at: AtomicU64,
    has_caught_up: Notify,
    pace: Mutex<Pace>,
    /// Since when nobody is connected to the namespace over it.
    idle_since: Mutex<Option<Instant>>,
    open: Arc<AtomicI64>,
}

/// How much is on its way to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owed {
    Little,
    /// More than half of what may be.
    Much,
    TooMuch,
}

fn is_much(unsent: i64, bytes: i64) -> bool {
    unsent > MOST_UNSENT / 2 || bytes > MOST_UNSENT_BYTES / 2
}

struct Pace {
    since: Instant,
    frames: usize,
}

impl Connection {
    /// When it was opened.
    pub(crate) fn opened_at(&self) -> Instant {
        self.opened_at
    }

    /// Its id, once that is known.
    pub(crate) fn sid(&self) -> Option<Sid> {
        self.sid.get().copied()
    }

    /// Cancelled when its stream has to end.
    pub(crate) fn end(&self) -> &CancellationToken {
        &self.end
    }

    /// A WebSocket carries it from now on.
    pub(crate) fn carried_by_websocket(&self) {
        self.is_websocket.store(true, Ordering::Relaxed);
    }

    /// Whether a WebSocket carries it.
    pub(crate) fn is_websocket(&self) -> bool {
        self.is_websocket.load(Ordering::Relaxed)
    }

    /// An event of so many bytes is on its way now.
    pub(crate) fn owe(&self, bytes: usize) -> Owed {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        let unsent = self.unsent.fetch_add(1, Ordering::Relaxed) + 1;
        let unsent_bytes = self.unsent_bytes.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        if unsent == 1 {
            self.moved();
        }
        if unsent > MOST_UNSENT || unsent_bytes > MOST_UNSENT_BYTES {
            Owed::TooMuch
        } else if is_much(unsent, unsent_bytes) {
            Owed::Much
        } else {
            Owed::Little
        }
    }

    /// An event of so many bytes was handed to the client's connection.
    pub(crate) fn sent(&self, bytes: usize) {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.unsent.fetch_sub(1, Ordering::Relaxed);
        self.unsent_bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.moved();
        if !self.is_behind() {
            self.has_caught_up.notify_waiters();
        }
    }

    /// Whether much is on its way.
    pub(crate) fn is_behind(&self) -> bool {
        is_much(self.unsent.load(Ordering::Relaxed), self.unsent_bytes.load(Ordering::Relaxed))
    }

    /// Whether its client takes what is on its way, as far as can be told.
    pub(crate) fn is_moving(&self) -> bool {
        let moved_at = Duration::from_millis(self.moved_at.load(Ordering::Relaxed));
        self.opened_at.elapsed().saturating_sub(moved_at) < PATIENCE
    }

    /// Waits until not much is on its way any more.
    pub(crate) async fn caught_up(&self) {
        loop {
            let caught_up = self.has_caught_up.notified();
            if !self.is_behind() {
                return;
            }
            caught_up.await;
        }
    }

    fn moved(&self) {
        let now = u64::try_from(self.opened_at.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.moved_at.store(now, Ordering::Relaxed);
    }

    /// Nothing is on its way: it has just begun.
    pub(crate) fn begin_to_owe(&self) {
        self.unsent.store(0, Ordering::Relaxed);
        self.unsent_bytes.store(0, Ordering::Relaxed);
    }

    /// The client sent frames; false when it sends more than it can mean.
    pub(crate) fn heard(&self, frames: usize) -> bool {
        let mut pace = lock(&self.pace);
        let now = Instant::now();
        if now.duration_since(pace.since) > PACE {
            *pace = Pace { since: now, frames: 0 };
        }
        pace.frames += frames;
        pace.frames <= MOST_FRAMES
    }

    /// Somebody is connected to the namespace over it.
    pub(crate) fn is_used(&self) {
        *lock(&self.idle_since) = None;
    }

    /// Nobody is any more.
    pub(crate) fn is_idle(&self) {
        *lock(&self.idle_since) = Some(Instant::now());
    }

    /// How long nobody has been connected over it.
    pub(crate) fn idle_for(&self) -> Option<Duration> {
        lock(&self.idle_since).map(|since| since.elapsed())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        measure::connections(self.open.fetch_sub(1, Ordering::Relaxed) - 1);
    }
}

/// The connections there are.
#[derive(Default)]
pub(crate) struct Connections {
    open: Arc<AtomicI64>,
    by_sid: Mutex<HashMap<Sid, Arc<Connection>>>,
    /// Ends the streams of all.
    end: CancellationToken,
}

impl Connections {
    /// Ends the streams of all that are still there, those without an id too, and of all to come.
    pub(crate) fn end_all(&self) {
        self.end.cancel();
    }

    /// One more, unless there are `most`.
    pub(crate) fn open(&self, most: i64) -> Option<Arc<Connection>> {
        let open = self.open.fetch_add(1, Ordering::Relaxed) + 1;
        let connection = Connection {
            opened_at: Instant::now(),
            sid: OnceLock::new(),
            end: self.end.child_token(),
            is_websocket: AtomicBool::new(false),
            unsent: AtomicI64::new(0),
            unsent_bytes: AtomicI64::new(0),
            moved_at: AtomicU64::new(0),
            has_caught_up: Notify::new(),
            pace: Mutex::new(Pace { since: Instant::now(), frames: 0 }),
            idle_since: Mutex::new(Some(Instant::now())),
            open: Arc::clone(&self.open),
        };
        measure::connections(open);
        (open <= most).then(|| Arc::new(connection))
    }

    /// Its id is known now.
    pub(crate) fn name(&self, connection: &Arc<Connection>, sid: Sid) {
        if connection.sid.set(sid).is_ok() {
            lock(&self.by_sid).insert(sid, Arc::clone(connection));
        }
    }

    /// The connection that a client names.
    pub(crate) fn find(&self, sid: &str) -> Option<Arc<Connection>> {
        lock(&self.by_sid).get(&Sid::from_str(sid).ok()?).cloned()
    }

    /// It is over.
    pub(crate) fn forget(&self, connection: &Connection) {
        if let Some(sid) = connection.sid() {
            lock(&self.by_sid).remove(&sid);
        }
    }

    /// All whose id is known.
    pub(crate) fn all(&self) -> Vec<Arc<Connection>> {
        lock(&self.by_sid).values().cloned().collect()
    }
}

/// When the last of something happened, to tell how many are within a time.
#[derive(Default)]
pub(crate) struct Lately(VecDeque<Instant>);

impl Lately {
    /// Whether fewer than `most` happened within `time`; if so, this one is counted.
    pub(crate) fn admits(&mut self, most: usize, time: Duration, now: Instant) -> bool {
        while self.0.front().is_some_and(|first| now.duration_since(*first) >= time) {
            self.0.pop_front();
        }
        let admits = self.0.len() < most;
        if admits {
            self.0.push_back(now);
        }
        admits
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_may_owe_so_many_messages_and_bytes_and_no_more() {
        let connections = Connections::default();
        let slow = connections.open(1).unwrap();
        assert!((0..MOST_UNSENT / 2).all(|_| slow.owe(10) == Owed::Little));
        assert!((0..MOST_UNSENT / 2).all(|_| slow.owe(10) == Owed::Much));
        assert_eq!(slow.owe(10), Owed::TooMuch, "one more");
        slow.sent(10);
        slow.sent(10);
        assert_eq!(slow.owe(10), Owed::Much, "it reads again");

        assert!(connections.open(1).is_none(), "there is one");
        drop(slow);
        let large = connections.open(1).unwrap();
        assert_eq!(large.owe(usize::try_from(MOST_UNSENT_BYTES).unwrap()), Owed::Much);
        assert_eq!(large.owe(1), Owed::TooMuch, "one byte more");
    }

    #[test]
    fn so_many_within_a_time_and_no_more() {
        let (mut lately, now, second) = (Lately::default(), Instant::now(), Duration::from_secs(1));
        assert!((0..20).all(|_| lately.admits(20, second, now)));
        assert!(!lately.admits(20, second, now + second / 2));
        assert!(lately.admits(20, second, now + second));
    }
}
