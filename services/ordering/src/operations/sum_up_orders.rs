//! Sum up what all sellers sold, by one aggregate.

use commerce_types::Day;

use crate::app::App;
use crate::domain::figures::OrderSums;
use crate::error::Error;
use crate::store;

/// The period of 30 days: today, which is not over, and the 29 days before.
const DAYS_BEFORE: u64 = 29;

pub(crate) async fn sum_up_orders(app: &App) -> Result<OrderSums, Error> {
    let since = Day::of(app.clock.now()).earlier(DAYS_BEFORE).begins_at();
    let sums = store::figures::sum_by_status(&mut *app.pool.get().await?, since).await?;
    Ok(OrderSums::new(sums))
}
