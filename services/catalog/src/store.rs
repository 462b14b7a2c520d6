//! Queries on catalog's database. Callers open the transactions.

pub(crate) mod brands;
pub(crate) mod categories;
pub(crate) mod counts;
pub(crate) mod images;
pub(crate) mod listing;
pub(crate) mod offers;
pub(crate) mod products;
pub(crate) mod ranking;
pub(crate) mod sellers;
pub(crate) mod shown;
pub(crate) mod shown_stock;
pub(crate) mod suggestions;
pub(crate) mod views;
pub(crate) mod words;
