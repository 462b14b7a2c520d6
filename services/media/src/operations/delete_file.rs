//! Delete a file that nobody shows: its row now, its objects soon after.
//!
//! Always true: a file that anybody shows stays, and so does one of which somebody did not say. Who begins to show a file
//! at the very moment in which nobody was found to show it shows nothing afterwards: the services that show files ask for
//! the upload right before they write, which leaves some milliseconds of one's own doing.

use std::sync::atomic::{AtomicBool, Ordering};

use access_token::Caller;
use service_runtime::context;

use crate::app::App;
use crate::domain::key;
use crate::domain::upload::{Upload, UploadStatus};
use crate::error::Error;
use crate::operations::settle_upload::Pause;
use crate::{events, store};

/// # Errors
/// [`Error::FileNotFound`]: no such key, or somebody else's. [`Error::FileInUse`], [`Error::Other`].
pub(crate) async fn delete_file(app: &App, caller: &Caller, key: &str) -> Result<(), Error> {
    let account = caller.require_account()?;
    let found = match key::is_key(key) {
        true => store::uploads::find_by_key(&mut *app.pool.get().await?, key).await?,
        false => None,
    };
    let upload = found.filter(|upload| upload.is_visible_to(caller)).ok_or(Error::FileNotFound)?;
    if !app.showing.in_use(addresses(app, &upload)).await?.is_empty() {
        return Err(Error::FileInUse);
    }
    let (event_id, pause, tried) = (app.ids.next(), pause(&upload).length(app), AtomicBool::new(false));
    let request_id = context::current().map(|context| context.request_id.to_string()).unwrap_or_default();
    let deleted = database::transaction(&app.pool, async |conn| {
        let again = tried.swap(true, Ordering::Relaxed);
        let Some(locked) = store::uploads::lock(conn, upload.id).await? else {
            // Run again because nobody heard the commit: it is gone by our own doing.
            return if again { Ok(()) } else { Err(Error::FileNotFound) };
        };
        if addresses(app, &locked) != addresses(app, &upload) {
            // It was finished meanwhile, and may be shown since.
            return Err(Error::FileInUse);
        }
        store::uploads::delete(conn, &[locked.id]).await?;
        store::doomed::add(conn, &locked.objects(), pause).await?;
        if !caller.is_user(locked.owner_id) {
            let action = events::file_deleted_by_admin(account.user_id, &locked, request_id.clone());
            ::events::write(conn, &[action.with_id(event_id)]).await?;
        }
        Ok(())
    });
    deleted.await?;
    app.waker.wake();
    Ok(())
}

/// Where it may be shown.
pub(crate) fn addresses(app: &App, upload: &Upload) -> Vec<String> {
    [&upload.key, &upload.thumbnail_key].into_iter().flatten().map(|key| app.url(key)).collect()
}

/// Somebody may write objects of what is not finished.
pub(crate) fn pause(upload: &Upload) -> Pause {
    if upload.status == UploadStatus::Ready { Pause::No } else { Pause::Lease }
}
