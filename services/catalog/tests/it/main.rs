//! The service through its real client, on a real PostgreSQL, Redis and RabbitMQ.

#![expect(clippy::unwrap_used, reason = "what goes wrong in a test is to be seen at once")]

mod builders;
mod find_files_in_use;
mod harness;
mod link_image;

mod change_category;
mod change_image;
mod change_product;
mod change_stock;
mod check;
mod count_all_products;
mod count_products;
mod counts;
mod create_category;
mod delete_category;
mod delete_product;
mod events;
mod get_product;
mod list_brands;
mod list_categories;
mod list_offers;
mod list_products;
mod list_products_by_id;
mod migrations;
mod publish_product;
mod search;
mod search_table;
mod show_stock;
mod suggest;
mod view_product;
