//! The kinds of refusal: closed, with two exhaustive matches and nothing else.

/// What a caller can do about a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// Correct the request.
    InvalidArgument,
    /// There is no such thing, or none this caller may see.
    NotFound,
    /// It is there already.
    AlreadyExists,
    /// The state of things does not allow it; the same request will be refused again.
    FailedPrecondition,
    /// Somebody else was quicker: read again and retry.
    Conflict,
    /// Say who you are.
    Unauthenticated,
    /// You may not.
    PermissionDenied,
    /// Slow down.
    RateLimited,
    /// Retry later.
    Unavailable,
    /// A defect on our side.
    Internal,
}

impl Code {
    /// The gRPC code.
    #[must_use]
    pub const fn grpc(self) -> tonic::Code {
        match self {
            Self::InvalidArgument => tonic::Code::InvalidArgument,
            Self::NotFound => tonic::Code::NotFound,
            Self::AlreadyExists => tonic::Code::AlreadyExists,
            Self::FailedPrecondition => tonic::Code::FailedPrecondition,
            Self::Conflict => tonic::Code::Aborted,
            Self::Unauthenticated => tonic::Code::Unauthenticated,
            Self::PermissionDenied => tonic::Code::PermissionDenied,
            Self::RateLimited => tonic::Code::ResourceExhausted,
            Self::Unavailable => tonic::Code::Unavailable,
            Self::Internal => tonic::Code::Internal,
        }
    }

    /// The HTTP status of the kind; that of the [`Reason`](crate::Reason) goes before it.
    #[must_use]
    pub const fn http(self) -> u16 {
        match self {
            Self::InvalidArgument => 400,
            Self::Unauthenticated => 401,
            Self::PermissionDenied => 403,
            Self::NotFound => 404,
            Self::AlreadyExists | Self::FailedPrecondition | Self::Conflict => 409,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }
}
