//! What cart hears. It says nothing.

use chrono::{DateTime, Utc};
use commerce_types::{ProductId, UserId};
use diesel_async::AsyncPgConnection;
use events::{Handler, HandlerError, Received, names};
use protocol::convert::Malformed;
use protocol::identity::v1::UserDeleted;
use protocol::ordering::v1::OrderPlaced;

use crate::operations::clear_ordered::{Ordered, clear_ordered};
use crate::operations::forget_accounts::forget_accounts;

/// Hears of orders and of accounts that are gone.
#[derive(Debug)]
pub(crate) struct Hears;

impl Handler for Hears {
    async fn apply(&self, conn: &mut AsyncPgConnection, batch: &[Received]) -> Result<(), HandlerError> {
        let (mut ordered, mut gone) = (Vec::new(), Vec::new());
        for event in batch {
            match event.name.as_str() {
                names::ORDER_PLACED => ordered.extend(lines(&event.decode()?)?),
                names::USER_DELETED => gone.push(event.decode::<UserDeleted>()?.user_id.parse()?),
                _ => {}
            }
        }
        clear_ordered(conn, &ordered).await?;
        forget_accounts(conn, &gone).await?;
        Ok(())
    }
}

/// Guests have no cart.
fn lines(order: &OrderPlaced) -> Result<Vec<Ordered>, HandlerError> {
    let Some(user_id) = &order.user_id else { return Ok(Vec::new()) };
    let user_id: UserId = user_id.parse()?;
    let placed_at: Option<DateTime<Utc>> = DateTime::from_timestamp_micros(order.placed_at_micros);
    let placed_at = placed_at.ok_or(Malformed::Invalid("placed_at_micros"))?;
    let product_ids = order.product_ids.iter().map(|id| id.parse::<ProductId>());
    Ok(product_ids.map(|id| Ok((user_id, id?, placed_at))).collect::<Result<_, commerce_types::IdError>>()?)
}
