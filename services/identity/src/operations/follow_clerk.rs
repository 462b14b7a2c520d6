//! What an account is at Clerk is taken over here: in the transaction of the webhook that told it.
//!
//! Always true: whoever comes first, a webhook or a request, one account is made; what is older than what was applied
//! changes nothing, and no event revives a deleted account, also one that was never seen.

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;

use crate::app::App;
use crate::domain::audit;
use crate::domain::claims::Claims;
use crate::domain::clerk_event::ClerkUser;
use crate::domain::standing::Standing;
use crate::domain::user::{NewUser, User};
use crate::error::Error;
use crate::operations::audit_entries;
use crate::operations::delete_account::erase;
use crate::{events, store};

/// # Errors
/// [`Error::Database`], [`Error::Query`].
pub(super) async fn follow_clerk_user(app: &App, conn: &mut AsyncPgConnection, clerk: &ClerkUser) -> Result<(), Error> {
    let (before, is_new) = find_or_insert(app, conn, &clerk.clerk_id, &clerk.claims).await?;
    let mut user = before.clone();
    if !user.follow(clerk) {
        return Ok(());
    }
    let user = store::users::update(conn, &user).await?;
    let entries = audit_entries(app, None, user.id, audit::account_changed(&before, &user));
    store::audit::insert(conn, &entries).await?;
    if is_new {
        events::write(conn, &[events::user_registered(&user)]).await?;
    } else if user.concerns_others(&before) {
        events::write(conn, &[events::user_changed(&user)]).await?;
    }
    Ok(())
}

/// Without a look at its orders: it is gone already.
///
/// # Errors
/// [`Error::Database`], [`Error::Query`].
pub(super) async fn bury_clerk_user(
    app: &App,
    conn: &mut AsyncPgConnection,
    clerk_id: &str,
    at: Option<DateTime<Utc>>,
) -> Result<(), Error> {
    let (user, is_new) = find_or_insert(app, conn, clerk_id, &Claims::default()).await?;
    if user.deleted_at.is_some() {
        return Ok(());
    }
    let at = at.unwrap_or_else(|| app.clock.now());
    if is_new {
        // Nobody ever heard of it, so there is nobody to tell.
        let mut gone = user;
        gone.erase(at);
        store::users::update(conn, &gone).await?;
        return Ok(());
    }
    erase(app, conn, &user, None, at).await
}

/// The account, locked, and whether it was made just now; not told to anybody then.
async fn find_or_insert(
    app: &App,
    conn: &mut AsyncPgConnection,
    clerk_id: &str,
    claims: &Claims,
) -> Result<(User, bool), Error> {
    if let Some(user) = store::users::lock_by_clerk_id(conn, clerk_id).await? {
        return Ok((user, false));
    }
    let new = NewUser {
        id: app.ids.next(),
        clerk_id: clerk_id.to_owned(),
        claims: claims.clone(),
        standing: Standing::CUSTOMER,
    };
    match store::users::insert(conn, &new).await? {
        Some(user) => Ok((user, true)),
        // A first request was quicker, and has committed.
        None => Ok((store::users::lock_by_clerk_id(conn, clerk_id).await?.ok_or(Error::NoAccount)?, false)),
    }
}
