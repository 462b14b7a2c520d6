//! Rules of carts: no queries, no wire, no async.

pub(crate) mod cart;
pub(crate) mod line;
pub(crate) mod merge;
pub(crate) mod offer;
