//! The services that show files: asked before one is deleted.

use std::collections::HashSet;
use std::time::Duration;

use access_token::{AccessTokens, Caller};
use protocol::catalog::v1::catalog_service_client::CatalogServiceClient;
use protocol::identity::v1::identity_service_client::IdentityServiceClient;
use protocol::ordering::v1::ordering_service_client::OrderingServiceClient;
use protocol::reels::v1::reels_service_client::ReelsServiceClient;
use protocol::types::v1::{FindFilesInUseRequest, FindFilesInUseResponse};
use service_error::ServiceError;
use service_runtime::grpc::{Channel, channel, request};
use tonic::{Response, Status};

use crate::config::Config;
use crate::error::Error;

const PATIENCE: Duration = Duration::from_secs(3);
/// Addresses in one question.
pub(crate) const AT_A_TIME: usize = 200;

#[derive(Clone)]
pub(crate) struct Showing {
    catalog: CatalogServiceClient<Channel>,
    reels: ReelsServiceClient<Channel>,
    identity: IdentityServiceClient<Channel>,
    ordering: OrderingServiceClient<Channel>,
    access: AccessTokens,
}

impl Showing {
    pub(crate) fn new(config: &Config, access: AccessTokens) -> Result<Self, tonic::transport::Error> {
        Ok(Self {
            catalog: CatalogServiceClient::new(channel(&config.catalog_url)?),
            reels: ReelsServiceClient::new(channel(&config.reels_url)?),
            identity: IdentityServiceClient::new(channel(&config.identity_url)?),
            ordering: OrderingServiceClient::new(channel(&config.ordering_url)?),
            access,
        })
    }

    /// Which of these addresses, at most [`AT_A_TIME`], anybody shows.
    ///
    /// # Errors
    /// [`Error::Other`]: one of them did not say.
    pub(crate) async fn in_use(&self, urls: Vec<String>) -> Result<HashSet<String>, Error> {
        if urls.is_empty() {
            return Ok(HashSet::new());
        }
        let token = self.access.sign(&Caller::service("media"));
        let ask = || request(FindFilesInUseRequest { urls: urls.clone() }, &token, PATIENCE);
        let (mut catalog, mut reels) = (self.catalog.clone(), self.reels.clone());
        let (mut identity, mut ordering) = (self.identity.clone(), self.ordering.clone());
        let answers = futures::join!(
            catalog.find_files_in_use(ask()),
            reels.find_files_in_use(ask()),
            identity.find_files_in_use(ask()),
            ordering.find_files_in_use(ask()),
        );
        let mut used = HashSet::new();
        for answer in [answers.0, answers.1, answers.2, answers.3] {
            used.extend(read(answer)?);
        }
        Ok(used)
    }
}

fn read(answer: Result<Response<FindFilesInUseResponse>, Status>) -> Result<Vec<String>, Error> {
    match answer {
        Ok(answer) => Ok(answer.into_inner().urls),
        Err(status) => Err(Error::Other(ServiceError::from_status(&status))),
    }
}
