//! The caller's own account.

use commerce_types::UserId;

use crate::app::App;
use crate::domain::user::User;
use crate::error::Error;
use crate::store;

/// # Errors
/// [`Error::NoAccount`] when it is deleted, [`Error::AccountDisabled`].
pub(crate) async fn show_profile(app: &App, user_id: UserId) -> Result<User, Error> {
    let user = store::users::find(&mut *app.pool.get().await?, user_id).await?;
    usable(user)
}

/// A caller's token may be a minute older than what happened to its account.
pub(super) fn usable(user: Option<User>) -> Result<User, Error> {
    match user {
        Some(user) if user.deleted_at.is_some() => Err(Error::NoAccount),
        Some(user) if user.is_active => Ok(user),
        Some(_) => Err(Error::AccountDisabled),
        None => Err(Error::NoAccount),
    }
}
