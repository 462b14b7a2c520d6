//! One rendered answer: its bytes, its tag, and its compressed forms once somebody asked for them.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use actix_web::http::header::HeaderValue;
use bytes::Bytes;
use uuid::Uuid;

use super::concern::Concern;
use crate::http::compress::{self, Encoding};

/// What an entry weighs beside its bytes and its key.
const OVERHEAD: usize = 512;

/// An answer as it came from a service, ready to be sent.
#[derive(Debug, Clone)]
pub struct Rendered {
    pub body: Bytes,
    pub etag: HeaderValue,
    pub concern: Concern,
}

#[derive(Debug)]
pub struct Entry {
    rendered: Rendered,
    made_at: Instant,
    dropped: AtomicBool,
    gzip: OnceLock<Bytes>,
    brotli: OnceLock<Bytes>,
}

impl Entry {
    pub(super) fn new(rendered: Rendered) -> Self {
        Self {
            rendered,
            made_at: Instant::now(),
            dropped: AtomicBool::new(false),
            gzip: OnceLock::new(),
            brotli: OnceLock::new(),
        }
    }

    pub fn body(&self) -> &Bytes {
        &self.rendered.body
    }

    /// The body in an encoding, made once.
    pub fn encoded(&self, encoding: Encoding) -> &Bytes {
        let form = match encoding {
            Encoding::Gzip => &self.gzip,
            Encoding::Brotli => &self.brotli,
        };
        form.get_or_init(|| compress::compress(encoding, &self.rendered.body))
    }

    pub fn etag(&self) -> &HeaderValue {
        &self.rendered.etag
    }

    pub fn concern(&self) -> &Concern {
        &self.rendered.concern
    }

    pub fn is_detail(&self) -> bool {
        matches!(self.rendered.concern, Concern::Detail { .. })
    }

    /// Whose product it shows in detail: the owner is to be answered otherwise.
    pub fn seller(&self) -> Option<Uuid> {
        match &self.rendered.concern {
            Concern::Detail { seller, .. } => *seller,
            Concern::List { .. } => None,
        }
    }

    pub(super) fn is_good(&self, life: Duration) -> bool {
        !self.dropped.load(Ordering::Acquire) && self.made_at.elapsed() < life
    }

    pub(super) fn mark_dropped(&self) {
        self.dropped.store(true, Ordering::Release);
    }

    pub(super) fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.made_at)
    }

    /// What it takes, twice the body for the compressed forms.
    pub(super) fn weight(&self, key: &str) -> usize {
        2 * self.rendered.body.len() + 2 * key.len() + OVERHEAD
    }
}
