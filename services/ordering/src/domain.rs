//! Rules of orders and stock: no queries, no wire, no async.

pub(crate) mod buyer;
pub(crate) mod checkout;
pub(crate) mod figures;
pub(crate) mod ledger;
pub(crate) mod miscounted;
pub(crate) mod order;
pub(crate) mod order_list;
pub(crate) mod order_number;
pub(crate) mod status;
pub(crate) mod stock;
pub(crate) mod tracking_token;
pub(crate) mod wilaya;
