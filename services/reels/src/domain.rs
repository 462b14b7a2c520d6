//! The rules of reels: no queries, no wire, no time of its own.

pub(crate) mod account;
pub(crate) mod comment;
pub(crate) mod feed;
pub(crate) mod likes;
pub(crate) mod miscounted;
pub(crate) mod product;
pub(crate) mod reel;
