//! The market in numbers (`api.md` 11): asked of all services in parallel, and kept for a minute in Redis for all gateways.

use std::sync::Arc;
use std::time::Duration;

use super::call::Call;
use super::reply::Reply;
use super::route::{Answer, Route};
use super::shapes::market_stats::{MarketStats, OrderCounts, Revenue};
use crate::app::App;
use crate::single_flight::SingleFlight;

/// A minute, less what asking may take.
const KEPT: Duration = Duration::from_secs(55);

/// Without Redis many who ask at the same time still ask once.
pub(crate) type StatsFlights = SingleFlight<Arc<MarketStats>>;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::new(__path_show_stats, show_stats).for_admins()]
}

/// The market in numbers, at most a minute old
#[utoipa::path(get, path = "/api/v1/admin/stats", tag = "admin",
    responses((status = 200, description = "The numbers", body = MarketStats)))]
async fn show_stats(call: Call) -> Answer {
    if let Some(kept) = kept(&call.app).await {
        return Ok(Reply::ok(&kept));
    }
    let stats = call.app.stats_flights.run("market", || 0, |_| true, async |_| Arc::new(ask(&call).await)).await;
    Ok(Reply::ok(&*stats))
}

/// What was asked for less than a minute ago, by any gateway.
async fn kept(app: &App) -> Option<MarketStats> {
    let bytes = app.redis.get(&key(app)).await.ok()??;
    // What another version kept is as good as nothing.
    serde_json::from_slice(&bytes).ok()
}

async fn ask(call: &Call) -> MarketStats {
    let (app, who) = (&call.app, call.account.as_ref());
    let generated_at = app.clock.now();
    let (accounts, products, sums, reels) = futures::join!(
        app.upstream.count_accounts(who),
        app.upstream.count_all_products(who),
        app.upstream.sum_up_orders(who),
        app.upstream.count_reels(who),
    );
    let sums = sums.ok();
    let stats = MarketStats {
        users: accounts.ok().map(Into::into),
        products: products.ok().map(Into::into),
        orders: sums.as_ref().map(OrderCounts::from),
        revenue: sums.as_ref().and_then(|sums| Revenue::try_from(sums).ok()),
        reels: reels.ok().map(Into::into),
        b2b: None,
        generated_at,
    };
    // A group that is missing comes back with its service, not a minute later.
    let is_whole =
        stats.users.is_some() && stats.products.is_some() && stats.revenue.is_some() && stats.reels.is_some();
    if is_whole && let Ok(bytes) = serde_json::to_vec(&stats) {
        // Who asks next asks the services again: as good.
        let _away = app.redis.set_for(&key(app), &bytes, KEPT).await;
    }
    stats
}

fn key(app: &App) -> String {
    format!("{}market_stats", app.config.redis_prefix)
}
