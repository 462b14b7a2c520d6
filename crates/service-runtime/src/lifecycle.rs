//! Tasks, and the order in which a process ends: not ready any more, stop accepting, finish requests, stop consumers and
//! relays between two messages, gone. A task that fails ends the process with failure.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::{Readiness, context};

/// The task ended without an answer: it panicked, or the process is going.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the task ended without an answer")]
pub struct Interrupted;

/// The tasks of a process and the order of its end. Clones share it.
#[derive(Clone, Default)]
pub struct Lifecycle(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// Servers accept nothing new from here on.
    accepting: CancellationToken,
    /// Background work stops between two messages from here on.
    working: CancellationToken,
    servers: TaskTracker,
    workers: TaskTracker,
    /// Somebody wants the process to end; with the reason, if it is a failure.
    ending: CancellationToken,
    failure: Mutex<Option<String>>,
}

/// How long requests in flight, and then background work, may take to finish.
const GRACE: Duration = Duration::from_secs(10);

impl Lifecycle {
    /// A lifecycle of its own, for one process or one test.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancelled when servers are to accept nothing new and to finish what they have.
    #[must_use]
    pub fn accepting(&self) -> CancellationToken {
        self.0.accepting.clone()
    }

    /// Cancelled, after the servers have finished, when background work is to stop between two messages.
    #[must_use]
    pub fn working(&self) -> CancellationToken {
        self.0.working.clone()
    }

    /// Runs a server, which has to end by itself after [`Lifecycle::accepting`] was cancelled.
    pub fn serve<E: std::fmt::Display>(
        &self,
        name: &'static str,
        server: impl Future<Output = Result<(), E>> + Send + 'static,
    ) {
        let guarded = self.guard(name, server);
        self.0.servers.spawn(guarded);
    }

    /// Runs background work, which has to end by itself after [`Lifecycle::working`] was cancelled.
    pub fn work<E: std::fmt::Display>(
        &self,
        name: &'static str,
        work: impl Future<Output = Result<(), E>> + Send + 'static,
    ) {
        let guarded = self.guard(name, work);
        self.0.workers.spawn(guarded);
    }

    /// Runs `future` to its end even if the caller goes away; the process waits for it when it drains. It keeps the
    /// request's context and span.
    ///
    /// # Errors
    /// [`Interrupted`] if it panicked.
    pub async fn finish<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Interrupted> {
        let context = context::current();
        let future = future.in_current_span();
        let task = match context {
            Some(context) => self.0.servers.spawn(context::scope(context, future)),
            None => self.0.servers.spawn(future),
        };
        task.await.map_err(|panicked| {
            tracing::error!(%panicked, "a task that had to finish did not");
            Interrupted
        })
    }

    /// Runs `future` in the background of a request: whoever asked does not wait, the process does when it drains.
    pub fn detach(&self, future: impl Future<Output = ()> + Send + 'static) {
        let future = future.in_current_span();
        match context::current() {
            Some(context) => self.0.servers.spawn(context::scope(context, future)),
            None => self.0.servers.spawn(future),
        };
    }

    /// Asks the process to end well.
    pub fn stop(&self) {
        self.0.ending.cancel();
    }

    /// Asks the process to end with failure.
    pub fn fail(&self, reason: String) {
        tracing::error!(reason, "the process has to end");
        self.0.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(reason);
        self.0.ending.cancel();
    }

    /// Why it failed, if it did.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.0.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for SIGTERM, SIGINT, [`Lifecycle::stop`] or a failed task, then drains: `pause` passes between "not ready"
    /// and "accepts nothing new", so that nobody is still being sent here. A second signal ends the process at once.
    ///
    /// # Errors
    /// The reason of the failure that ended it.
    pub async fn run(&self, readiness: &Readiness, pause: Duration) -> Result<(), String> {
        let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
        else {
            return Err("signals cannot be received".to_owned());
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            () = self.0.ending.cancelled() => {}
        }
        tracing::info!("draining");
        tokio::select! {
            () = self.drain(readiness, pause) => {}
            _ = terminate.recv() => std::process::exit(130),
            _ = interrupt.recv() => std::process::exit(130),
        }
        self.failure().map_or(Ok(()), Err)
    }

    /// The drain itself, without signals: also how tests end what they started.
    pub async fn drain(&self, readiness: &Readiness, pause: Duration) {
        readiness.drain();
        tokio::time::sleep(pause).await;
        self.0.accepting.cancel();
        self.0.servers.close();
        if tokio::time::timeout(GRACE, self.0.servers.wait()).await.is_err() {
            tracing::warn!("requests were cut off");
        }
        self.0.working.cancel();
        self.0.workers.close();
        if tokio::time::timeout(GRACE, self.0.workers.wait()).await.is_err() {
            tracing::warn!("background work was cut off");
        }
    }

    fn guard<E: std::fmt::Display>(
        &self,
        name: &'static str,
        future: impl Future<Output = Result<(), E>> + Send + 'static,
    ) -> impl Future<Output = ()> + Send + 'static {
        let lifecycle = self.clone();
        async move {
            // Tells a panic, after which nothing else of this future runs, from an end.
            let mut watch = Watch { lifecycle, name, ended: false };
            let result = future.await.map_err(|error| error.to_string());
            watch.ended = true;
            if let Err(error) = result {
                watch.lifecycle.fail(format!("{name}: {error}"));
            }
        }
    }
}

struct Watch {
    lifecycle: Lifecycle,
    name: &'static str,
    ended: bool,
}

impl Drop for Watch {
    fn drop(&mut self) {
        if !self.ended && std::thread::panicking() {
            self.lifecycle.fail(format!("{} panicked", self.name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_outlives_the_servers_and_both_are_waited_for() {
        let lifecycle = Lifecycle::new();
        let order = Arc::new(Mutex::new(Vec::new()));
        let (accepting, working) = (lifecycle.accepting(), lifecycle.working());
        let (of_server, of_worker) = (order.clone(), order.clone());
        lifecycle.serve("server", async move {
            accepting.cancelled().await;
            of_server.lock().unwrap().push("server");
            Ok::<_, String>(())
        });
        lifecycle.work("worker", async move {
            working.cancelled().await;
            of_worker.lock().unwrap().push("worker");
            Ok::<_, String>(())
        });
        lifecycle.drain(&Readiness::default(), Duration::ZERO).await;
        assert_eq!(*order.lock().unwrap(), ["server", "worker"]);
        assert_eq!(lifecycle.failure(), None);
    }

    #[tokio::test]
    async fn a_panic_ends_the_process_with_failure() {
        let lifecycle = Lifecycle::new();
        lifecycle.work("relay", async { if true { panic!("as told") } else { Ok::<_, String>(()) } });
        assert_eq!(lifecycle.run(&Readiness::default(), Duration::ZERO).await, Err("relay panicked".to_owned()));
    }

    #[tokio::test]
    async fn what_must_finish_finishes_although_nobody_waits() {
        let lifecycle = Lifecycle::new();
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let (go, wait) = tokio::sync::oneshot::channel::<()>();
        let working = lifecycle.clone();
        let call = async move {
            working
                .finish(async move {
                    wait.await.unwrap();
                    sender.send("done").unwrap();
                })
                .await
        };
        assert!(tokio::time::timeout(Duration::from_millis(10), call).await.is_err());
        go.send(()).unwrap();
        assert_eq!(receiver.await.unwrap(), "done");
    }
}
