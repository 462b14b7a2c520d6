//! What media does: one file for each thing, which owns its transaction.

pub(crate) mod accept_upload;
pub(crate) mod check_everything;
pub(crate) mod check_files;
pub(crate) mod check_upload;
pub(crate) mod claim_upload;
pub(crate) mod complete_upload;
pub(crate) mod create_upload;
pub(crate) mod delete_doomed;
pub(crate) mod delete_file;
pub(crate) mod expire_uploads;
pub(crate) mod find_uploads;
pub(crate) mod forget_receipts;
pub(crate) mod forget_unneeded;
pub(crate) mod get_upload;
pub(crate) mod hear_removals;
pub(crate) mod look_at_picture;
pub(crate) mod process_upload;
pub(crate) mod receive_upload;
pub(crate) mod serve_picture;
pub(crate) mod serve_video;
pub(crate) mod settle_upload;
pub(crate) mod sweep_bucket;
pub(crate) mod sweep_spool;
