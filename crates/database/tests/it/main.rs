//! The crate against a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

mod answers;
mod cut;
mod failures;
mod limited;
mod migrate;
mod old_programs;
mod pool;
mod totals;
mod transaction;
