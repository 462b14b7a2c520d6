//! What ordering does: one file for each thing, which owns the transaction.

pub(crate) mod cancel_order;
pub(crate) mod change_stock;
pub(crate) mod check_counts;
pub(crate) mod check_everything;
pub(crate) mod check_stock;
pub(crate) mod check_totals;
pub(crate) mod count_open_orders;
pub(crate) mod find_files_in_use;
pub(crate) mod keep_accounts;
pub(crate) mod list_orders;
pub(crate) mod list_sales_figures;
pub(crate) mod list_stock;
pub(crate) mod list_wilayas;
pub(crate) mod move_order;
pub(crate) mod place_order;
pub(crate) mod see_accounts;
pub(crate) mod show_history;
pub(crate) mod show_order;
pub(crate) mod sum_up_orders;
pub(crate) mod take_step;
pub(crate) mod track_order;

use std::time::Duration;

/// Between two steps of a self-check others have their turn.
const PAUSE: Duration = Duration::from_millis(20);

/// A caller's `Idempotency-Key`: whose it is, for which operation, and what it came with.
#[derive(Clone)]
pub(crate) struct Key {
    /// Scope, operation and key in one string.
    pub(crate) key: String,
    /// SHA-256 of path and canonical body.
    pub(crate) body_hash: Vec<u8>,
}
