//! What reels does: one file for each thing, which owns its transaction.

pub(crate) mod add_comment;
pub(crate) mod add_reel;
pub(crate) mod change_comment;
pub(crate) mod change_reel;
pub(crate) mod check_counts;
pub(crate) mod check_everything;
pub(crate) mod count_reels;
pub(crate) mod delete_comment;
pub(crate) mod delete_reel;
pub(crate) mod drain_views;
pub(crate) mod find_files_in_use;
pub(crate) mod follow_uploads;
pub(crate) mod forget_accounts;
pub(crate) mod get_reel;
pub(crate) mod hear_products;
pub(crate) mod know_product;
pub(crate) mod list_comments;
pub(crate) mod list_liked_reels;
pub(crate) mod list_likes;
pub(crate) mod list_reels;
pub(crate) mod publish_reel;
pub(crate) mod seed;
pub(crate) mod set_like;
pub(crate) mod show_named_videos;
pub(crate) mod view_reel;

use service_runtime::context;

/// Of the request that is being answered.
pub(crate) fn request_id() -> String {
    context::current().map(|context| context.request_id.to_string()).unwrap_or_default()
}
