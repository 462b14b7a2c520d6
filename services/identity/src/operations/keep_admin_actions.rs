//! What admins did at other services goes into the audit, once, in the transaction of the batch that told it.

use commerce_types::{AuditEntryId, UserId};
use diesel_async::AsyncPgConnection;
use events::{HandlerError, Received, names};
use protocol::types::v1::AdminAction;
use serde_json::Value;

use crate::domain::audit::AuditEntry;
use crate::store;

/// # Errors
/// An action that cannot be read, or the database.
pub(crate) async fn keep_admin_actions(conn: &mut AsyncPgConnection, batch: &[Received]) -> Result<(), HandlerError> {
    let actions = batch.iter().filter(|event| event.name.ends_with(names::ADMIN_ACTION_SUFFIX));
    let entries = actions.map(entry).collect::<Result<Vec<_>, _>>()?;
    store::audit::insert(conn, &entries).await?;
    Ok(())
}

/// The event's id is the entry's: told twice it is still one.
fn entry(event: &Received) -> Result<AuditEntry, HandlerError> {
    let action: AdminAction = event.decode()?;
    let actor_id: UserId = action.actor_id.parse()?;
    let changes: Value = serde_json::from_str(&action.changes)?;
    let request_id = Some(action.request_id).filter(|id| !id.is_empty()).or_else(|| event.request_id.clone());
    Ok(AuditEntry {
        id: AuditEntryId::from(event.event_id),
        actor_id: Some(actor_id),
        action: action.action,
        target_type: action.target_type,
        target_id: action.target_id,
        changes,
        request_id,
        created_at: Some(event.written_at),
    })
}
