//! Reels through its real client, on a real PostgreSQL and Redis. Products are copies that tests insert directly, or that
//! events bring.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod builders;
mod comments;
mod counts;
mod events;
mod feeds;
mod find_files_in_use;
mod harness;
mod likes;
mod schema;
mod views;
