//! Throw-away database, broker, Redis keys, clock and tokens for integration tests; only ever a dev-dependency.
//!
//! Always true: no test sees what another one wrote, and what a test made is gone after it, also when it failed.
//! Everything here panics instead of answering errors.

mod broker;
mod callers;
mod database;
mod dump;
mod eventually;
mod hop;
pub mod outbox;
mod redis;
pub mod schema;
pub mod servers;
mod tokens;

pub use self::broker::TestBroker;
pub use self::callers::{admin, customer, guest, pending_seller, seller, service};
pub use self::database::{TestDatabase, number};
pub use self::dump::dump;
pub use self::eventually::{eventually, eventually_some};
pub use self::hop::Hop;
pub use self::redis::TestRedis;
pub use self::tokens::{SECRET, Tokens};
