//! Queries on ordering's database. Callers open the transactions.

pub(crate) mod accounts;
pub(crate) mod counts;
pub(crate) mod figures;
pub(crate) mod history;
pub(crate) mod items;
pub(crate) mod ledger;
pub(crate) mod orders;
pub(crate) mod placed;
pub(crate) mod stock;
pub(crate) mod wilayas;
