//! Everything that lives as long as the service.

use std::collections::HashMap;
use std::time::Duration;

use access_token::AccessTokens;
use database::Pool;
use events::Waker;
use service_runtime::{Clock, Ids, Lifecycle, Process};

use crate::config::Config;
use crate::domain::brand::BrandPage;
use crate::domain::suggestion::Suggested;
use crate::error::StartError;
use crate::identity_client::IdentityClient;
use crate::kept::Kept;
use crate::media_client::MediaClient;
use crate::ordering_client::OrderingClient;
use redis_link::RedisLink;

/// Pages of brands and sets of suggestions that a process keeps at most.
const KEPT: u64 = 1_000;

/// What operations work with. Clones share it.
#[derive(Clone)]
pub(crate) struct App {
    /// catalog's own database.
    pub(crate) pool: Pool,
    /// The time.
    pub(crate) clock: Clock,
    /// Makes ids.
    pub(crate) ids: Ids,
    /// Runs what must not end with its caller.
    pub(crate) lifecycle: Lifecycle,
    /// Tells the relay that something was committed.
    pub(crate) waker: Waker,
    /// Verifies callers, and signs for calls in catalog's own name.
    pub(crate) access: AccessTokens,
    /// Owns stock.
    pub(crate) ordering: OrderingClient,
    /// Owns accounts.
    pub(crate) identity: IdentityClient,
    /// Owns uploads.
    pub(crate) media: MediaClient,
    /// What may vanish: views not yet written, counts.
    pub(crate) redis: RedisLink,
    /// Products on sale by category's slug.
    pub(crate) category_counts: Kept<HashMap<String, i64>>,
    /// Pages of brands by what was asked for.
    pub(crate) brands: Kept<BrandPage>,
    /// Suggested products and brands by the words of the query.
    pub(crate) suggestions: Kept<Suggested>,
    /// A viewer counts once for a product within it.
    pub(crate) view_window: Duration,
    /// How far the stock on show may be behind ordering's.
    pub(crate) stock_lag: Duration,
}

impl App {
    pub(crate) fn new(config: &Config, process: &Process, pool: Pool, waker: Waker) -> Result<Self, StartError> {
        let clock = process.clock.clone();
        let access = AccessTokens::new(&config.access_token_secrets, move || clock.now())?;
        let redis = RedisLink::new(&config.redis_url, &config.redis_prefix, "catalog")?;
        Ok(Self {
            pool,
            clock: process.clock.clone(),
            ids: process.ids,
            lifecycle: process.lifecycle.clone(),
            waker,
            ordering: OrderingClient::new(&config.ordering_url, access.clone())?,
            identity: IdentityClient::new(&config.identity_url, access.clone())?,
            media: MediaClient::new(&config.media_url, access.clone())?,
            access,
            category_counts: Kept::new(redis.clone(), "category_counts", 1, config.category_counts_kept),
            brands: Kept::new(redis.clone(), "brands", KEPT, config.brands_kept),
            suggestions: Kept::new(redis.clone(), "suggestions", KEPT, config.suggestions_kept),
            redis,
            view_window: config.view_window,
            stock_lag: config.stock_lag,
        })
    }
}
