//! A refusal on its way out: what the caller may know, and the cause, which it may not.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::{Code, Reason};

/// What a service's `Error` says of itself, so that it can be answered.
///
/// Implement it for the one `Error` of the service and write `service_error::into_status!(Error);` below.
pub trait Refusal: StdError + Send + Sync + 'static {
    /// The code of the public contract.
    fn reason(&self) -> Reason;

    /// The kind; that of the reason.
    fn code(&self) -> Code {
        self.reason().code()
    }

    /// A sentence for the caller. Never a cause, a query, a path, an address.
    fn message(&self) -> String {
        self.reason().message().to_owned()
    }

    /// One entry for each thing that is wrong.
    fn details(&self) -> Vec<Detail> {
        Vec::new()
    }

    /// When to try again; one second where the contract wants an answer and this has none.
    fn retry_after(&self) -> Option<Duration> {
        None
    }
}

/// An entry of `details`.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    /// The body member, query parameter or header it is about; empty when none fits.
    pub field: String,
    /// A sentence for people.
    pub message: String,
    /// The members the code adds: `product_id`, `available`.
    pub extra: Map<String, Value>,
}

impl Detail {
    /// An entry about `field`.
    #[must_use]
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into(), extra: Map::new() }
    }

    /// Adds a member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(name.to_owned(), value.into());
        self
    }
}

/// A refusal with all that is said of it, on either side of the wire.
#[derive(Debug)]
pub struct ServiceError {
    /// The code of the public contract.
    pub reason: Reason,
    /// A sentence for the caller.
    pub message: String,
    /// One entry for each thing that is wrong.
    pub details: Vec<Detail>,
    /// When to try again.
    pub retry_after: Option<Duration>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl ServiceError {
    /// A refusal with the usual sentence of its reason.
    #[must_use]
    pub fn new(reason: Reason) -> Self {
        Self { reason, message: reason.message().to_owned(), details: Vec::new(), retry_after: None, source: None }
    }

    /// A value that is not taken.
    #[must_use]
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Reason::ValidationError).with_detail(Detail::new(field, message))
    }

    /// A defect of ours, with its cause for the log.
    #[must_use]
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Reason::InternalError).with_source(source)
    }

    /// A needed part is away, with its cause for the log.
    #[must_use]
    pub fn unavailable(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Reason::Unavailable).with_source(source)
    }

    /// Says it in other words.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// Adds an entry.
    #[must_use]
    pub fn with_detail(mut self, detail: Detail) -> Self {
        self.details.push(detail);
        self
    }

    /// Says when to try again.
    #[must_use]
    pub const fn with_retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }

    /// Keeps the cause, for the log alone.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The kind.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.reason.code()
    }

    /// The status of an HTTP answer.
    #[must_use]
    pub const fn http(&self) -> u16 {
        self.reason.http()
    }

    /// Whole seconds for `Retry-After`, at least one, where the contract wants that header.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<u64> {
        let wanted = matches!(self.code(), Code::RateLimited | Code::Unavailable)
            || self.reason == Reason::IdempotencyInProgress;
        let delay = self.retry_after.unwrap_or(Duration::from_secs(1));
        wanted.then(|| (delay.as_secs() + u64::from(delay.subsec_nanos() > 0)).max(1))
    }

    /// Writes the refusal with its chain of causes to the log, once: for those that answer without [`Self::into_status`].
    pub fn log(&self) {
        metrics::counter!("refusals_total", "reason" => self.reason.as_str()).increment(1);
        let cause = self.source.as_deref().map(|source| chain(source)).unwrap_or_default();
        match self.code() {
            Code::Internal => tracing::error!(reason = %self.reason, cause, "failed"),
            Code::Unavailable => tracing::warn!(reason = %self.reason, cause, "unavailable"),
            _ => tracing::debug!(reason = %self.reason, cause, "refused"),
        }
    }
}

/// The text of an error and of all its causes, without repeating what a text already holds: for a log line, which would
/// show the outermost alone.
pub fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}

impl<E: Refusal> From<E> for ServiceError {
    fn from(refusal: E) -> Self {
        Self {
            reason: refusal.reason(),
            message: refusal.message(),
            details: refusal.details(),
            retry_after: refusal.retry_after(),
            source: Some(Box::new(refusal)),
        }
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason, self.message)
    }
}

impl StdError for ServiceError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

/// Lets `?` answer an `Error` that implements [`Refusal`] in a gRPC method.
#[macro_export]
macro_rules! into_status {
    ($error:ty) => {
        impl From<$error> for $crate::tonic::Status {
            fn from(error: $error) -> Self {
                $crate::ServiceError::from(error).into_status()
            }
        }
    };
}
