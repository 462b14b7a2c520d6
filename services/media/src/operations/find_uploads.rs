//! Find the uploads behind ids, keys and addresses: those of an account, any for a service.

use access_token::{Caller, Refused};
use commerce_types::UploadId;

use crate::app::App;
use crate::domain::key;
use crate::domain::upload::Upload;
use crate::error::Error;
use crate::store;

/// What they are asked for by.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) ids: Vec<UploadId>,
    pub(crate) keys: Vec<String>,
    pub(crate) urls: Vec<String>,
}

/// # Errors
/// [`Error::Caller`]: a guest.
pub(crate) async fn find_uploads(app: &App, caller: &Caller, wanted: Wanted) -> Result<Vec<Upload>, Error> {
    if *caller == Caller::GUEST {
        return Err(Refused::NoAccount.into());
    }
    let shown = wanted.urls.iter().filter_map(|url| app.key_of(url)).map(str::to_owned);
    let keys: Vec<String> = wanted.keys.iter().cloned().chain(shown).filter(|text| key::is_key(text)).collect();
    let mut found = store::uploads::list(&mut *app.pool.get().await?, &wanted.ids, &keys).await?;
    if let Some(account) = caller.account() {
        found.retain(|upload| upload.owner_id == account.user_id);
    }
    Ok(found)
}
