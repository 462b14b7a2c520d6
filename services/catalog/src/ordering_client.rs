//! Calls to ordering, which owns stock.

use std::time::Duration;

use access_token::{AccessTokens, Caller};
use chrono::{DateTime, Utc};
use commerce_types::{ProductId, UserId};
use protocol::convert::{Malformed, parse, time};
use protocol::ordering::v1 as wire;
use protocol::ordering::v1::change_stock_request::Change;
use protocol::ordering::v1::ordering_service_client::OrderingServiceClient;
use protocol::types::v1::Key;
use service_error::ServiceError;
use service_runtime::grpc::{Channel, channel, request};

use crate::domain::stock::StockLeft;
use crate::error::Error;

/// A change of stock waits for checkouts of the same product.
const PATIENCE: Duration = Duration::from_millis(4_500);
/// Nobody waits for a self-check.
const LOOKING: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub(crate) struct OrderingClient {
    inner: OrderingServiceClient<Channel>,
    access: AccessTokens,
}

/// What is to happen to a product's stock, and in whose name.
#[derive(Debug, Clone)]
pub(crate) struct StockChange {
    pub(crate) product_id: ProductId,
    pub(crate) seller_id: UserId,
    pub(crate) change: Change,
    pub(crate) key: Option<Key>,
    pub(crate) owner_only: bool,
}

/// What ordering made of it.
#[derive(Debug, Clone)]
pub(crate) struct StockChanged {
    pub(crate) left: StockLeft,
    pub(crate) updated_at: DateTime<Utc>,
    /// The answer was given before to the same key.
    pub(crate) replayed: bool,
}

impl OrderingClient {
    pub(crate) fn new(uri: &str, access: AccessTokens) -> Result<Self, tonic::transport::Error> {
        Ok(Self { inner: OrderingServiceClient::new(channel(uri)?), access })
    }

    /// Changes stock in the name of whoever `token` names.
    ///
    /// # Errors
    /// [`Error::Ordering`]: what it answered is the caller's; it is unavailable when ordering is away.
    pub(crate) async fn change_stock(&self, change: StockChange, token: &str) -> Result<StockChanged, Error> {
        let message = wire::ChangeStockRequest {
            product_id: change.product_id.to_string(),
            seller_id: change.seller_id.to_string(),
            change: Some(change.change),
            key: change.key,
            owner_only: change.owner_only,
        };
        let answer = self.inner.clone().change_stock(request(message, token, PATIENCE)).await;
        let answer = answer.map_err(|status| Error::Ordering(ServiceError::from_status(&status)))?.into_inner();
        read(&answer).map_err(|malformed| Error::Ordering(ServiceError::internal(malformed)))
    }

    /// Stock as it is now; products that never had any are left out.
    ///
    /// # Errors
    /// [`Error::Ordering`].
    pub(crate) async fn list_stock(&self, product_ids: &[ProductId]) -> Result<Vec<StockLeft>, Error> {
        let token = self.access.sign(&Caller::service("catalog"));
        let message = wire::ListStockRequest { product_ids: product_ids.iter().map(ToString::to_string).collect() };
        let answer = self.inner.clone().list_stock(request(message, &token, LOOKING)).await;
        let answer = answer.map_err(|status| Error::Ordering(ServiceError::from_status(&status)))?.into_inner();
        let row = |row: wire::StockRow| {
            Ok(StockLeft {
                product_id: parse("product_id", &row.product_id)?,
                free: row.free,
                switched_on: row.switched_on,
                version: row.version,
            })
        };
        let rows: Result<Vec<StockLeft>, Malformed> = answer.stock.into_iter().map(row).collect();
        rows.map_err(|malformed| Error::Ordering(ServiceError::internal(malformed)))
    }
}

fn read(answer: &wire::ChangeStockResponse) -> Result<StockChanged, Malformed> {
    Ok(StockChanged {
        left: StockLeft {
            product_id: parse("product_id", &answer.product_id)?,
            free: answer.free,
            switched_on: answer.switched_on,
            version: answer.version,
        },
        updated_at: time("updated_at", answer.updated_at.as_ref())?,
        replayed: answer.replayed,
    })
}
