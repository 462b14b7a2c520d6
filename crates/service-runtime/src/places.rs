//! A bound on what is under way at the same time, with a short line before it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Places for calls. Who finds none waits in line, and who finds the line full is refused at once: time is spent on calls
/// that somebody still waits for. Clones share the places.
#[derive(Debug, Clone)]
pub struct Places {
    free: Arc<Semaphore>,
    line: Arc<Semaphore>,
}

/// A place that is taken until this is dropped.
#[derive(Debug)]
pub struct Place {
    _taken: OwnedSemaphorePermit,
}

impl Places {
    /// So many places, and room in line for so many who wait for one.
    #[must_use]
    pub fn new(places: usize, waiting: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(places)), line: Arc::new(Semaphore::new(waiting)) }
    }

    /// A place; none when the line is full, or when none became free within `patience`.
    pub async fn enter(&self, patience: Duration) -> Option<Place> {
        if let Ok(taken) = self.free.clone().try_acquire_owned() {
            return Some(Place { _taken: taken });
        }
        let _in_line = self.line.try_acquire().ok()?;
        let taken = timeout(patience, self.free.clone().acquire_owned()).await.ok()?.ok()?;
        Some(Place { _taken: taken })
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn some_run_some_wait_and_the_next_is_refused_at_once() {
        let places = Places::new(2, 1);
        let began = Instant::now();
        let running = [places.enter(PATIENCE).await, places.enter(PATIENCE).await];
        assert!(running.iter().all(Option::is_some));
        let mut waiting = Box::pin(places.enter(PATIENCE));
        assert!(futures::poll!(&mut waiting).is_pending());
        assert!(places.enter(PATIENCE).await.is_none());
        assert_eq!(Instant::now(), began, "the refused one did not wait");
        drop(running);
        assert!(waiting.await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_in_vain_leaves_room_for_another() {
        let places = Places::new(1, 1);
        let began = Instant::now();
        let running = places.enter(PATIENCE).await;
        assert!(places.enter(PATIENCE).await.is_none());
        assert_eq!(Instant::now(), began + PATIENCE);
        let mut waiting = Box::pin(places.enter(PATIENCE));
        assert!(futures::poll!(&mut waiting).is_pending());
        drop(running);
        assert!(waiting.await.is_some());
    }
}
