//! Show an order to somebody who knows its number and its phone.
//!
//! Always true: whatever is wrong, number, phone or their form, the same questions are asked of the database and the
//! same answer is given; neither is ever logged.

use commerce_types::Phone;

use crate::app::App;
use crate::domain::order::{HistoryEntry, ShownOrder};
use crate::domain::order_number;
use crate::error::Error;
use crate::operations::show_order::shown;
use crate::store;

/// As they were typed.
pub(crate) struct TrackOrder {
    pub(crate) phone: String,
    pub(crate) order_number: String,
}

/// # Errors
/// [`Error::OrderNotFound`].
pub(crate) async fn track_order(app: &App, typed: &TrackOrder) -> Result<(ShownOrder, Vec<HistoryEntry>), Error> {
    let number = order_number::normalise(&typed.order_number);
    // What is no phone is compared like one: no order has it.
    let phone = typed.phone.parse::<Phone>().map_or_else(|_| String::from("no phone"), String::from);
    let mut conn = app.pool.get().await?;
    let found = store::orders::find_by_number_and_phone(&mut conn, &number, &phone).await?;
    let order = found.ok_or(Error::OrderNotFound)?;
    let history = store::history::list(&mut conn, order.id).await?;
    Ok((shown(&mut conn, order).await?, history))
}
