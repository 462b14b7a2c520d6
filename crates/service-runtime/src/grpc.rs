//! gRPC between services: every call carries the caller's access token, the request id, the trace and a deadline.

mod channel;
mod client;
mod request_layer;
mod server;

pub use channel::{Channel, channel};
pub use client::request;
pub use server::GrpcServer;

/// Metadata key of the request id.
pub const REQUEST_ID: &str = "x-request-id";
/// Metadata key of the W3C trace context.
pub const TRACEPARENT: &str = "traceparent";
