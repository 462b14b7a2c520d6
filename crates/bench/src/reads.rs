//! Lists and details, from the edge cache and past it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::bare::{Bare, Role};
use crate::client::{Client, request};
use crate::load::{Outcome, Requests, closed};
use crate::market::Market;
use crate::table::Row;
use crate::writes::Goods;

const CONNECTIONS: usize = 64;
const TIME: Duration = Duration::from_secs(8);

/// The first page of all products, anonymous.
pub(crate) async fn cached_list(market: &Market) -> Result<Row> {
    let path = "product list (20) from the edge cache, anonymous, limits counted";
    against_bare(market, path, request("GET", "/api/v1/products?limit=20", None, None), 0.5, "0.5 of bare", "0.7").await
}

/// One product, signed in.
pub(crate) async fn cached_detail(market: &Market) -> Result<Row> {
    let path = "product detail from the edge cache, signed in, limits counted";
    let token = market.token("bench-reader").await?;
    let id = market.products().await?.first().context("an empty market")?.id.clone();
    let detail = request("GET", &format!("/api/v1/products/{id}"), Some(&token), None);
    against_bare(market, path, detail, 0.4, "0.4 of bare", "0.6").await
}

/// A category and a price range that nobody asked for before.
pub(crate) async fn missed_list(market: &Market, goods: &Goods) -> Result<Row> {
    let categories = goods.categories.clone();
    let lists: Requests = Arc::new(move |number| {
        let category = &categories[number as usize % categories.len()];
        // Every range is another one, about a third of the prices wide.
        let from = number % 50_000;
        let target = format!(
            "/api/v1/products?category={category}&min_price={from}.{:02}&max_price={}&limit=20",
            number / 50_000 % 100,
            from + 40_000
        );
        request("GET", &target, None, None)
    });
    let outcome = checked(closed(&market.address(), CONNECTIONS, TIME, lists).await?)?;
    let rate = outcome.rate();
    Ok(Row {
        path: "product list with category and price range, 10,000 products, every one a cache miss, exact total",
        measured: format!("{rate:.0} / s, p99 {} ms", outcome.percentile(0.99).as_millis()),
        limit: String::new(),
        must: "1,200 / s",
        goal: "2,500 / s",
        reached: rate >= 1_200.0,
    })
}

/// Twice each in turn, since the machine is noisy; the ratio is of the sums.
async fn against_bare(
    market: &Market,
    path: &'static str,
    request: Vec<u8>,
    share: f64,
    must: &'static str,
    goal: &'static str,
) -> Result<Row> {
    let body = Client::connect(&market.address()).await?.send(&request).await?.body;
    let (bare, bare_address) = (Bare::start(Role::Handler, &body).await?, Bare::address());
    let requests: Requests = Arc::new(move |_| request.clone());
    let (mut ours, mut limit) = (0.0, 0.0);
    for _ in 0..2 {
        limit += checked(closed(&bare_address, CONNECTIONS, TIME, requests.clone()).await?)?.rate() / 2.0;
        ours += checked(closed(&market.address(), CONNECTIONS, TIME, requests.clone()).await?)?.rate() / 2.0;
    }
    bare.stop().await?;
    let ratio = ours / limit;
    Ok(Row {
        path,
        measured: format!("{ours:.0} / s = {ratio:.2} of bare"),
        limit: format!("{limit:.0} / s bare handler"),
        must,
        goal,
        reached: ratio >= share,
    })
}

/// A read that fails is no measurement.
fn checked(outcome: Outcome) -> Result<Outcome> {
    ensure!(outcome.bad() == 0, "{:?} {}", outcome.statuses, outcome.complaint.unwrap_or_default());
    Ok(outcome)
}
