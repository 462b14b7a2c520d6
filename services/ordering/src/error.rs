//! Why ordering does not do as asked, and what the caller hears of it.

use std::error::Error as StdError;
use std::net::SocketAddr;

use access_token::SecretError;
use commerce_types::ProductId;
use database::Kind;
use diesel::result::Error as DieselError;
use serde_json::json;
use service_error::{Detail, Reason, Refusal, ServiceError};
use service_runtime::Interrupted;

use crate::domain::buyer::Offence;
use crate::domain::checkout::{Offender, Refused};
use crate::domain::status::NotAllowed;
use crate::domain::stock::{MAX_STOCK, StockRefused};

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{0} cannot be listened on; is it taken?")]
    Port(SocketAddr, #[source] std::io::Error),
    #[error("ORDERING_ACCESS_TOKEN_SECRETS cannot be used")]
    AccessTokens(#[from] SecretError),
    #[error("ORDERING_TRACKING_SECRETS cannot be used: each must have at least 32 bytes")]
    TrackingSecrets,
    #[error("ORDERING_CATALOG_URL is not the address of a gRPC server")]
    Catalog(#[from] tonic::transport::Error),
    #[error("ORDERING_DATABASE_URL: the database cannot be used")]
    Database(#[from] database::Error),
    #[error("ORDERING_RABBITMQ_URL: the broker cannot be used")]
    Broker(#[from] events::Error),
}

/// One variant for each thing a caller can act on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("some fields are not valid")]
    Invalid(Vec<Offence>),
    #[error("the checkout is refused")]
    Checkout(#[from] Refused),
    #[error("the change of stock is refused")]
    Stock {
        product_id: ProductId,
        #[source]
        refused: StockRefused,
    },
    #[error("there is no such order")]
    OrderNotFound,
    #[error("the step is refused")]
    NotAllowed(#[from] NotAllowed),
    /// A guest where an account or a tracking token is needed.
    #[error("the caller may not do this")]
    Caller(#[from] access_token::Refused),
    #[error("the key was used with another body")]
    KeyReused,
    #[error("the first request with this key is still running")]
    InProgress(#[source] DieselError),
    /// Nobody waits for the answer any more; nothing was done.
    #[error("the request's time is over")]
    Late,
    #[error("catalog is away")]
    Catalog(#[source] ServiceError),
    #[error("the work was interrupted")]
    Interrupted(#[from] Interrupted),
    #[error("the database is not available")]
    Database(#[from] database::Error),
    #[error("a query failed")]
    Query(#[from] DieselError),
}

impl From<Offence> for Error {
    fn from(offence: Offence) -> Self {
        Self::Invalid(vec![offence])
    }
}

impl Refusal for Error {
    fn reason(&self) -> Reason {
        match self {
            Self::Invalid(_) | Self::Checkout(Refused::TotalTooLarge) => Reason::ValidationError,
            Self::Checkout(Refused::NotOnSale(_)) => Reason::ProductNotFound,
            Self::Checkout(Refused::BelowMinimum(_)) => Reason::MinOrderQuantity,
            Self::Checkout(Refused::OutOfStock(_)) => Reason::OutOfStock,
            Self::Checkout(Refused::PriceChanged { .. }) => Reason::PriceChanged,
            Self::Stock { refused, .. } => match refused {
                StockRefused::OutOfLimits { .. } => Reason::ValidationError,
                StockRefused::NotFound => Reason::ProductNotFound,
                StockRefused::VersionConflict { .. } => Reason::VersionConflict,
                StockRefused::TooLittle { .. } => Reason::OutOfStock,
            },
            Self::OrderNotFound => Reason::OrderNotFound,
            Self::NotAllowed(_) => Reason::InvalidStatusTransition,
            Self::Caller(refused) => refused.reason(),
            Self::KeyReused => Reason::IdempotencyKeyReused,
            Self::InProgress(_) => Reason::IdempotencyInProgress,
            Self::Late | Self::Catalog(_) => Reason::Unavailable,
            Self::Interrupted(_) => Reason::InternalError,
            Self::Database(error) => of_database(error),
            Self::Query(error) => of_database(error),
        }
    }

    fn details(&self) -> Vec<Detail> {
        match self {
            Self::Invalid(offences) => {
                offences.iter().map(|offence| Detail::new(&*offence.field, &*offence.message)).collect()
            }
            Self::Checkout(refused) => of_checkout(refused),
            Self::Stock { product_id, refused } => of_stock(*product_id, refused),
            Self::NotAllowed(NotAllowed { from, to, allowed }) => {
                let detail = Detail::new("status", format!("{from} orders do not become {to}"));
                vec![detail.with("from", from.as_str()).with("to", to.as_str()).with("allowed", json!(allowed))]
            }
            Self::Caller(refused) => refused.details(),
            _ => Vec::new(),
        }
    }
}

fn of_checkout(refused: &Refused) -> Vec<Detail> {
    let each = |offenders: &[Offender], of: fn(&Offender) -> Detail| {
        let named = |offender| of(offender).with("product_id", offender.product_id.to_string());
        offenders.iter().map(named).collect()
    };
    match refused {
        Refused::NotOnSale(offenders) => {
            each(offenders, |offender| Detail::new(format!("items[{}].product_id", offender.line), "not on sale"))
        }
        Refused::BelowMinimum(offenders) => each(offenders, |offender| {
            quantity(offender, format!("at least {}", offender.figure)).with("min_order_quantity", offender.figure)
        }),
        Refused::OutOfStock(offenders) => each(offenders, |offender| {
            quantity(offender, format!("{} left", offender.figure)).with("available", offender.figure)
        }),
        Refused::TotalTooLarge => vec![Detail::new("items", "the total is above 9999999999999.99")],
        Refused::PriceChanged { expected, total } => {
            let detail = Detail::new("expected_total", format!("the total is {total}"));
            vec![detail.with("expected_total", json!(expected)).with("total", json!(total))]
        }
    }
}

fn quantity(offender: &Offender, message: String) -> Detail {
    Detail::new(format!("items[{}].quantity", offender.line), message)
}

fn of_stock(product_id: ProductId, refused: &StockRefused) -> Vec<Detail> {
    let detail = match refused {
        StockRefused::NotFound => return Vec::new(),
        StockRefused::OutOfLimits { field: "in_stock" } => Detail::new("in_stock", "is missing, and stock too"),
        StockRefused::OutOfLimits { field: "delta" } => {
            Detail::new("delta", format!("must not be 0, nor lead above {MAX_STOCK}"))
        }
        StockRefused::OutOfLimits { field } => Detail::new(*field, format!("must be between 0 and {MAX_STOCK}")),
        StockRefused::VersionConflict { current_version, stock } => {
            Detail::new("expected_version", format!("is {current_version} by now"))
                .with("current_version", *current_version)
                .with("stock", *stock)
        }
        StockRefused::TooLittle { available } => Detail::new("delta", format!("{available} left"))
            .with("product_id", product_id.to_string())
            .with("available", *available),
    };
    vec![detail]
}

fn of_database(error: &(dyn StdError + 'static)) -> Reason {
    if Kind::of(error).is_some_and(Kind::passes) { Reason::Unavailable } else { Reason::InternalError }
}

service_error::into_status!(Error);
