//! Queries on identity's database. Callers open the transactions.

pub(crate) mod accounts;
pub(crate) mod audit;
pub(crate) mod audit_counts;
pub(crate) mod counts;
pub(crate) mod push_tokens;
pub(crate) mod sellers;
pub(crate) mod users;
pub(crate) mod webhooks;
