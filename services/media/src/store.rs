//! Queries only; callers open transactions.

pub(crate) mod doomed;
pub(crate) mod receipts;
pub(crate) mod uploads;
