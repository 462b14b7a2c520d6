//! The operator makes an account an admin: how the first one comes to be, never over the network.

use crate::app::App;
use crate::domain::audit;
use crate::domain::claims::Claims;
use crate::domain::standing::Standing;
use crate::domain::user::{NewUser, User};
use crate::error::Error;
use crate::operations::audit_entries;
use crate::{events, store};

/// The account is made when it is not there. May be repeated.
///
/// # Errors
/// [`Error::UserNotFound`] when it is deleted.
pub(crate) async fn appoint_admin(app: &App, clerk_id: &str) -> Result<User, Error> {
    let new = NewUser {
        id: app.ids.next(),
        clerk_id: clerk_id.to_owned(),
        claims: Claims::default(),
        standing: Standing::CUSTOMER,
    };
    database::transaction(&app.pool, async |conn| {
        let before = match store::users::insert(conn, &new).await? {
            Some(user) => {
                events::write(conn, &[events::user_registered(&user)]).await?;
                user
            }
            None => store::users::lock_by_clerk_id(conn, clerk_id).await?.ok_or(Error::UserNotFound)?,
        };
        if before.deleted_at.is_some() {
            return Err(Error::UserNotFound);
        }
        if before.standing == Standing::ADMIN {
            return Ok(before);
        }
        let user = store::users::update(conn, &User { standing: Standing::ADMIN, ..before.clone() }).await?;
        let entries = audit_entries(app, None, user.id, audit::account_changed(&before, &user));
        store::audit::insert(conn, &entries).await?;
        events::write(conn, &[events::user_changed(&user)]).await?;
        Ok(user)
    })
    .await
}
