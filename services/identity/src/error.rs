//! Why identity does not do as asked, and what the caller hears of it.

use std::error::Error as StdError;
use std::net::SocketAddr;

use access_token::SecretError;
use database::Kind;
use diesel::result::Error as DieselError;
use service_error::{Detail, Reason, Refusal, ServiceError};

use crate::domain::Refused;
use crate::domain::clerk_event::NotAnEvent;

/// One variant for each thing a caller can act on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("there is no such user")]
    UserNotFound,
    #[error("there is no such seller")]
    SellerNotFound,
    /// The caller's own account is deleted, or was never there.
    #[error("the caller has no account")]
    NoAccount,
    /// The caller's own account is switched off.
    #[error("the caller's account is switched off")]
    AccountDisabled,
    /// The caller is no admin any more.
    #[error("the caller may not do this")]
    Forbidden,
    #[error("the change is refused")]
    Refused(#[from] Refused),
    #[error("the webhook is not signed as it must be")]
    InvalidSignature,
    #[error("the webhook is signed, but no event")]
    NotAnEvent(#[from] NotAnEvent),
    /// So many orders of a seller are not finished.
    #[error("the seller has open orders")]
    OpenOrders(i64),
    /// Nobody can tell whether there are orders to finish.
    #[error("ordering did not answer")]
    Ordering(#[source] ServiceError),
    #[error("the database is not available")]
    Database(#[from] database::Error),
    #[error("a query failed")]
    Query(#[from] DieselError),
}

impl Refusal for Error {
    fn reason(&self) -> Reason {
        match self {
            Self::UserNotFound => Reason::UserNotFound,
            Self::SellerNotFound => Reason::SellerNotFound,
            Self::NoAccount => Reason::Unauthorized,
            Self::AccountDisabled => Reason::AccountDisabled,
            Self::Forbidden | Self::Refused(Refused::OwnAccount) => Reason::Forbidden,
            Self::Refused(Refused::Invalid(_)) => Reason::ValidationError,
            Self::Refused(Refused::RoleAlreadySet(_)) => Reason::RoleAlreadySet,
            Self::InvalidSignature => Reason::InvalidSignature,
            Self::NotAnEvent(_) => Reason::MalformedJson,
            Self::OpenOrders(_) => Reason::AccountHasOpenOrders,
            Self::Ordering(answer) => answer.reason,
            Self::Database(error) => of_database(error),
            Self::Query(error) => of_database(error),
        }
    }

    fn details(&self) -> Vec<Detail> {
        match self {
            Self::Refused(Refused::Invalid(problems)) => {
                problems.iter().map(|(field, problem)| Detail::new(*field, problem)).collect()
            }
            Self::Refused(Refused::RoleAlreadySet(standing)) => {
                let category = standing.seller_category().map(|category| category.as_str());
                let role = standing.role().as_str();
                let detail =
                    Detail::new("role", format!("is {role}")).with("role", role).with("seller_category", category);
                vec![detail]
            }
            Self::OpenOrders(open_orders) => {
                vec![Detail::new("", format!("{open_orders} are open")).with("open_orders", *open_orders)]
            }
            _ => Vec::new(),
        }
    }
}

fn of_database(error: &(dyn StdError + 'static)) -> Reason {
    if Kind::of(error).is_some_and(Kind::passes) { Reason::Unavailable } else { Reason::InternalError }
}

service_error::into_status!(Error);

/// Why identity does not start, or an operator's command fails.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("port {0} cannot be bound")]
    Port(SocketAddr, #[source] std::io::Error),
    #[error("IDENTITY_ACCESS_TOKEN_SECRETS")]
    Secrets(#[from] SecretError),
    #[error("IDENTITY_CLERK_WEBHOOK_SECRETS must be one secret of Clerk's, whsec_ and base64, or two with a comma")]
    WebhookSecrets,
    #[error("IDENTITY_ORDERING_URL")]
    Ordering(#[from] tonic::transport::Error),
    #[error("IDENTITY_DATABASE_URL")]
    Database(#[from] database::Error),
    #[error("IDENTITY_RABBITMQ_URL")]
    Events(#[from] events::Error),
    #[error("the account cannot be appointed")]
    Appoint(#[source] Box<dyn StdError + Send + Sync>),
}
