//! Keep what catalog says of products: what reels show of them, and which reels are shown.
//!
//! Always true: a reel is public exactly while it is ready and its product on sale, and whoever shows it hears of each
//! that comes or goes; with a product's deletion its reels go for good.

use chrono::{DateTime, Utc};
use commerce_types::ReelId;
use diesel_async::AsyncPgConnection;

use crate::domain::product::{ProductNews, Standing};
use crate::domain::reel::{Reel, ReelStatus};
use crate::error::Error;
use crate::store::reels::Shown;
use crate::{events, store};

/// In the consumer's transaction. Answers the reels of a product that was deleted: the caller deletes all of them
/// together, in one order.
pub(crate) async fn hear_product(
    conn: &mut AsyncPgConnection,
    news: &ProductNews,
    now: DateTime<Utc>,
) -> Result<Vec<Reel>, Error> {
    if !store::products::hear(conn, news, now).await? {
        return Ok(Vec::new());
    }
    let reels = store::reels::lock_of_product(conn, news.id).await?;
    let shown = match news.standing {
        Standing::Deleted => return Ok(reels),
        Standing::OnSale => Shown::ToAll,
        Standing::OffSale => Shown::ToItsSeller,
    };
    let moved =
        reels.iter().filter(|reel| reel.status == ReelStatus::Ready && reel.is_public != (shown == Shown::ToAll));
    let moved: Vec<&Reel> = moved.collect();
    if moved.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<ReelId> = moved.iter().map(|reel| reel.id).collect();
    store::reels::show(conn, &ids, shown).await?;
    let said = moved.into_iter().map(|reel| {
        let after = Reel { is_public: shown == Shown::ToAll, ..reel.clone() };
        if after.is_public { events::reel_published(&after) } else { events::reel_hidden(&after) }
    });
    events::write_all(conn, &said.collect::<Vec<_>>()).await?;
    Ok(Vec::new())
}
