//! What answers look like: the public contract's structs, each with its one conversion from the wire (`api.md`).
//!
//! Members stand in the order of the contract; a member without a value is null unless its words say that it is absent.

pub mod audit;
pub mod cart;
pub mod feed;
pub mod list;
pub mod market_stats;
pub mod new_product;
pub mod order;
pub mod page;
pub mod product;
pub mod reel;
pub mod time;
pub mod upload;
pub mod user;
pub mod words;
