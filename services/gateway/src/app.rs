//! Every long-lived thing of the gateway.

use std::sync::Arc;
use std::time::Instant;

use service_runtime::{Clock, Ids, Readiness};

use crate::config::Config;
use crate::edge_cache::{EdgeCache, Fact};
use crate::health::Health;
use crate::http::admin_stats::StatsFlights;
use crate::http::cors::Cors;
use crate::http::error::ApiError;
use crate::http::seller_products::Figures;
use crate::rate_limit::RateLimiter;
use crate::rate_limit::misses::Misses;
use crate::rate_limit::redis::Redis;
use crate::session::Sessions;
use crate::session::callers::Callers;
use crate::upstream::Upstream;

pub struct App {
    pub config: Config,
    pub clock: Clock,
    pub ids: Ids,
    pub started: Instant,
    /// Whether the process is about to end.
    pub readiness: Readiness,
    pub cors: Cors,
    /// Checks tokens.
    pub sessions: Sessions,
    /// Knows whose they are.
    pub callers: Callers,
    pub limiter: RateLimiter,
    /// Guesses at orders.
    pub misses: Misses,
    pub redis: Arc<Redis>,
    /// Rendered lists and details.
    pub edge_cache: EdgeCache<ApiError>,
    /// What products earned, for a seller's page of them.
    pub(crate) figures: moka::sync::Cache<String, Arc<Figures>>,
    /// Askers of the market's numbers.
    pub(crate) stats_flights: StatsFlights,
    pub upstream: Upstream,
    /// Which parts are there.
    pub health: Health,
}

impl App {
    /// Nobody knows what was missed: everything is asked for anew.
    pub fn forget_everything(&self) {
        self.edge_cache.drop_what_shows(&Fact::Everything);
        self.callers.forget_all();
    }
}
