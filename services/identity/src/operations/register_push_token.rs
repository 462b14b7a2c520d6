//! A device of the caller takes push messages. May be repeated.
//!
//! Always true: a token belongs to one account, the one that registered it last; an account has ten at most.

use commerce_types::UserId;

use crate::app::App;
use crate::domain::push_token::{MOST, NewPushToken, Platform, PushToken};
use crate::error::Error;
use crate::operations::show_profile::usable;
use crate::store;

/// # Errors
/// [`Error::NoAccount`], [`Error::AccountDisabled`].
pub(crate) async fn register_push_token(
    app: &App,
    user_id: UserId,
    token: String,
    platform: Option<Platform>,
) -> Result<PushToken, Error> {
    let new = NewPushToken { token, user_id, platform };
    database::transaction(&app.pool, async |conn| {
        // Held: of parallel registrations none sees the account with fewer devices than it has.
        usable(store::users::lock(conn, &[user_id]).await?.pop())?;
        let registered = store::push_tokens::put(conn, &new).await?;
        store::push_tokens::keep_newest(conn, user_id, MOST).await?;
        Ok::<_, Error>(registered)
    })
    .await
}
