//! More checkouts than the market can take: what it still does, how fast it refuses the rest, and how soon it is well.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::load::{closed, open};
use crate::market::Market;
use crate::table::Row;
use crate::writes::Goods;

/// Enough to find out what the market can do.
const BUYERS: usize = 32;
const TIME: Duration = Duration::from_secs(15);
/// That many may wait for an answer at once; more would only fill the sockets' queues.
const CROWD: usize = 2_000;
const RECOVERY: Duration = Duration::from_secs(5);

/// Three times the capacity arrives, whatever the market does.
pub(crate) async fn shed(market: &Market, goods: &Goods) -> Result<Row> {
    let address = market.address();
    let peak = closed(&address, BUYERS, TIME, goods.checkouts()).await?.rate();
    let crowd = open(&address, CROWD, (peak * 3.0) as u32, TIME, goods.checkouts()).await?;
    let strange = crowd.statuses.keys().find(|status| ![201, 429, 503].contains(*status));
    ensure!(strange.is_none(), "{:?} {:?}", crowd.statuses, crowd.complaint);
    tokio::time::sleep(RECOVERY).await;
    let after = open(&address, 512, (peak / 2.0) as u32, Duration::from_secs(5), goods.checkouts()).await?;
    let share = crowd.rate() / peak;
    let [refused, served] = [crowd.percentile_of_refused(0.95), after.percentile(0.99)].map(|time| time.as_millis());
    Ok(Row {
        path: "checkouts arriving at three times the capacity for 15 s",
        measured: format!(
            "{:.0} / s done = {share:.2} of the peak, of {:.0} / s that arrived, {} refused, p95 of those after {refused} ms; \
             5 s later half the peak: {} refused, p99 {served} ms",
            crowd.rate(),
            (crowd.bad() + crowd.good()) as f64 / crowd.seconds,
            crowd.bad(),
            after.bad()
        ),
        limit: format!("{peak:.0} / s, {BUYERS} buyers without pause"),
        must: "0.8 of the peak, refusals fast, well after 5 s",
        goal: "0.95",
        reached: share >= 0.8 && refused < 1_000 && after.bad() == 0 && served < 200,
    })
}
