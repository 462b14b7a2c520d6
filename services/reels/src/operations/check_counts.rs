//! Hold what is counted against its rows: likes and comments of each reel (L1), in steps by key, and reels of each sort.

use std::time::Duration;

use commerce_types::ReelId;
use service_runtime::self_check::Found;
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::store;

const REELS: i64 = 100;
/// Between two steps: whoever is served goes first.
const PAUSE: Duration = Duration::from_millis(20);

/// Of all reels of a sort.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn check_feed_counts(app: &App) -> Result<Found, Error> {
    let mut found = Found::default();
    let wrong = store::feed_counts::count_wrong(&mut *app.pool.get().await?).await?;
    if wrong > 0 {
        found.add(format!("{wrong} sorts of reels are said to be more or fewer than there are"));
    }
    Ok(found)
}

/// Of the likes and comments of each reel.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn check_counts(app: &App) -> Result<Found, Error> {
    let mut found = Found::default();
    let mut after = ReelId::from(Uuid::nil());
    loop {
        let mut conn = app.pool.get().await?;
        let reels = store::counts::list_after(&mut conn, after, REELS).await?;
        let Some(last) = reels.last() else { return Ok(found) };
        after = *last;
        for wrong in store::counts::list_wrong(&mut conn, &reels).await? {
            found.add(wrong.to_string());
        }
        drop(conn);
        tokio::time::sleep(PAUSE).await;
    }
}
