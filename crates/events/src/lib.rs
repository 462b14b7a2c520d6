//! Carries events from a committed transaction to RabbitMQ and handles each of them once.
//!
//! Always true: an event is a row of the transaction that made it true, so nothing is published that was rolled back
//! and nothing committed is skipped; what arrives twice has one event id, and every reader remembers the ids it has
//! seen. Deliberately absent: what events say (protobuf messages of `protocol`) and what they do (handlers of the
//! services).

mod backoff;
mod broker;
mod consumer;
pub mod dead_letters;
mod envelope;
mod error;
pub mod live;
pub mod names;
mod outbox;
mod relay;
pub mod retention;
pub mod self_check;
mod topology;
mod trace;

pub use broker::Broker;
pub use consumer::{Consumer, ConsumerSettings, Handler, HandlerError};
pub use envelope::Received;
pub use error::Error;
pub use outbox::{Event, restate, retell, write};
pub use relay::{Relay, RelaySettings, Waker};
pub use topology::{Queue, Topology};
