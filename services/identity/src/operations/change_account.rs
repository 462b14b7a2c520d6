//! An admin changes role, category, approval, badge or switch of an account.
//!
//! Always true: the change, its audit entries and its event are one transaction. The admin is looked at again under
//! the same locks, so two admins cannot demote each other at once and leave the market without one.

use commerce_types::{Role, UserId};

use crate::app::App;
use crate::domain::audit;
use crate::domain::user::{AccountChanges, User};
use crate::error::Error;
use crate::operations::audit_entries;
use crate::{events, store};

/// # Errors
/// [`Error::UserNotFound`], also for deleted accounts; [`Error::Refused`] by the result; [`Error::Forbidden`] for who is
/// no admin any more.
pub(crate) async fn change_account(
    app: &App,
    admin_id: UserId,
    user_id: UserId,
    changes: AccountChanges,
) -> Result<User, Error> {
    let user = database::transaction(&app.pool, async |conn| {
        let locked = store::users::lock(conn, &[admin_id, user_id]).await?;
        let admin = locked.iter().find(|user| user.id == admin_id).ok_or(Error::NoAccount)?;
        if admin.standing.role() != Role::Admin || !admin.is_active {
            return Err(Error::Forbidden);
        }
        let before = locked.iter().find(|user| user.id == user_id).ok_or(Error::UserNotFound)?;
        let mut user = before.clone();
        user.change(admin_id, changes)?;
        if user == *before {
            return Ok(user);
        }
        let user = store::users::update(conn, &user).await?;
        let entries = audit_entries(app, Some(admin_id), user_id, audit::account_changed(before, &user));
        store::audit::insert(conn, &entries).await?;
        events::write(conn, &[events::user_changed(&user)]).await?;
        Ok(user)
    })
    .await?;
    app.waker.wake();
    Ok(user)
}
