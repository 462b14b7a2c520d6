//! What the local market promises to its users and to the end-to-end tests.

#![expect(clippy::unwrap_used, reason = "a test's helpers may fail the test")]

mod clerk;
mod demo;
mod program;
mod seed;
