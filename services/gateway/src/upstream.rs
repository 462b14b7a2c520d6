//! The services behind the gateway: one client each, and how a call is made in a caller's name.
//!
//! Every call has a deadline and goes through [`guarded`]: bounded, cut off while its service does not answer, and
//! repeated once where that is safe.

mod breaker;
mod budget;
mod cart;
mod catalog;
mod guarded;
mod identity;
pub mod media;
mod ordering;
mod reels;

use std::sync::Arc;
use std::time::Duration;

use access_token::{AccessTokens, Account, Caller};
use protocol::cart::v1::cart_service_client::CartServiceClient;
use protocol::catalog::v1::catalog_service_client::CatalogServiceClient;
use protocol::identity::v1::identity_service_client::IdentityServiceClient;
use protocol::media::v1::media_service_client::MediaServiceClient;
use protocol::ordering::v1::ordering_service_client::OrderingServiceClient;
use protocol::reels::v1::reels_service_client::ReelsServiceClient;
use service_runtime::grpc::{self, Channel};
use tonic::transport::Error;

use self::guarded::Guarded;
use crate::config::UpstreamConfig;

/// A page of a hundred products with all they may hold.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;

/// What a call may cost.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    limit: Duration,
    is_write: bool,
    /// Sent twice it does no more than sent once.
    is_repeatable: bool,
}

pub const READ: Effort = Effort { limit: Duration::from_millis(1_950), is_write: false, is_repeatable: true };
pub const WRITE: Effort = Effort { limit: Duration::from_millis(4_950), is_write: true, is_repeatable: false };

impl Effort {
    /// With an idempotency key a write may be sent twice, too.
    #[must_use]
    pub fn keyed<K>(self, key: Option<&K>) -> Self {
        Self { is_repeatable: self.is_repeatable || key.is_some(), ..self }
    }

    /// For what the answer can do without.
    #[must_use]
    pub fn within(self, limit: Duration) -> Self {
        Self { limit: self.limit.min(limit), ..self }
    }
}

pub struct Upstream {
    pub identity: IdentityServiceClient<Guarded>,
    pub catalog: CatalogServiceClient<Guarded>,
    pub cart: CartServiceClient<Guarded>,
    pub ordering: OrderingServiceClient<Guarded>,
    pub reels: ReelsServiceClient<Guarded>,
    pub media: MediaServiceClient<Guarded>,
    pub channels: Channels,
    tokens: AccessTokens,
}

/// The connections to each service, for health, too.
#[derive(Clone)]
pub struct Channels {
    pub identity: Channel,
    pub catalog: Channel,
    pub cart: Channel,
    pub ordering: Channel,
    pub reels: Channel,
    pub media: Channel,
}

impl Upstream {
    /// # Errors
    /// An address is not one.
    pub fn new(config: &UpstreamConfig, tokens: AccessTokens) -> Result<Self, Error> {
        let channels = Channels {
            identity: grpc::channel(&config.identity)?,
            catalog: grpc::channel(&config.catalog)?,
            cart: grpc::channel(&config.cart)?,
            ordering: grpc::channel(&config.ordering)?,
            reels: grpc::channel(&config.reels)?,
            media: grpc::channel(&config.media)?,
        };
        let guard = |name, channel: &Channel| Guarded::new(name, channel.clone());
        let catalog = CatalogServiceClient::new(guard("catalog", &channels.catalog));
        let cart = CartServiceClient::new(guard("cart", &channels.cart));
        Ok(Self {
            identity: IdentityServiceClient::new(guard("identity", &channels.identity)),
            catalog: catalog.max_decoding_message_size(LARGEST_ANSWER),
            cart: cart.max_decoding_message_size(LARGEST_ANSWER),
            ordering: OrderingServiceClient::new(guard("ordering", &channels.ordering)),
            reels: ReelsServiceClient::new(guard("reels", &channels.reels)),
            media: MediaServiceClient::new(guard("media", &channels.media)),
            channels,
            tokens,
        })
    }

    /// A call in the name of an account, or of a guest.
    pub fn request<T>(&self, message: T, account: Option<&Arc<Account>>, effort: Effort) -> tonic::Request<T> {
        let caller = account.map_or(Caller::GUEST, |account| Caller::Account(Account::clone(account)));
        self.request_of(message, &caller, effort)
    }

    /// A call in the gateway's own name.
    fn own_request<T>(&self, message: T, effort: Effort) -> tonic::Request<T> {
        self.request_of(message, &Caller::service("gateway"), effort)
    }

    fn request_of<T>(&self, message: T, caller: &Caller, effort: Effort) -> tonic::Request<T> {
        let mut request = grpc::request(message, &self.tokens.sign(caller), effort.limit);
        request.extensions_mut().insert(effort);
        request
    }
}
