//! Half an hour of people who come, like, look elsewhere and go: memory stays flat, and nothing is left when they are gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures::future::try_join_all;

use crate::client::Client;
use crate::market::Market;
use crate::reels::Viewers;
use crate::socket::Socket;
use crate::table::Row;

const PEOPLE: u64 = 300;
const TIME: Duration = Duration::from_secs(30 * 60);
/// Caches, pools and buffers have their size then.
const WARM: Duration = Duration::from_secs(5 * 60);
const PAUSE: Duration = Duration::from_secs(1);
/// Joins and likes before somebody goes and comes back.
const VISIT: u64 = 20;
/// What a process may grow by although nothing is kept: its allocator is no accountant.
const MAY_GROW: f64 = 1.1;

/// People at their work, and the memory of the market meanwhile.
pub(crate) async fn soak(market: &Market, viewers: &Viewers) -> Result<Row> {
    let feed = market.get("/reels?limit=20", None).await?;
    let reels = feed["data"].as_array().context("there is no feed")?;
    let reels: Vec<String> = reels.iter().filter_map(|reel| reel["id"].as_str()).map(str::to_owned).collect();
    let end = Instant::now() + TIME;
    let deeds = Arc::new(AtomicU64::new(0));
    let people = try_join_all((0..PEOPLE).map(|number| live(market, viewers, &reels, number, end, &deeds)));
    let watch = async {
        tokio::time::sleep(WARM).await;
        let warm = market.resident_megabytes().await?;
        let mut most = warm;
        while Instant::now() + PAUSE < end {
            tokio::time::sleep(Duration::from_secs(60).min(end - Instant::now())).await;
            let now = market.resident_megabytes().await?;
            crate::say(&format!("{now:.0} MB after {} joins and likes", deeds.load(Ordering::Relaxed)));
            most = most.max(now);
        }
        anyhow::Ok((warm, most))
    };
    let (people, memory) = tokio::join!(people, watch);
    people?;
    let (warm, most) = memory?;
    // Connections end a moment after their clients have gone.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let left = left(&market.metrics().await?);
    Ok(Row {
        path: "half an hour of joins, likes, leaving and coming back, 300 people",
        measured: format!(
            "{} deeds; {warm:.0} MB after 5 minutes, {most:.0} MB at most after that; {left} sockets and rooms left",
            deeds.load(Ordering::Relaxed)
        ),
        limit: String::new(),
        must: "flat, nothing left",
        goal: "",
        reached: most <= warm * MAY_GROW && left == 0,
    })
}

/// One of them: every fifth is a guest, who only looks.
async fn live(
    market: &Market,
    viewers: &Viewers,
    reels: &[String],
    number: u64,
    end: Instant,
    deeds: &AtomicU64,
) -> Result<()> {
    // They do not all come at once.
    tokio::time::sleep(PAUSE.mul_f64(number as f64 / PEOPLE as f64)).await;
    let token = (!number.is_multiple_of(5)).then(|| viewers.token(number as usize));
    let mut caller = Client::connect(&market.address()).await?;
    let mut step = 0;
    while Instant::now() < end {
        let mut socket = Socket::connect(&market.address(), token).await?;
        for _ in 0..VISIT {
            let reel = &reels[(number + step) as usize % reels.len()];
            socket.join(reel).await?;
            if token.is_some() {
                // In the next round of the same reels it is taken back.
                let wish = viewers.like(number + viewers.count() * (step / reels.len() as u64), reel);
                caller.send(&wish).await?;
            }
            deeds.fetch_add(1, Ordering::Relaxed);
            step += 1;
            if tokio::time::timeout(PAUSE, socket.listen()).await.is_ok_and(|ended| ended.is_err())
                || Instant::now() >= end
            {
                break;
            }
            socket.leave(reel).await?;
        }
    }
    Ok(())
}

/// Sockets, connections and rooms that the gateway still has.
fn left(metrics: &str) -> u64 {
    let names = ["gateway_realtime_connections ", "gateway_realtime_sockets ", "gateway_realtime_rooms "];
    let figures = metrics.lines().filter_map(|line| names.iter().find_map(|name| line.strip_prefix(name)));
    figures.filter_map(|figure| figure.parse::<f64>().ok()).sum::<f64>() as u64
}
