//! What identity does: one file for each thing, which owns the transaction.

pub(crate) mod apply_webhooks;
pub(crate) mod appoint_admin;
pub(crate) mod change_account;
pub(crate) mod check_counts;
pub(crate) mod choose_role;
pub(crate) mod count_accounts;
pub(crate) mod delete_account;
pub(crate) mod find_files_in_use;
pub(crate) mod follow_clerk;
pub(crate) mod keep_admin_actions;
pub(crate) mod list_accounts;
pub(crate) mod list_audit;
pub(crate) mod list_public_users;
pub(crate) mod list_sellers;
pub(crate) mod receive_webhook;
pub(crate) mod register_push_token;
pub(crate) mod remove_push_tokens;
pub(crate) mod resolve_caller;
pub(crate) mod show_account;
pub(crate) mod show_profile;
pub(crate) mod show_seller;
pub(crate) mod sweep_webhooks;
pub(crate) mod update_profile;

use commerce_types::UserId;

use crate::app::App;
use crate::domain::audit::{Action, AuditEntry};

/// The entries that say `actions` of an account.
fn audit_entries(app: &App, actor_id: Option<UserId>, target_id: UserId, actions: Vec<Action>) -> Vec<AuditEntry> {
    let request_id = service_runtime::context::current().map(|context| context.request_id.to_string());
    let entry = |action: Action| AuditEntry {
        id: app.ids.next(),
        actor_id,
        action: action.name.to_owned(),
        target_type: "user".to_owned(),
        target_id: target_id.to_string(),
        changes: action.changes,
        request_id: request_id.clone(),
        created_at: None,
    };
    actions.into_iter().map(entry).collect()
}
