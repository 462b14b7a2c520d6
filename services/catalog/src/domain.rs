//! What catalog knows of products, and its rules: no queries, no wire.

pub(crate) mod brand;
pub(crate) mod category;
pub(crate) mod content;
pub(crate) mod images;
pub(crate) mod listing;
pub(crate) mod price_step;
pub(crate) mod product;
pub(crate) mod search;
pub(crate) mod seller;
pub(crate) mod slug;
pub(crate) mod stock;
pub(crate) mod suggestion;
