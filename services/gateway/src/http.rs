//! The public port: the table of operations, what is checked before any of them, and how answers are sent.
//!
//! One file per resource holds its handlers and declares its routes; [`table`] collects them.

mod accounts;
mod admin_audit;
mod admin_orders;
pub(crate) mod admin_stats;
mod admin_users;
pub mod body;
mod brands;
pub mod call;
mod cart;
mod categories;
mod category_writes;
pub mod change;
pub mod compress;
pub mod conditional;
pub mod cors;
pub mod error;
pub mod fields;
mod form;
mod front;
mod held;
pub mod openapi;
mod orders;
mod product_writes;
mod products;
mod push_tokens;
pub mod query;
mod reel_reactions;
mod reels;
pub mod reply;
mod request_id;
pub mod route;
mod router;
mod seller_orders;
pub(crate) mod seller_products;
mod sellers;
mod send;
mod server;
pub mod shapes;
mod sockets;
mod storage;
mod storage_forms;
mod suggestions;
mod system;
pub mod table;
mod tracking;
mod webhooks;

pub use self::server::{Bound, bind};
