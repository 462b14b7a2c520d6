//! Signs and verifies the internal access tokens by which services know who asks.
//!
//! The edge authenticates and signs; every service verifies, and decides itself what the [`Caller`] may do. A service that
//! calls another for a caller passes the caller's token on; for itself it signs one in its own name. Session tokens of
//! the identity provider are the gateway's affair, not this crate's.

mod caller;
mod refused;
mod tokens;

pub use caller::{Account, Caller};
pub use refused::Refused;
pub use tokens::{AccessTokens, LIFETIME, SecretError};
