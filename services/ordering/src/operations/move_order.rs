//! Move an order along: its seller's step, or an admin's.

use access_token::Account;
use access_token::Caller;
use chrono::{DateTime, Utc};
use commerce_types::OrderId;

use crate::app::App;
use crate::domain::order::{Actor, Order, OrderStatus};
use crate::domain::status;
use crate::error::Error;
use crate::operations::show_order::is_served_by;
use crate::operations::take_step::{Author, Moved, Taken, take_step};
use crate::store;

/// Where to, and what is known by then.
#[derive(Debug)]
pub(crate) struct MoveOrder {
    pub(crate) id: OrderId,
    pub(crate) to: OrderStatus,
    pub(crate) tracking_number: Option<String>,
    pub(crate) delivery_at: Option<DateTime<Utc>>,
    pub(crate) note: Option<String>,
}

/// # Errors
/// [`Error::OrderNotFound`] unless it is the caller's, [`Error::NotAllowed`].
pub(crate) async fn move_order(app: &App, account: &Account, request: MoveOrder) -> Result<Moved, Error> {
    let caller = Caller::Account(account.clone());
    let before = {
        let mut conn = app.checkouts.get().await?;
        let found = store::orders::find(&mut conn, request.id).await?;
        found.filter(|order| is_served_by(order, &caller)).ok_or(Error::OrderNotFound)?
    };
    let step = status::step(&before, request.to)?;
    let actor = if account.user_id == before.seller_id { Actor::Seller } else { Actor::Admin };
    let after = Order {
        tracking_number: request.tracking_number.or_else(|| before.tracking_number.clone()),
        delivery_at: request.delivery_at.or(before.delivery_at),
        ..before.clone()
    };
    let author = Author { actor, account: Some(account.clone()), note: request.note };
    take_step(app, Taken { before, after, step, author }).await
}
