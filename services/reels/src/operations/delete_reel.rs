//! Delete a reel for good, with its likes and comments.

use std::sync::atomic::{AtomicBool, Ordering};

use access_token::Account;
use commerce_types::ReelId;
use serde_json::json;

use crate::app::App;
use crate::error::Error;
use crate::operations::request_id;
use crate::{events, store};

/// # Errors
/// [`Error::ReelNotFound`]: another seller's, or a second time.
pub(crate) async fn delete_reel(app: &App, account: &Account, id: ReelId) -> Result<(), Error> {
    let (removed_id, action_id) = (app.ids.next(), app.ids.next());
    let tried = AtomicBool::new(false);
    let deleted = database::transaction(&app.pool, async |conn| {
        let again = tried.swap(true, Ordering::Relaxed);
        let Some(reel) = store::reels::lock(conn, id).await? else {
            // Run again because nobody heard the commit: it is gone by our own doing.
            return if again { Ok(()) } else { Err(Error::ReelNotFound) };
        };
        if reel.seller_id != account.user_id && !account.is_admin() {
            return Err(Error::ReelNotFound);
        }
        store::reels::delete(conn, &[id]).await?;
        let mut said = vec![events::reel_deleted(&reel).with_id(removed_id)];
        if reel.seller_id != account.user_id {
            let changes = json!({ "deleted": { "from": false, "to": true } });
            let action =
                events::admin_action(account.user_id, "reel.deleted", ("reel", id.into()), &changes, &request_id());
            said.push(action.with_id(action_id));
        }
        Ok(::events::write(conn, &said).await?)
    });
    deleted.await?;
    app.waker.wake();
    Ok(())
}
