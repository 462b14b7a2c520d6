//! Likes as fast as they can be committed, and feeds among many reels.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::stream::{self, StreamExt, TryStreamExt};

use crate::client::request;
use crate::load::{Outcome, Requests, closed, open};
use crate::many::connect_to;
use crate::market::Market;
use crate::table::Row;

const VIEWERS: usize = 500;
const REELS: usize = 500;
const CONNECTIONS: usize = 64;
const TIME: Duration = Duration::from_secs(10);

/// Signed-in accounts that watch reels.
pub(crate) struct Viewers(Vec<String>);

impl Viewers {
    /// Signs them in.
    pub(crate) async fn sign_in(market: &Market) -> Result<Self> {
        let tokens = stream::iter(0..VIEWERS).map(|number| async move {
            let token = market.token(&format!("bench-viewer-{number}")).await?;
            market.get("/auth/me", Some(&token)).await?;
            anyhow::Ok(token)
        });
        Ok(Self(tokens.buffered(8).try_collect().await?))
    }

    /// Of another viewer each time, in turn.
    pub(crate) fn token(&self, number: usize) -> &str {
        &self.0[number % self.0.len()]
    }

    /// How many they are.
    pub(crate) fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// A wish that changes something: each viewer likes the reel in turn, then none of them does again.
    pub(crate) fn like(&self, number: u64, reel: &str) -> Vec<u8> {
        let number = number as usize;
        let method = if (number / self.0.len()).is_multiple_of(2) { "POST" } else { "DELETE" };
        request(method, &format!("/api/v1/reels/{reel}/like"), Some(self.token(number)), None)
    }

    /// A reel that everybody sees and none of them likes.
    pub(crate) async fn public_reel(&self, market: &Market) -> Result<String> {
        let feed = market.get("/reels?limit=1", None).await?;
        let reel = feed["data"][0]["id"].as_str().context("there is no reel")?.to_owned();
        for token in &self.0 {
            market.delete(&format!("/reels/{reel}/like"), token).await?;
        }
        Ok(reel)
    }
}

/// Likes and feeds among ten thousand reels with a million likes.
pub(crate) async fn among_many(market: &Market, viewers: &Viewers) -> Result<Vec<Row>> {
    let database = connect_to("zst_reels").await?;
    database.batch_execute(include_str!("many-reels.sql")).await?;
    let fresh = "SELECT id::text FROM reels WHERE caption LIKE 'Mesure %' ORDER BY id LIMIT $1";
    let rows = database.query(fresh, &[&i64::try_from(REELS)?]).await?;
    let reels: Arc<[String]> = rows.iter().map(|row| row.get(0)).collect();
    ensure!(reels.len() == REELS, "there are {} reels", reels.len());
    crate::say("Likes over 500 reels");
    let mut rows =
        vec![likes(market, viewers, "like, committed with its count and its event, over 500 reels", &reels).await?];
    crate::say("Likes on one reel");
    rows.push(likes(market, viewers, "the same, all on one reel", &[reels[0].clone()].into()).await?);
    crate::say("A million likes");
    database.batch_execute(include_str!("many-likes.sql")).await?;
    database.batch_execute("VACUUM ANALYZE").await?;
    rows.push(feed(market, viewers).await?);
    Ok(rows)
}

/// As fast as they are committed, then at a rate that must stay quick.
async fn likes(market: &Market, viewers: &Viewers, path: &'static str, reels: &Arc<[String]>) -> Result<Row> {
    let wish = |from: u64| -> Requests {
        let (reels, tokens) = (reels.clone(), viewers.0.clone());
        let viewers = Viewers(tokens);
        // All viewers of one reel in turn would be neighbours on one row: reels take turns first.
        Arc::new(move |number| {
            let number = from + number;
            let reel = &reels[number as usize % reels.len()];
            viewers.like(number / reels.len() as u64, reel)
        })
    };
    let fast = checked(closed(&market.address(), CONNECTIONS, TIME, wish(0)).await?)?;
    let begun: u64 = fast.statuses.values().sum();
    let steady = checked(open(&market.address(), CONNECTIONS, 500, TIME, wish(begun)).await?)?;
    let (rate, p99) = (fast.rate(), steady.percentile(0.99));
    Ok(Row {
        path,
        measured: format!("{rate:.0} / s; p99 {} ms at 500 / s", p99.as_millis()),
        limit: String::new(),
        must: "2,000 / s, p99 < 50 ms at 500 / s",
        goal: "5,500 / s",
        reached: rate >= 2_000.0 && p99 < Duration::from_millis(50),
    })
}

async fn feed(market: &Market, viewers: &Viewers) -> Result<Row> {
    let feeds: Vec<Vec<u8>> = (0..VIEWERS)
        .map(|number| request("GET", "/api/v1/reels?limit=20", Some(viewers.token(number)), None))
        .collect();
    let feeds: Requests = Arc::new(move |number| feeds[number as usize % feeds.len()].clone());
    let outcome = checked(closed(&market.address(), CONNECTIONS, TIME, feeds).await?)?;
    let rate = outcome.rate();
    Ok(Row {
        path: "feed of 20 reels with is_liked, 10,000 reels, 1,000,000 likes",
        measured: format!("{rate:.0} / s, p99 {} ms", outcome.percentile(0.99).as_millis()),
        limit: String::new(),
        must: "1,500 / s",
        goal: "3,000 / s",
        reached: rate >= 1_500.0,
    })
}

/// A wish that fails is no measurement.
fn checked(outcome: Outcome) -> Result<Outcome> {
    ensure!(outcome.bad() == 0, "{:?} {}", outcome.statuses, outcome.complaint.unwrap_or_default());
    Ok(outcome)
}
