//! The caller changes its own profile. What it changed here is never overwritten by Clerk again.

use commerce_types::UserId;

use crate::app::App;
use crate::domain::profile::ProfileChanges;
use crate::domain::user::User;
use crate::error::Error;
use crate::operations::show_profile::usable;
use crate::{events, store};

/// # Errors
/// [`Error::Refused`] names every value that is not taken; [`Error::NoAccount`], [`Error::AccountDisabled`].
pub(crate) async fn update_profile(app: &App, user_id: UserId, changes: ProfileChanges) -> Result<User, Error> {
    let changes = changes.checked()?;
    let user = database::transaction(&app.pool, async |conn| {
        let before = usable(store::users::lock(conn, &[user_id]).await?.pop())?;
        let mut user = before.clone();
        user.edit(changes.clone());
        if user == before {
            return Ok::<_, Error>(before);
        }
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
