//! What a real server and a real client do to a call between them.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod calls;
mod drain;
mod echo;
mod measures;
mod peer;
mod several;
mod traces;
