//! Starts and stops a process: environment, telemetry, clock, health, signals, task tracking, and the gRPC plumbing that
//! carries a request's id, trace and deadline from one process to the next.
//!
//! Belongs here: what every process does in the same way. Does not: anything that knows a business term, a table or a queue.

pub mod context;
mod crash_point;
mod environment;
pub mod grpc;
mod ids;
mod lifecycle;
mod places;
mod private_http;
mod process;
mod program;
mod readiness;
pub mod self_check;
mod service;
pub mod telemetry;
mod time;

pub use crash_point::crash_point;
pub use environment::{Environment, EnvironmentError};
pub use ids::Ids;
pub use lifecycle::{Interrupted, Lifecycle};
pub use places::{Place, Places};
pub use private_http::PrivateHttp;
pub use process::Process;
pub use program::{Command, Outcome, Program, run};
pub use readiness::Readiness;
pub use service::{Service, run_service};
pub use time::Clock;
