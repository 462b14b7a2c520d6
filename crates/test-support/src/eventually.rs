//! Waiting for a condition instead of for a time.

use std::time::Duration;

use tokio::time::Instant;

const PAUSE: Duration = Duration::from_millis(10);

/// Waits until `condition` is true.
///
/// # Panics
/// When it is not within `deadline`.
pub async fn eventually(deadline: Duration, mut condition: impl AsyncFnMut() -> bool) {
    eventually_some(deadline, async || condition().await.then_some(())).await;
}

/// Waits until `find` finds something.
///
/// # Panics
/// When it does not within `deadline`.
pub async fn eventually_some<T>(deadline: Duration, mut find: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + deadline;
    loop {
        if let Some(found) = find().await {
            return found;
        }
        assert!(Instant::now() < end, "the condition was not met within {deadline:?}");
        tokio::time::sleep(PAUSE).await;
    }
}
