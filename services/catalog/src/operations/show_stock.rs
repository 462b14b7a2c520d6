//! Show what ordering has left. Newer versions win, products that are not known here are passed over.

use chrono::{DateTime, Utc};
use commerce_types::ProductId;
use diesel_async::AsyncPgConnection;

use crate::app::App;
use crate::domain::stock::{StockLeft, newest};
use crate::error::Error;
use crate::events::Flips;
use crate::store::shown_stock::Moved;
use crate::{events, store};

/// By ordering's call, when something sold out or came back.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn show_stock(app: &App, changes: &[StockLeft]) -> Result<(), Error> {
    let now = app.clock.now();
    let moved = database::transaction(&app.pool, async |conn| apply(conn, changes, now).await).await?;
    if !moved.is_empty() {
        app.waker.wake();
    }
    Ok(())
}

/// In the caller's transaction: shows what is newer, says what moved, and answers it.
pub(crate) async fn apply(
    conn: &mut AsyncPgConnection,
    changes: &[StockLeft],
    now: DateTime<Utc>,
) -> Result<Vec<Moved>, Error> {
    let newest = newest(changes.iter().copied());
    if newest.is_empty() {
        return Ok(Vec::new());
    }
    let moved = store::shown_stock::show(conn, &newest, now).await?;
    if let Some(first) = moved.first() {
        let flips = flips(conn, &moved).await?;
        ::events::write(conn, &[events::stock_shown(first.product_id, &moved, flips)]).await?;
    }
    Ok(moved)
}

/// What clients see of products that sold out or came back; most changes flip none.
async fn flips(conn: &mut AsyncPgConnection, moved: &[Moved]) -> Result<Flips, Error> {
    let flipped: Vec<ProductId> = moved.iter().filter(|moved| moved.flipped).map(|moved| moved.product_id).collect();
    if flipped.is_empty() {
        return Ok(Flips::default());
    }
    let products = store::products::list_on_sale(conn, &flipped).await?;
    let images = store::images::list_primary(conn, &flipped).await?;
    Ok(events::flips(&products, &images, moved))
}
