//! Objects in a bucket that speaks S3 (Cloudflare R2 in production), by `rust-s3`.
//!
//! `rust-s3` signs, and makes the calls without a body. Bodies go through one request each to an address that it signed:
//! its own streams take parts of 8 MiB into memory, twenty of them more than the service may use. A body whose length
//! nobody knows waits in a [`Spool`] first, a file without a name, so that memory holds a few chunks of 64 KiB of it, an
//! upload that is given up leaves nothing here, and nothing at the storage either: it keeps no object whose bytes did not
//! all come.
//!
//! Nothing is tried twice here: the caller knows whether there is time for it.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

pub use self::error::{Cause, ConfigError, Error};
pub use self::object::{Audience, Head, Listed, NewObject, Page, Presigned};
pub use self::spool::Spool;
pub use self::storage::Storage;

mod error;
mod object;
mod spool;
mod storage;
mod transfer;

/// Where the bucket is, and who may use it.
#[derive(Debug, Clone)]
pub struct Config {
    /// `https://<account>.r2.cloudflarestorage.com`, without the bucket.
    pub endpoint: String,
    /// `auto` at Cloudflare.
    pub region: String,
    /// The name of the bucket.
    pub bucket: String,
    /// Names the key.
    pub access_key: String,
    /// Signs.
    pub secret_key: SecretString,
    /// Where bodies of unknown length wait, on a disk.
    pub spool: PathBuf,
}

/// How long anything may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Until a connection stands.
    pub connect: Duration,
    /// Until the answer begins, of everything but a copy and a body that is sent.
    pub answer: Duration,
    /// How long a body may stand still, its answer included; how long a copy takes.
    pub stall: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(1), answer: Duration::from_secs(2), stall: Duration::from_secs(10) }
    }
}
