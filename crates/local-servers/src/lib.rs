//! Private PostgreSQL, Redis and RabbitMQ for development and tests.
//!
//! A [`Server`] is one program on one loopback port with all its data below one directory; a [`ServerSet`] is what a
//! `make` target works with: up to three of them under `.local/<name>`. Belongs here: finding, installing, starting,
//! stopping and hurting these programs. Does not: what is stored in them, and every client library.
//!
//! Must always hold: only processes that were started from here are signalled, known by process id *and* start time;
//! nothing outlives the program that started it unless it was asked to ([`ServerSet::keep_running`]); servers keep
//! their default durability. All calls block: from async code go through `spawn_blocking`.

mod error;
mod install;
mod kind;
mod ports;
mod postgres;
mod probe;
mod process;
mod rabbitmq;
mod redis;
mod server;
mod set;

pub use error::Error;
pub use kind::Kind;
pub use ports::free_port;
pub use process::{Watchdog, send_signal_to_group};
pub use server::Server;
pub use set::ServerSet;

/// What every call here returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;
