//! What identity says, and what it hears.

use diesel_async::AsyncPgConnection;
use events::{Event, Handler, HandlerError, Received, names};
use protocol::identity::v1 as wire;
use uuid::Uuid;

use crate::domain::user::User;
use crate::grpc::convert;
use crate::operations::keep_admin_actions::keep_admin_actions;

pub(crate) use ::events::{restate, write};

/// An account came to be.
pub(crate) fn user_registered(user: &User) -> Event {
    let payload = wire::UserRegistered { account: Some(convert::account_state(user)) };
    Event::new(names::USER_REGISTERED, user.id.as_uuid(), &payload)
}

/// A public field, the role or a switch of an account moved.
pub(crate) fn user_changed(user: &User) -> Event {
    let payload = wire::UserChanged { account: Some(convert::account_state(user)), clerk_id: user.clerk_id.clone() };
    Event::new(names::USER_CHANGED, user.id.as_uuid(), &payload)
}

/// An account is gone for good.
pub(crate) fn user_deleted(user: &User) -> Event {
    let payload = wire::UserDeleted { user_id: user.id.to_string(), clerk_id: user.clerk_id.clone() };
    Event::new(names::USER_DELETED, user.id.as_uuid(), &payload)
}

/// Somebody signed out; `id` is of nothing but this fact.
pub(crate) fn session_ended(id: Uuid, session_id: &str) -> Event {
    let payload = wire::SessionEnded { session_id: session_id.to_owned() };
    Event::new(names::SESSION_ENDED, id, &payload)
}

/// Hears what admins did at other services.
#[derive(Debug)]
pub(crate) struct Hears;

impl Handler for Hears {
    async fn apply(&self, conn: &mut AsyncPgConnection, batch: &[Received]) -> Result<(), HandlerError> {
        keep_admin_actions(conn, batch).await
    }
}
