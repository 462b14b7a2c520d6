//! Cart through its real client, on a real PostgreSQL; catalog is a small server of its generated trait.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod add_item;
mod builders;
mod catalog;
mod clear_cart;
mod count_cart;
mod events;
mod get_cart;
mod harness;
mod merge_cart;
mod remove_item;
mod schema;
mod set_item;
