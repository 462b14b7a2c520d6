//! Why cart does not do as asked, and what the caller hears of it.

use std::error::Error as StdError;
use std::net::SocketAddr;

use access_token::SecretError;
use commerce_types::ProductId;
use database::Kind;
use diesel::result::Error as DieselError;
use service_error::{Detail, Reason, Refusal};

use crate::domain::offer::Refused;

/// One variant for each thing a caller can act on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("there is no such line")]
    ItemNotFound,
    #[error("the product is not on sale")]
    ProductNotFound(ProductId),
    #[error("the quantity is refused")]
    Refused(#[from] Refused),
    #[error("the cart has all the lines it can have")]
    CartFull,
    /// The caller's account is deleted.
    #[error("the caller has no account")]
    NoAccount,
    /// More money than there is a number for.
    #[error("the cart would be too dear")]
    TooDear,
    #[error("the key was used with another body")]
    KeyReused,
    #[error("the first request with this key still runs")]
    KeyInProgress,
    #[error("catalog is away")]
    Catalog(#[from] tonic::Status),
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("the database is not available")]
    Database(#[from] database::Error),
    #[error("a query failed")]
    Query(#[from] DieselError),
}

impl Refusal for Error {
    fn reason(&self) -> Reason {
        match self {
            Self::ItemNotFound => Reason::CartItemNotFound,
            Self::ProductNotFound(_) => Reason::ProductNotFound,
            Self::Refused(Refused::BelowMinimum { .. }) => Reason::MinOrderQuantity,
            Self::Refused(Refused::OutOfStock { .. }) => Reason::OutOfStock,
            Self::Refused(Refused::AboveLimit) | Self::TooDear => Reason::ValidationError,
            Self::CartFull => Reason::CartFull,
            Self::NoAccount => Reason::Unauthorized,
            Self::KeyReused => Reason::IdempotencyKeyReused,
            Self::KeyInProgress => Reason::IdempotencyInProgress,
            Self::Catalog(_) => Reason::Unavailable,
            Self::Missing(_) => Reason::InternalError,
            Self::Database(error) => of_database(error),
            Self::Query(error) => of_database(error),
        }
    }

    fn details(&self) -> Vec<Detail> {
        let detail = match self {
            Self::ProductNotFound(id) => Detail::new("product_id", "is not on sale").with("product_id", id.to_string()),
            Self::Refused(Refused::BelowMinimum { product_id, min_order_quantity }) => {
                Detail::new("quantity", format!("must be at least {min_order_quantity}"))
                    .with("product_id", product_id.to_string())
                    .with("min_order_quantity", *min_order_quantity)
            }
            Self::Refused(Refused::OutOfStock { product_id, available }) => {
                Detail::new("quantity", format!("{available} left"))
                    .with("product_id", product_id.to_string())
                    .with("available", *available)
            }
            Self::Refused(Refused::AboveLimit) => Detail::new("quantity", "a line holds at most 100000"),
            Self::TooDear => Detail::new("quantity", "the cart would be worth more than 9999999999999.99"),
            Self::CartFull => Detail::new("", "a cart has at most 100 lines"),
            _ => return Vec::new(),
        };
        vec![detail]
    }
}

fn of_database(error: &(dyn StdError + 'static)) -> Reason {
    if Kind::of(error).is_some_and(Kind::passes) { Reason::Unavailable } else { Reason::InternalError }
}

service_error::into_status!(Error);

/// A key whose first request holds its row for too long.
pub(crate) fn waiting_for_twin(error: DieselError) -> Error {
    match Kind::of_query(&error) {
        Kind::LockTimeout | Kind::StatementTimeout => Error::KeyInProgress,
        _ => error.into(),
    }
}

/// Why cart does not start, or an operator's command fails.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("port {0} cannot be bound")]
    Port(SocketAddr, #[source] std::io::Error),
    #[error("CART_ACCESS_TOKEN_SECRETS")]
    Secrets(#[from] SecretError),
    #[error("CART_CATALOG_URL")]
    Catalog(#[from] tonic::transport::Error),
    #[error("CART_DATABASE_URL")]
    Database(#[from] database::Error),
    #[error("CART_RABBITMQ_URL")]
    Events(#[from] events::Error),
}
