//! Show one reel: a public one to everybody, else to its seller and admins.

use access_token::Caller;
use commerce_types::ReelId;
use diesel_async::AsyncPgConnection;

use crate::app::App;
use crate::domain::reel::{Reel, ShownReel};
use crate::error::Error;
use crate::store;

/// # Errors
/// [`Error::ReelNotFound`]: missing, or not public and somebody else's.
pub(crate) async fn get_reel(app: &App, caller: &Caller, id: ReelId) -> Result<ShownReel, Error> {
    let found = store::shown::find(&mut *app.pool.get().await?, id, caller.user_id()).await?;
    found.filter(|shown| shown.reel.is_visible_to(caller)).ok_or(Error::ReelNotFound)
}

/// The reel without what is shown with it, for operations on what hangs on it.
///
/// # Errors
/// As [`get_reel`].
pub(crate) async fn visible(conn: &mut AsyncPgConnection, caller: &Caller, id: ReelId) -> Result<Reel, Error> {
    let found = store::reels::find(conn, id).await?;
    found.filter(|reel| reel.is_visible_to(caller)).ok_or(Error::ReelNotFound)
}
