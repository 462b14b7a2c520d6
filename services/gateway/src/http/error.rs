//! How a request is refused: the body of `api.md` 2.5, and the headers that belong to a status.
//!
//! Everything that goes wrong becomes an [`ApiError`]; only the front turns one into bytes, since only it knows the
//! request id. What is behind a failure was logged where it was decoded, and is not here.

use std::borrow::Cow;
use std::time::Duration;

use actix_web::http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value};
use service_error::{Reason, ServiceError};

use crate::session::callers::IdentityAway;
use crate::session::claims::Refusal;

/// Why a request is not done. Can be copied: many may wait for one answer.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    pub reason: Reason,
    pub message: Cow<'static, str>,
    pub details: Vec<Detail>,
    /// Seconds.
    pub retry_after: Option<u64>,
    /// The methods a path has.
    pub allow: Option<String>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ErrorDetail)]
pub struct Detail {
    /// Body member, query parameter or header; empty when none fits.
    #[schema(value_type = String)]
    pub field: Cow<'static, str>,
    #[schema(value_type = String)]
    pub message: Cow<'static, str>,
    #[serde(flatten)]
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    pub members: Map<String, Value>,
}

impl Detail {
    pub fn new(field: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { field: field.into(), message: message.into(), members: Map::new() }
    }
}

/// The body of a refusal.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Error)]
pub struct ErrorBody<'a> {
    /// Equals the status line.
    status_code: u16,
    /// The reason phrase.
    error: &'a str,
    /// What programs decide by.
    code: &'a str,
    request_id: &'a str,
    /// For people.
    message: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(value_type = Option<Vec<Detail>>)]
    details: &'a [Detail],
}

impl ApiError {
    pub fn new(reason: Reason) -> Self {
        let message = reason.message().into();
        Self { reason, message, details: Vec::new(), retry_after: None, allow: None }
    }

    /// A field, parameter or header is not as it must be.
    pub fn invalid(field: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self::invalid_all(vec![Detail::new(field, message)])
    }

    /// Several are not.
    pub fn invalid_all(details: Vec<Detail>) -> Self {
        Self { details, ..Self::new(Reason::ValidationError) }
    }

    pub fn invalid_id(name: &str) -> Self {
        let details = vec![Detail::new(name.to_owned(), "must be a UUID")];
        Self { details, ..Self::new(Reason::InvalidId) }
    }

    pub fn method_not_allowed(allow: String) -> Self {
        Self { allow: Some(allow), ..Self::new(Reason::MethodNotAllowed) }
    }

    pub fn rate_limited(wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Self { retry_after: Some(seconds.max(1)), ..Self::new(Reason::RateLimited) }
    }

    pub fn unavailable() -> Self {
        Self { retry_after: Some(1), ..Self::new(Reason::Unavailable) }
    }

    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.reason.http()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The body, for one request.
    pub fn body(&self, request_id: &str) -> Vec<u8> {
        let status = self.status();
        let body = ErrorBody {
            status_code: status.as_u16(),
            error: status.canonical_reason().unwrap_or("Error"),
            code: self.reason.as_str(),
            request_id,
            message: &self.message,
            details: &self.details,
        };
        serde_json::to_vec(&body).expect("strings and JSON values can be written")
    }
}

impl From<Reason> for ApiError {
    fn from(reason: Reason) -> Self {
        Self::new(reason)
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self::new(match refusal {
            Refusal::Unauthorized => Reason::Unauthorized,
            Refusal::Expired => Reason::TokenExpired,
            Refusal::SessionPending => Reason::SessionPending,
        })
    }
}

impl From<IdentityAway> for ApiError {
    fn from(_: IdentityAway) -> Self {
        Self::unavailable()
    }
}

impl From<ServiceError> for ApiError {
    /// Logs the cause, which ends here.
    fn from(error: ServiceError) -> Self {
        error.log();
        let retry_after = error.retry_after_seconds();
        let details = error.details.into_iter().map(|detail| Detail {
            field: detail.field.into(),
            message: detail.message.into(),
            members: detail.extra,
        });
        Self {
            reason: error.reason,
            message: error.message.into(),
            details: details.collect(),
            retry_after,
            allow: None,
        }
    }
}

impl From<access_token::Refused> for ApiError {
    fn from(refused: access_token::Refused) -> Self {
        ServiceError::from(refused).into()
    }
}

impl From<tonic::Status> for ApiError {
    fn from(status: tonic::Status) -> Self {
        ServiceError::from_status(&status).into()
    }
}

impl From<protocol::convert::Malformed> for ApiError {
    /// A service answered what its contract does not allow.
    fn from(malformed: protocol::convert::Malformed) -> Self {
        ServiceError::internal(malformed).into()
    }
}
