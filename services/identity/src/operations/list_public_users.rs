//! Accounts for copies at other services that miss one.

use commerce_types::UserId;

use crate::app::App;
use crate::domain::user::User;
use crate::error::Error;
use crate::store;

/// Those that are there, in no order.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn list_public_users(app: &App, ids: &[UserId]) -> Result<Vec<User>, Error> {
    Ok(store::users::list(&mut *app.pool.get().await?, ids).await?)
}
