//! What catalog does: one file for each thing, read downwards. Only here transactions are opened.

pub(crate) mod change_category;
pub(crate) mod change_image;
pub(crate) mod change_product;
pub(crate) mod change_stock;
pub(crate) mod check_everything;
pub(crate) mod check_shown_stock;
pub(crate) mod count_all_products;
pub(crate) mod count_products;
pub(crate) mod create_category;
pub(crate) mod delete_category;
pub(crate) mod delete_image;
pub(crate) mod delete_product;
pub(crate) mod drain_views;
pub(crate) mod forget_seller;
pub(crate) mod get_product;
pub(crate) mod list_brands;
pub(crate) mod list_categories;
pub(crate) mod list_offers;
pub(crate) mod list_products;
pub(crate) mod list_products_by_id;
pub(crate) mod publish_product;
pub(crate) mod remember_seller;
pub(crate) mod show_stock;
pub(crate) mod suggest;
pub(crate) mod view_product;
pub(crate) mod writing;
