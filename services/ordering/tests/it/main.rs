//! Ordering through its real gRPC client, on a real PostgreSQL; catalog is a small server of its generated trait.
#![expect(clippy::unwrap_used, reason = "what goes wrong in a test is to be seen at once")]

mod builders;
mod cancel_order;
mod catalog;
mod change_stock;
mod check;
mod count_open_orders;
mod counts;
mod events;
mod find_files_in_use;
mod harness;
mod list_all_orders;
mod list_orders;
mod list_sales_figures;
mod list_stock;
mod list_wilayas;
mod lost_commits;
mod migrations;
mod move_order;
mod place_order;
mod place_order_keys;
mod races;
mod show_order;
mod sum_up_orders;
mod track_order;
