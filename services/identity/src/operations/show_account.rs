//! One account as admins see it, tombstones too.

use commerce_types::UserId;

use crate::app::App;
use crate::domain::user::User;
use crate::error::Error;
use crate::store;

/// # Errors
/// [`Error::UserNotFound`].
pub(crate) async fn show_account(app: &App, id: UserId) -> Result<User, Error> {
    store::users::find(&mut *app.pool.get().await?, id).await?.ok_or(Error::UserNotFound)
}
