//! Who is behind with reading. A burst of facts may come faster than bytes can be handed to a socket that reads well:
//! the stream waits a moment for such sockets before it goes on, and never for those that do not read.
//!
//! Always true: one wait is at most [`PATIENCE`], at most half of the time is waited, and a connection that has taken
//! nothing for that long is not waited for until it takes something.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::future::join_all;

use super::connection::{Connection, lock};

/// As long as a fact may take on its way.
pub(crate) const PATIENCE: Duration = Duration::from_millis(100);

/// The connections that are far behind since they were waited for last.
#[derive(Default)]
pub(crate) struct Behind {
    connections: Mutex<Vec<Arc<Connection>>>,
    /// Nobody is waited for until then.
    rest_until: Mutex<Option<Instant>>,
}

impl Behind {
    /// Connections that have much unsent.
    pub(crate) fn add(&self, connections: impl IntoIterator<Item = Arc<Connection>>) {
        lock(&self.connections).extend(connections);
    }

    /// Waits until those that read have read on.
    pub(crate) async fn wait(&self) {
        let mut connections = std::mem::take(&mut *lock(&self.connections));
        connections.retain(|connection| connection.is_moving());
        let now = Instant::now();
        if connections.is_empty() || lock(&self.rest_until).is_some_and(|until| now < until) {
            return;
        }
        let all = join_all(connections.iter().map(|connection| connection.caught_up()));
        let _in_time = tokio::time::timeout(PATIENCE, all).await;
        let ended = Instant::now();
        *lock(&self.rest_until) = Some(ended + (ended - now));
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::super::connection::{Connections, MOST_UNSENT, Owed};
    use super::*;

    fn behind(connections: &Connections) -> Arc<Connection> {
        let connection = connections.open(10).unwrap();
        while connection.owe(1) != Owed::Much {}
        connection
    }

    #[tokio::test]
    async fn who_reads_is_waited_for_and_who_does_not_only_once() {
        let (connections, all) = (Connections::default(), Behind::default());
        let reads = behind(&connections);
        all.add([Arc::clone(&reads)]);
        let mut waiting = std::pin::pin!(all.wait());
        assert!(waiting.as_mut().now_or_never().is_none(), "it waits");
        (0..MOST_UNSENT / 2).for_each(|_| reads.sent(1));
        assert!(waiting.now_or_never().is_some(), "and goes on at once");

        let all = Behind::default();
        let stands = behind(&connections);
        all.add([Arc::clone(&stands)]);
        let begin = Instant::now();
        all.wait().await;
        assert!(begin.elapsed() >= PATIENCE);
        assert!(!stands.is_moving());
        *lock(&all.rest_until) = None;
        all.add([Arc::clone(&stands)]);
        assert!(all.wait().now_or_never().is_some(), "it has taken nothing meanwhile");
    }

    #[tokio::test]
    async fn no_more_than_half_of_the_time_is_waited() {
        let (connections, all) = (Connections::default(), Behind::default());
        all.add([behind(&connections)]);
        let begin = Instant::now();
        all.wait().await;
        let rest_until = lock(&all.rest_until).unwrap();
        assert!(rest_until >= begin + 2 * PATIENCE, "it rests as long as it waited");
        *lock(&all.rest_until) = Some(rest_until + Duration::from_secs(3_600));
        all.add([behind(&connections)]);
        assert!(all.wait().now_or_never().is_some(), "it rests");
    }
}
