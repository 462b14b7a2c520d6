//! Show one upload to its owner and admins.

use access_token::Caller;
use commerce_types::UploadId;

use crate::app::App;
use crate::domain::upload::Upload;
use crate::error::Error;
use crate::store;

/// # Errors
/// [`Error::UploadNotFound`]: missing, or somebody else's.
pub(crate) async fn get_upload(app: &App, caller: &Caller, id: UploadId) -> Result<Upload, Error> {
    caller.require_account()?;
    let found = store::uploads::find(&mut *app.pool.get().await?, id).await?;
    found.filter(|upload| upload.is_visible_to(caller)).ok_or(Error::UploadNotFound)
}
