//! Hold how many orders each seller is said to have of each sort against the orders. In steps by seller.

use commerce_types::UserId;
use service_runtime::self_check::Found;
use uuid::Uuid;

use crate::app::App;
use crate::domain::miscounted::Miscounted;
use crate::error::Error;
use crate::operations::PAUSE;
use crate::store;

const SELLERS: i64 = 100;

/// # Errors
/// [`Error::Database`].
pub(crate) async fn check_counts(app: &App) -> Result<Found, Error> {
    let mut found = Found::default();
    let mut after = UserId::from(Uuid::nil());
    loop {
        let mut conn = app.pool.get().await?;
        let sellers = store::counts::list_sellers_after(&mut conn, after, SELLERS).await?;
        let Some(last) = sellers.last() else { return Ok(found) };
        after = *last;
        for wrong in store::counts::list_miscounted(&mut conn, &sellers).await? {
            let Miscounted { seller_id, sort, kept, orders } = wrong;
            found.add(format!("seller {seller_id}: {kept} orders of the sort {sort} are counted, {orders} are there"));
        }
        drop(conn);
        tokio::time::sleep(PAUSE).await;
    }
}
