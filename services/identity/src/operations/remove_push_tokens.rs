//! A device of the caller, or all of them, take push messages no more. May be repeated.

use commerce_types::UserId;

use crate::app::App;
use crate::error::Error;
use crate::operations::show_profile::usable;
use crate::store;

/// Answers how many they were.
///
/// # Errors
/// [`Error::NoAccount`], [`Error::AccountDisabled`].
pub(crate) async fn remove_push_tokens(app: &App, user_id: UserId, token: Option<&str>) -> Result<usize, Error> {
    database::transaction(&app.pool, async |conn| {
        usable(store::users::lock(conn, &[user_id]).await?.pop())?;
        let removed = match token {
            Some(token) => store::push_tokens::delete(conn, user_id, token).await?,
            None => store::push_tokens::delete_all(conn, user_id).await?,
        };
        Ok::<_, Error>(removed)
    })
    .await
}
