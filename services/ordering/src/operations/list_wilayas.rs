//! List where parcels go and what that costs.

use crate::app::App;
use crate::domain::wilaya::Wilaya;
use crate::error::Error;
use crate::store;

pub(crate) async fn list_wilayas(app: &App) -> Result<Vec<Wilaya>, Error> {
    Ok(store::wilayas::list(&mut *app.pool.get().await?).await?)
}
