//! Totals of orders that are wrong.

use commerce_types::UserId;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};

/// A sort of a seller's orders whose count is wrong.
#[derive(Debug, QueryableByName)]
pub(crate) struct Miscounted {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) seller_id: UserId,
    /// Kind, status and payment.
    #[diesel(sql_type = Text)]
    pub(crate) sort: String,
    #[diesel(sql_type = BigInt)]
    pub(crate) kept: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) orders: i64,
}
