//! Why a caller is turned away.

use commerce_types::Approval;
use service_error::{Detail, Reason, Refusal};

/// Why a caller is turned away. Answers itself in a gRPC method by `?`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No token, or not exactly one.
    #[error("the call carries no access token")]
    NoToken,
    /// A token that is not ours, not whole, or not of this time.
    #[error("the access token is not valid: {0}")]
    BadToken(&'static str),
    /// A genuine token past its time.
    #[error("the access token has expired")]
    Expired,
    /// A guest where an account is needed.
    #[error("an account is needed")]
    NoAccount,
    /// The role, or the service, may not do this.
    #[error("the caller may not do this")]
    Forbidden,
    /// A seller who may not sell, with its approval.
    #[error("the seller is not approved")]
    SellerNotApproved(Approval),
}

impl Refusal for Refused {
    fn reason(&self) -> Reason {
        match self {
            Self::NoToken | Self::BadToken(_) | Self::NoAccount => Reason::Unauthorized,
            Self::Expired => Reason::TokenExpired,
            Self::Forbidden => Reason::Forbidden,
            Self::SellerNotApproved(_) => Reason::SellerNotApproved,
        }
    }

    fn details(&self) -> Vec<Detail> {
        match self {
            Self::SellerNotApproved(approval) => {
                vec![Detail::new("", format!("approval is {approval}")).with("approval", approval.as_str())]
            }
            _ => Vec::new(),
        }
    }
}

service_error::into_status!(Refused);
