//! Calls to ordering, which owns orders.

use std::time::Duration;

use protocol::ordering::v1::CountOpenOrdersRequest;
use protocol::ordering::v1::ordering_service_client::OrderingServiceClient;
use service_error::ServiceError;
use service_runtime::grpc::{Channel, channel, request};

use crate::error::Error;

const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Clone, Debug)]
pub(crate) struct OrderingClient {
    inner: OrderingServiceClient<Channel>,
}

impl OrderingClient {
    /// # Errors
    /// The address is not one.
    pub(crate) fn new(url: &str) -> Result<Self, tonic::transport::Error> {
        Ok(Self { inner: OrderingServiceClient::new(channel(url)?) })
    }

    /// How many orders whose seller is whoever `token` names are not finished.
    ///
    /// # Errors
    /// [`Error::Ordering`].
    pub(crate) async fn count_open_orders(&self, token: &str) -> Result<i64, Error> {
        let answer = self.inner.clone().count_open_orders(request(CountOpenOrdersRequest {}, token, PATIENCE)).await;
        let answer = answer.map_err(|status| Error::Ordering(ServiceError::from_status(&status)))?;
        Ok(answer.into_inner().open_orders)
    }
}
