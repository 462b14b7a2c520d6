//! Apply the webhooks that wait: woken by each that arrives, and by a poll for what another instance left.
//!
//! Always true: each is applied once, in the transaction that marks it so and lets its body go. Their order does not
//! matter: states carry their time, the newest wins, and the deleted stay deleted.

use std::convert::Infallible;
use std::time::Duration;

use diesel_async::AsyncPgConnection;
use futures::{StreamExt, stream};
use metrics::counter;
use service_error::{Reason, Refusal};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::domain::clerk_event::{Change, ClerkEvent};
use crate::error::Error;
use crate::operations::follow_clerk::{bury_clerk_user, follow_clerk_user};
use crate::{events, store};

const POLL: Duration = Duration::from_millis(500);
const AT_ONCE: i64 = 100;
/// Of one instance at a time: connections are for callers too.
const PARALLEL: usize = 3;

/// Works until `stop`, and ends between two webhooks.
///
/// # Errors
/// None; in the shape of a task.
pub(crate) async fn run(app: App, stop: CancellationToken) -> Result<(), Infallible> {
    while !stop.is_cancelled() {
        match apply_due(&app).await {
            // There may be more of them than one look shows.
            Ok(applied) if applied > 0 => continue,
            Ok(_) => {}
            Err(error) => tracing::warn!(error = service_error::chain(&error), "webhooks cannot be looked for"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = app.webhooks.arrived.notified() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
    Ok(())
}

/// Answers how many were applied.
async fn apply_due(app: &App) -> Result<usize, Error> {
    let due = store::webhooks::list_due(&mut *app.pool.get().await?, AT_ONCE).await?;
    let applied = stream::iter(due)
        .map(async |svix_id| apply_or_postpone(app, &svix_id).await)
        .buffer_unordered(PARALLEL)
        .filter(|is_applied| std::future::ready(*is_applied));
    Ok(applied.count().await)
}

async fn apply_or_postpone(app: &App, svix_id: &str) -> bool {
    let failure = match apply(app, svix_id).await {
        Ok(is_applied) => return is_applied,
        Err(failure) => failure,
    };
    counter!("identity_webhooks_total", "outcome" => "failed").increment(1);
    if failure.reason() == Reason::Unavailable {
        tracing::warn!(error = service_error::chain(&failure), svix_id, "a webhook is applied later");
    } else {
        tracing::error!(error = service_error::chain(&failure), svix_id, "a webhook cannot be applied");
    }
    let postponed = async { Ok::<_, Error>(store::webhooks::postpone(&mut *app.pool.get().await?, svix_id).await?) };
    if let Err(error) = postponed.await {
        tracing::warn!(error = service_error::chain(&error), svix_id, "a webhook stays due");
    }
    false
}

/// False when it was applied before, or somebody else is at it.
async fn apply(app: &App, svix_id: &str) -> Result<bool, Error> {
    let is_applied = database::transaction(&app.pool, async |conn| {
        let Some(body) = store::webhooks::lock_waiting(conn, svix_id).await? else { return Ok::<_, Error>(false) };
        follow(app, conn, ClerkEvent::read(&body)?.change).await?;
        store::webhooks::finish(conn, svix_id).await?;
        Ok(true)
    })
    .await?;
    app.waker.wake();
    Ok(is_applied)
}

async fn follow(app: &App, conn: &mut AsyncPgConnection, change: Change) -> Result<(), Error> {
    match change {
        Change::User(clerk) => follow_clerk_user(app, conn, &clerk).await,
        Change::UserDeleted { clerk_id, at } => bury_clerk_user(app, conn, &clerk_id, at).await,
        Change::SessionEnded { session_id } => {
            Ok(events::write(conn, &[events::session_ended(app.ids.next(), &session_id)]).await?)
        }
        Change::Nothing => Ok(()),
    }
}
