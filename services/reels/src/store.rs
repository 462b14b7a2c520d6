//! Queries only; callers open transactions.

pub(crate) mod accounts;
pub(crate) mod comments;
pub(crate) mod counts;
pub(crate) mod feed_counts;
pub(crate) mod likes;
pub(crate) mod named_videos;
pub(crate) mod products;
pub(crate) mod reels;
pub(crate) mod shown;
pub(crate) mod views;
