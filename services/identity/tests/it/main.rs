//! Identity through its real client, on a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod apply_webhooks;
mod appoint_admin;
mod builders;
mod change_account;
mod check;
mod choose_role;
mod count_accounts;
mod counts;
mod delete_account;
mod find_files_in_use;
mod harness;
mod keep_admin_actions;
mod list_accounts;
mod list_audit;
mod list_public_users;
mod list_sellers;
mod ordering;
mod receive_webhook;
mod register_push_token;
mod remove_push_tokens;
mod resolve_caller;
mod schema;
mod show_account;
mod show_profile;
mod show_seller;
mod svix;
mod sweep_webhooks;
mod update_profile;
