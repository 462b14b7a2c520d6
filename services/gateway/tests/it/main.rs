//! The gateway against real servers.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod admin_stats;
mod clerk;
mod harness;
mod limits;
mod misses;
mod products;
mod requests;
mod services;
mod sessions;
mod stream;
mod upstream;
