//! The closed table of refusals, its mapping to gRPC and HTTP, and the one place where causes are logged.
//!
//! A service's own `Error` implements [`Refusal`] and calls [`into_status!`]; from there on the cause stays here: callers
//! get the reason, a message that is safe to show, and its details. The gateway reads them back with
//! [`ServiceError::from_status`]. No rule of a service and no text of HTTP bodies belongs here.

mod code;
mod error;
mod reason;
mod wire;

pub use code::Code;
pub use error::{Detail, Refusal, ServiceError, chain};
pub use reason::{Reason, UnknownReason};
/// What [`into_status!`] expands to; not for use by name.
#[doc(hidden)]
pub use tonic;
