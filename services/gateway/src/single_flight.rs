//! Asking once what many want to know at the same time.
//!
//! Whoever comes first asks; who comes while that is under way waits for the same answer, unless something happened
//! since it began that the answer may not know. If whoever asks goes away, the next one asks.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

pub(crate) struct SingleFlight<V> {
    flights: Mutex<HashMap<String, Flight<V>>>,
    count: AtomicU64,
}

struct Flight<V> {
    number: u64,
    /// When it began, in the caller's own measure.
    mark: u64,
    landed: watch::Receiver<Option<V>>,
}

enum Seat<V> {
    Leading { tell: watch::Sender<Option<V>>, number: u64, mark: u64 },
    Joined(watch::Receiver<Option<V>>),
}

impl<V> Default for SingleFlight<V> {
    fn default() -> Self {
        Self { flights: Mutex::default(), count: AtomicU64::new(0) }
    }
}

impl<V: Clone> SingleFlight<V> {
    /// The answer to `key`: that of a flight under way which `may_join` accepts by its mark, else that of `ask`,
    /// which is told the mark of its own beginning.
    pub(crate) async fn run(
        &self,
        key: &str,
        mark: impl Fn() -> u64,
        may_join: impl Fn(u64) -> bool,
        ask: impl AsyncFnOnce(u64) -> V,
    ) -> V {
        loop {
            let mut landed = match self.board(key, &mark, &may_join) {
                Seat::Leading { tell, number, mark } => {
                    let landing = Landing { flights: self, key, number };
                    let answer = ask(mark).await;
                    drop(landing);
                    tell.send_replace(Some(answer.clone()));
                    return answer;
                }
                Seat::Joined(landed) => landed,
            };
            if let Ok(answer) = landed.wait_for(Option::is_some).await
                && let Some(answer) = answer.as_ref()
            {
                return answer.clone();
            }
        }
    }

    fn board(&self, key: &str, mark: &impl Fn() -> u64, may_join: &impl Fn(u64) -> bool) -> Seat<V> {
        let mut flights = self.lock();
        if let Some(flight) = flights.get(key).filter(|flight| may_join(flight.mark)) {
            return Seat::Joined(flight.landed.clone());
        }
        let (tell, landed) = watch::channel(None);
        let mark = mark();
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        flights.insert(key.to_owned(), Flight { number, mark, landed });
        Seat::Leading { tell, number, mark }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Flight<V>>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends a flight, also one whose asker went away: those who wait see the channel closed and begin anew.
struct Landing<'a, V: Clone> {
    flights: &'a SingleFlight<V>,
    key: &'a str,
    number: u64,
}

impl<V: Clone> Drop for Landing<'_, V> {
    fn drop(&mut self) {
        let mut flights = self.flights.lock();
        // A later flight of the same key is not ours to end.
        if flights.get(self.key).is_some_and(|flight| flight.number == self.number) {
            flights.remove(self.key);
        }
    }
}
