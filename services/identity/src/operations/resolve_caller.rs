//! The account behind a verified token, made on first sight.
//!
//! Always true: any number of parallel first requests make exactly one account and one event. A deleted account is
//! found as a tombstone, so no token revives it. Usually one query: gateways ask this all the time.

use crate::app::App;
use crate::domain::claims::Claims;
use crate::domain::standing::Standing;
use crate::domain::user::{NewUser, User};
use crate::error::Error;
use crate::{events, store};

/// Who sent a token, and what the token says beside.
pub(crate) struct ResolveCaller {
    pub(crate) clerk_id: String,
    pub(crate) claims: Claims,
}

/// # Errors
/// [`Error::Database`].
pub(crate) async fn resolve_caller(app: &App, request: ResolveCaller) -> Result<User, Error> {
    let found = store::users::find_by_clerk_id(&mut *app.pool.get().await?, &request.clerk_id).await?;
    match found {
        Some(user) if would_fill(&user, &request.claims) => fill(app, &request).await,
        Some(user) => Ok(user),
        None => register(app, request).await,
    }
}

fn would_fill(user: &User, claims: &Claims) -> bool {
    if user.deleted_at.is_some() {
        return false;
    }
    let mut filled = user.clone();
    filled.fill(claims);
    filled != *user
}

async fn fill(app: &App, request: &ResolveCaller) -> Result<User, Error> {
    let user = database::transaction(&app.pool, async |conn| {
        let before = store::users::lock_by_clerk_id(conn, &request.clerk_id).await?.ok_or(Error::NoAccount)?;
        // Looked at again under the lock: a twin may have filled it, its owner deleted it.
        if !would_fill(&before, &request.claims) {
            return Ok::<_, Error>(before);
        }
        let mut user = before.clone();
        user.fill(&request.claims);
        let user = store::users::update(conn, &user).await?;
        if user.concerns_others(&before) {
            events::write(conn, &[events::user_changed(&user)]).await?;
        }
        Ok(user)
    })
    .await?;
    app.waker.wake();
    Ok(user)
}

async fn register(app: &App, request: ResolveCaller) -> Result<User, Error> {
    let new = NewUser {
        id: app.ids.next(),
        clerk_id: request.clerk_id,
        claims: request.claims,
        standing: Standing::CUSTOMER,
    };
    let user = database::transaction(&app.pool, async |conn| {
        let Some(user) = store::users::insert(conn, &new).await? else {
            // A parallel first request was quicker, and has committed.
            return store::users::find_by_clerk_id(conn, &new.clerk_id).await?.ok_or(Error::NoAccount);
        };
        events::write(conn, &[events::user_registered(&user)]).await?;
        Ok(user)
    })
    .await?;
    app.waker.wake();
    Ok(user)
}
