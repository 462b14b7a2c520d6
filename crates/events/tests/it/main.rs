//! Outbox, relay, consumers and the live stream against a real PostgreSQL and a real RabbitMQ.

#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

mod broker_crash;
mod consumer;
mod crash_points;
mod harness;
mod live;
mod poison;
mod relay;
mod retention;
mod topology;
