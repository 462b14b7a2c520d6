//! Hold the amounts of all orders against their lines (O5). In steps by key.

use commerce_types::OrderId;
use service_runtime::self_check::Found;
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::operations::PAUSE;
use crate::store;

const ORDERS: usize = 1_000;

/// # Errors
/// [`Error::Database`].
pub(crate) async fn check_totals(app: &App) -> Result<Found, Error> {
    let mut found = Found::default();
    let mut after = OrderId::from(Uuid::nil());
    loop {
        let amounts = store::figures::list_amounts_after(&mut *app.pool.get().await?, after, ORDERS).await?;
        amounts.iter().filter_map(|amounts| amounts.contradiction()).for_each(|wrong| found.add(wrong));
        match amounts.last() {
            Some(last) if amounts.len() == ORDERS => after = last.order_id,
            _ => return Ok(found),
        }
        tokio::time::sleep(PAUSE).await;
    }
}
