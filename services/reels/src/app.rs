//! Everything that lives as long as the service.

use std::time::Duration;

use access_token::AccessTokens;
use database::Pool;
use events::Waker;
use redis_link::RedisLink;
use service_runtime::{Clock, Ids, Lifecycle, Process};

use crate::catalog_client::CatalogClient;
use crate::config::Config;
use crate::cursor::Cursors;
use crate::error::StartError;
use crate::media_client::MediaClient;
use crate::operations::set_like::LikeQueue;

/// What operations work with. Clones share it.
#[derive(Clone)]
pub(crate) struct App {
    /// reels' own database.
    pub(crate) pool: Pool,
    /// The time.
    pub(crate) clock: Clock,
    /// Makes ids.
    pub(crate) ids: Ids,
    /// Runs what must not end with its caller.
    pub(crate) lifecycle: Lifecycle,
    /// Tells the relay that something was committed.
    pub(crate) waker: Waker,
    /// Verifies callers.
    pub(crate) access: AccessTokens,
    /// Owns products.
    pub(crate) catalog: CatalogClient,
    /// Owns uploads.
    pub(crate) media: MediaClient,
    /// What may vanish: views not yet written.
    pub(crate) redis: RedisLink,
    /// Where feeds go on.
    pub(crate) cursors: Cursors,
    /// Likes that wait to be committed together.
    pub(crate) likes: LikeQueue,
    /// A viewer counts once for a reel within it.
    pub(crate) view_window: Duration,
}

impl App {
    pub(crate) fn new(config: &Config, process: &Process, pool: Pool, waker: Waker) -> Result<Self, StartError> {
        let clock = process.clock.clone();
        let access = AccessTokens::new(&config.access_token_secrets, move || clock.now())?;
        Ok(Self {
            likes: LikeQueue::new(pool.clone(), waker.clone(), &process.lifecycle),
            pool,
            clock: process.clock.clone(),
            ids: process.ids,
            lifecycle: process.lifecycle.clone(),
            waker,
            catalog: CatalogClient::new(&config.catalog_url, access.clone())?,
            media: MediaClient::new(&config.media_url, access.clone())?,
            access,
            redis: RedisLink::new(&config.redis_url, &config.redis_prefix, "reels")?,
            cursors: Cursors::new(&config.access_token_secrets),
            view_window: config.view_window,
        })
    }
}
