//! How a refusal travels in a gRPC status: `ErrorInfo` names the reason, `RetryInfo` the delay, and a message of ours
//! the entries of `details`.

use std::collections::HashMap;
use std::time::Duration;

use prost::Message;
use prost_types::Any;
use serde_json::Map;
use tonic::Status;
use tonic_types::{ErrorInfo, RetryInfo, StatusExt, pb};

use crate::{Code, Detail, Reason, ServiceError};

/// Whose reasons these are.
const DOMAIN: &str = "zst";
const ERROR_INFO: &str = "type.googleapis.com/google.rpc.ErrorInfo";
const RETRY_INFO: &str = "type.googleapis.com/google.rpc.RetryInfo";
const DETAILS: &str = "type.googleapis.com/zst.error.v1.Details";

/// The entries of `details`.
#[derive(Clone, PartialEq, Message)]
struct Details {
    #[prost(message, repeated, tag = "1")]
    entries: Vec<Entry>,
}

/// One entry; `extra` is a JSON object, empty for none.
#[derive(Clone, PartialEq, Message)]
struct Entry {
    #[prost(string, tag = "1")]
    field: String,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(string, tag = "3")]
    extra: String,
}

impl From<Detail> for Entry {
    fn from(detail: Detail) -> Self {
        let extra =
            if detail.extra.is_empty() { String::new() } else { serde_json::Value::from(detail.extra).to_string() };
        Self { field: detail.field, message: detail.message, extra }
    }
}

impl From<Entry> for Detail {
    fn from(entry: Entry) -> Self {
        let extra = serde_json::from_str(&entry.extra).unwrap_or_else(|_| Map::new());
        Self { field: entry.field, message: entry.message, extra }
    }
}

impl ServiceError {
    /// Logs the cause, and leaves it behind.
    #[must_use]
    pub fn into_status(mut self) -> Status {
        self.log();
        if self.code() == Code::Internal {
            self = Self::new(self.reason);
        }
        let code = self.code().grpc();
        let retry_after = self.retry_after_seconds();
        let info = ErrorInfo::new(self.reason.as_str(), DOMAIN, HashMap::new());
        let mut details = vec![any(ERROR_INFO, &pb::ErrorInfo::from(info))];
        if let Some(seconds) = retry_after {
            let retry = RetryInfo::new(Some(Duration::from_secs(seconds)));
            details.push(any(RETRY_INFO, &pb::RetryInfo::from(retry)));
        }
        if !self.details.is_empty() {
            details.push(any(DETAILS, &Details { entries: self.details.into_iter().map(Entry::from).collect() }));
        }
        let rich = pb::Status { code: code as i32, message: self.message.clone(), details };
        Status::with_details(code, self.message, rich.encode_to_vec().into())
    }

    /// Reads what another service answered. A status that is not one of ours (the connection broke, a deadline passed,
    /// a method is missing) becomes the nearest reason, with the status as its cause.
    #[must_use]
    pub fn from_status(status: &Status) -> Self {
        let info = status.get_details_error_info().filter(|info| info.domain == DOMAIN);
        let Some(reason) = info.and_then(|info| info.reason.parse().ok()) else {
            return foreign(status);
        };
        let delay = status.get_details_retry_info().and_then(|info| info.retry_delay);
        let rich = pb::Status::decode(status.details()).unwrap_or_default();
        let ours = rich.details.iter().find(|any| any.type_url == DETAILS);
        let details = ours.and_then(|any| Details::decode(any.value.as_slice()).ok()).unwrap_or_default();
        let mut error = Self::new(reason).with_message(status.message());
        error.details = details.entries.into_iter().map(Detail::from).collect();
        error.retry_after = delay;
        error
    }
}

impl From<ServiceError> for Status {
    fn from(error: ServiceError) -> Self {
        error.into_status()
    }
}

fn any(type_url: &str, message: &impl Message) -> Any {
    Any { type_url: type_url.to_owned(), value: message.encode_to_vec() }
}

/// The message of a foreign status may name hosts and paths: it goes to the log alone.
fn foreign(status: &Status) -> ServiceError {
    let reason = match status.code() {
        tonic::Code::Unavailable
        | tonic::Code::DeadlineExceeded
        | tonic::Code::Cancelled
        | tonic::Code::Aborted
        | tonic::Code::ResourceExhausted => Reason::Unavailable,
        // Who the end user is was settled before this call: a service that does not know us is a defect.
        _ => Reason::InternalError,
    };
    ServiceError::new(reason).with_source(format!("answered {:?}: {}", status.code(), status.message()))
}
