//! The services as the seeder calls them: with tokens of the people it acts for, and again when they were busy.

use std::time::Duration;

use access_token::{AccessTokens, Account, Caller};
use chrono::{DateTime, Utc};
use protocol::catalog::v1::catalog_service_client::CatalogServiceClient;
use protocol::identity::v1::identity_service_client::IdentityServiceClient;
use protocol::media::v1::media_service_client::MediaServiceClient;
use protocol::ordering::v1::ordering_service_client::OrderingServiceClient;
use protocol::reels::v1::reels_service_client::ReelsServiceClient;
use protocol::types::v1::Key;
use service_runtime::grpc::{self, Channel};
use service_runtime::{Clock, Process};
use sha2::{Digest, Sha256};
use tonic::{Code, Request, Response, Status};

/// Of a call, but for those that send a file.
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
    /// A video was not made ready.
    #[error("the demo market cannot be filled; `make run` tries again: a video is not ready")]
    Video,
    /// The admin cannot be appointed.
    #[error("the demo market cannot be filled: no admin")]
    Admin(#[from] standalone::Error),
}

impl SeedError {
    pub(super) fn refused(what: &str, status: &Status) -> Self {
        Self::Refused { what: what.to_owned(), code: status.code(), message: status.message().to_owned() }
    }
}

/// Clients of the services that own something of the market.
pub(super) struct Services {
    clock: Clock,
    tokens: AccessTokens,
    identity: IdentityServiceClient<Channel>,
    catalog: CatalogServiceClient<Channel>,
    ordering: OrderingServiceClient<Channel>,
    reels: ReelsServiceClient<Channel>,
    media: MediaServiceClient<tonic::transport::Channel>,
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
            reels: ReelsServiceClient::new(channel(config.reels.grpc_addr)?),
            media: MediaServiceClient::new(channel(config.media.grpc_addr)?.for_stream()),
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

    pub(super) fn reels(&self) -> ReelsServiceClient<Channel> {
        self.reels.clone()
    }

    pub(super) fn media(&self) -> MediaServiceClient<tonic::transport::Channel> {
        self.media.clone()
    }

    /// Asks in the name of `caller`, once.
    pub(super) async fn ask_once<T, R, F>(
        &self,
        caller: &Caller,
        message: T,
        send: impl Fn(Request<T>) -> F,
    ) -> Result<R, Status>
    where
        F: Future<Output = Result<Response<R>, Status>>,
    {
        let request = grpc::request(message, &self.tokens.sign(caller), LIMIT);
        Ok(send(request).await?.into_inner())
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
        self.ask_within(LIMIT, what, caller, message, send).await
    }

    /// Likewise; each try may take so long.
    pub(super) async fn ask_within<T, R, F>(
        &self,
        limit: Duration,
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
            let request = grpc::request(message.clone(), &self.tokens.sign(caller), limit);
            match send(request).await {
                Ok(answer) => return Ok(answer.into_inner()),
                Err(status) if tries < TRIES && is_passing(status.code()) => {
                    tokio::time::sleep(Duration::from_millis(50) * 2_u32.pow(tries)).await;
                    tries += 1;
                }
                Err(status) => return Err(SeedError::refused(what, &status)),
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
