//! catalog, which owns products.

use std::time::Duration;

use commerce_types::{ProductId, UserId};
use protocol::catalog::v1::GetProductRequest;
use protocol::catalog::v1::catalog_service_client::CatalogServiceClient;
use protocol::catalog::v1::get_product_request::By;
use service_error::{Reason, ServiceError};
use service_runtime::grpc::{Channel, channel, request};

use crate::error::Error;

const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Clone)]
pub(crate) struct Catalog(CatalogServiceClient<Channel>);

impl Catalog {
    pub(crate) fn new(uri: &str) -> Result<Self, tonic::transport::Error> {
        Ok(Self(CatalogServiceClient::new(channel(uri)?)))
    }

    /// How many images a product has, if the account owns it, whose token this is; what is deleted nobody sees.
    ///
    /// # Errors
    /// [`Error::Other`].
    pub(crate) async fn images_of(&self, id: ProductId, owner: UserId, token: &str) -> Result<Option<usize>, Error> {
        let message = GetProductRequest { by: Some(By::Id(id.to_string())) };
        match self.0.clone().get_product(request(message, token, PATIENCE)).await {
            Ok(product) => {
                let product = product.into_inner();
                let is_owner = product.seller.is_some_and(|seller| seller.id == owner.to_string());
                Ok(is_owner.then_some(product.images.len()))
            }
            Err(status) => {
                let refused = ServiceError::from_status(&status);
                if refused.reason == Reason::ProductNotFound { Ok(None) } else { Err(Error::Other(refused)) }
            }
        }
    }
}
