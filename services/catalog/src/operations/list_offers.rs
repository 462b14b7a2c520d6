//! Products as they are on sale at this moment, read for a cart or a checkout from the database alone.

use std::time::Duration;

use commerce_types::ProductId;
use service_runtime::context;

use crate::app::App;
use crate::domain::seller::Seller;
use crate::error::Error;
use crate::store;
use crate::store::offers::Offer;

/// A buyer is not refused because others came first: there is a queue for connections, as long as the request's time.
const PATIENCE: Duration = Duration::from_secs(2);

/// Those that are not on sale are left out.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn list_offers(app: &App, ids: &[ProductId]) -> Result<Vec<(Offer, Seller, Option<String>)>, Error> {
    let offers = store::offers::list(&mut *app.pool.get_within(context::time_left(PATIENCE)).await?, ids).await?;
    service_runtime::crash_point("catalog_before_answer");
    Ok(offers)
}
