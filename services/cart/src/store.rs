//! Queries on cart's database. Callers open the transactions.
//!
//! Order of locks, everywhere: lines first (several in the order of account and product), their count last. A merge locks
//! lines that are there and then writes new ones between them, out of order: merges of one cart take turns.

pub(crate) mod answers;
pub(crate) mod carts;
pub(crate) mod lines;
