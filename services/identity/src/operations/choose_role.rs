//! The caller chooses its role, once.
//!
//! Always true: of two parallel choices one wins, as both lock the account first; the choice, its audit entry and its
//! event are one transaction.

use commerce_types::UserId;

use crate::app::App;
use crate::domain::audit;
use crate::domain::standing::Choice;
use crate::domain::user::User;
use crate::error::Error;
use crate::operations::audit_entries;
use crate::operations::show_profile::usable;
use crate::{events, store};

/// # Errors
/// [`Error::Refused`] when another role was chosen before; [`Error::NoAccount`], [`Error::AccountDisabled`].
pub(crate) async fn choose_role(app: &App, user_id: UserId, choice: Choice) -> Result<User, Error> {
    let user = database::transaction(&app.pool, async |conn| {
        let before = usable(store::users::lock(conn, &[user_id]).await?.pop())?;
        let standing = before.standing.choose(choice, app.new_sellers)?;
        if standing == before.standing {
            return Ok::<_, Error>(before);
        }
        let user = store::users::update(conn, &User { standing, ..before.clone() }).await?;
        let entries = audit_entries(app, Some(user_id), user_id, audit::role_chosen(&before, &user));
        store::audit::insert(conn, &entries).await?;
        events::write(conn, &[events::user_changed(&user)]).await?;
        Ok(user)
    })
    .await?;
    app.waker.wake();
    Ok(user)
}
