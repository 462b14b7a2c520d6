//! One seller as the public sees it.

use commerce_types::UserId;

use crate::app::App;
use crate::domain::user::User;
use crate::error::Error;
use crate::store;

/// # Errors
/// [`Error::SellerNotFound`], also for sellers who may not sell.
pub(crate) async fn show_seller(app: &App, id: UserId) -> Result<User, Error> {
    store::sellers::find(&mut *app.pool.get().await?, id).await?.ok_or(Error::SellerNotFound)
}
