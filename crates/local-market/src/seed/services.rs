//! The services as the seeder calls them: with tokens of the people it acts for, and again when they were busy.

use std::time::Duration;

use access_token::{AccessTokens, Account, Caller};
use chrono::{DateTime, Utc};
use protocol::catalog::v1::catalog_service_client::CatalogServiceClient;
use protocol::identity::v1::identity_service_client::IdentityServiceClient;
use protocol::ordering::v1::ordering_service_client::OrderingServiceClient;
use protocol::types::v1::Key;
use service_runtime::grpc::{self, Channel};
use service_runtime::{Clock, Process};
use sha2::{Digest, Sha256};
use tonic::{Code, Request, Response, Status};

const LIMIT: Duration = Duration::from_secs(5);
const TRIES: u32 = 8;

/// The market cannot be filled.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// A service said no, or nothing for long.
    #[error("the demo market cannot be filled; `make run` tries again: {what}: {code:?}, {message}")]
    Refused {
        /// What was tried.
        what: String,
        /// The answer's code.
        code: Code,
        /// Its text.
        message: String,
    },
    /// An answer is not what its contract says.
    #[error("the demo market cannot be filled: an answer of {0} cannot be read")]
    Unreadable(&'static str),
    /// The services cannot be reached by what they were told.
    #[error("the demo market cannot be filled: the address of a service cannot be used")]
    Address(#[from] tonic::transport::Error),
    /// The services' secrets are no good.
    #[error("the demo market cannot be filled: IDENTITY_ACCESS_TOKEN_SECRETS cannot be used")]
    Secrets(#[from] access_token::SecretError),
    /// The admin cannot be appointed.
    #[error("the demo market cannot be filled: no admin")]
    Admin(#[from] standalone::Error),
}

/// Clients of the services that own something of the market.
pub(super) struct Services {
    clock: Clock,
    tokens: AccessTokens,
    identity: IdentityServiceClient<Channel>,
    catalog: CatalogServiceClient<Channel>,
    ordering: OrderingServiceClient<Channel>,
}

impl Services {
    pub(super) fn connect(config: &standalone::Config, process: &Process) -> Result<Self, SeedError> {
        let clock = process.clock.clone();
        let channel = |addr| grpc::channel(&format!("http://{addr}"));
        Ok(Self {
            clock: process.clock.clone(),
            tokens: AccessTokens::new(&config.identity.access_token_secrets, move || clock.now())?,
            identity: IdentityServiceClient::new(channel(config.identity.grpc_addr)?),
            catalog: CatalogServiceClient::new(channel(config.catalog.grpc_addr)?),
            ordering: OrderingServiceClient::new(channel(config.ordering.grpc_addr)?),
        })
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(super) fn identity(&self) -> IdentityServiceClient<Channel> {
        self.identity.clone()
    }

    pub(super) fn catalog(&self) -> CatalogServiceClient<Channel> {
        self.catalog.clone()
    }

    pub(super) fn ordering(&self) -> OrderingServiceClient<Channel> {
        self.ordering.clone()
    }

    /// Asks in the name of `caller`, and again while the service is busy or away.
    pub(super) async fn ask<T, R, F>(
        &self,
        what: &str,
        caller: &Caller,
        message: T,
        send: impl Fn(Request<T>) -> F,
    ) -> Result<R, SeedError>
    where
        T: Clone,
        F: Future<Output = Result<Response<R>, Status>>,
    {
        let mut tries = 1;
        loop {
            let request = grpc::request(message.clone(), &self.tokens.sign(caller), LIMIT);
            match send(request).await {
                Ok(answer) => return Ok(answer.into_inner()),
                Err(status) if tries < TRIES && is_passing(status.code()) => {
                    tokio::time::sleep(Duration::from_millis(50) * 2_u32.pow(tries)).await;
                    tries += 1;
                }
                Err(status) => {
                    let (what, message) = (what.to_owned(), status.message().to_owned());
                    return Err(SeedError::Refused { what, code: status.code(), message });
                }
            }
        }
    }
}

/// What may be another time. A deadline that passed says nothing of the effect, so every write has a key or is looked at.
fn is_passing(code: Code) -> bool {
    matches!(
        code,
        Code::Unavailable | Code::DeadlineExceeded | Code::Aborted | Code::ResourceExhausted | Code::Cancelled
    )
}

/// An idempotency key that always comes with the same hash.
pub(super) fn key(name: &str) -> Key {
    Key { key: name.to_owned(), body_hash: Sha256::digest(name).to_vec() }
}

pub(super) fn caller(account: &Account) -> Caller {
    Caller::Account(account.clone())
}
