//! The caller deletes its own account, for good.
//!
//! Always true: profile, devices, what waits of its webhooks and what was said of it in public go in the transaction
//! that leaves the tombstone, the audit entry and the event by which all others forget it.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use commerce_types::{Role, UserId};
use diesel_async::AsyncPgConnection;

use crate::app::App;
use crate::domain::audit;
use crate::domain::user::User;
use crate::error::Error;
use crate::operations::audit_entries;
use crate::operations::show_profile::usable;
use crate::{events, store};

/// `token` is the caller's own, for ordering.
///
/// # Errors
/// [`Error::OpenOrders`] for sellers, [`Error::Ordering`] when nobody can tell: nothing is deleted then.
/// [`Error::NoAccount`], [`Error::AccountDisabled`].
pub(crate) async fn delete_account(app: &App, user_id: UserId, token: &str) -> Result<(), Error> {
    let user = usable(store::users::find(&mut *app.pool.get().await?, user_id).await?)?;
    if user.standing.role() == Role::Seller {
        // No connection is held while ordering thinks.
        let open_orders = app.ordering.count_open_orders(token).await?;
        if open_orders > 0 {
            return Err(Error::OpenOrders(open_orders));
        }
    }
    let now = app.clock.now();
    let tried = AtomicBool::new(false);
    database::transaction(&app.pool, async |conn| {
        let again = tried.swap(true, Ordering::Relaxed);
        let Some(user) = store::users::lock(conn, &[user_id]).await?.pop() else {
            // Run again because nobody heard the commit: it is gone by our own doing.
            return if again { Ok(()) } else { Err(Error::NoAccount) };
        };
        erase(app, conn, &usable(Some(user))?, Some(user_id), now).await
    })
    .await?;
    app.waker.wake();
    Ok(())
}

/// In the caller's transaction, which has locked the account.
///
/// # Errors
/// [`Error::Query`].
pub(super) async fn erase(
    app: &App,
    conn: &mut AsyncPgConnection,
    user: &User,
    actor_id: Option<UserId>,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let mut gone = user.clone();
    gone.erase(at);
    let gone = store::users::update(conn, &gone).await?;
    store::push_tokens::delete_all(conn, gone.id).await?;
    store::webhooks::finish_all_of(conn, &gone.clerk_id).await?;
    // What was said before is kept for a week, and may be sent only now.
    for said in [events::user_registered(&gone), events::user_changed(&gone)] {
        events::restate(conn, &said).await?;
    }
    let entries = audit_entries(app, actor_id, gone.id, vec![audit::account_deleted()]);
    store::audit::insert(conn, &entries).await?;
    events::write(conn, &[events::user_deleted(&gone)]).await?;
    Ok(())
}
