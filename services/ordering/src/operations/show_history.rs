//! Show the steps of an order to its parties.

use commerce_types::OrderId;

use crate::app::App;
use crate::domain::order::HistoryEntry;
use crate::error::Error;
use crate::operations::show_order::{Asking, load};
use crate::store;

/// # Errors
/// As [`super::show_order::show_order`].
pub(crate) async fn show_history(app: &App, asking: &Asking, id: OrderId) -> Result<Vec<HistoryEntry>, Error> {
    let mut conn = app.pool.get().await?;
    let order = load(&mut conn, app, asking, id).await?;
    Ok(store::history::list(&mut conn, order.id).await?)
}
