//! Read a picture's header before the picture is taken: nothing is decoded.

use std::future::Future;

use bytes::Bytes;
use media_files::picture;
use object_storage::Error as StorageError;

use crate::app::App;
use crate::error::Error;

/// `bytes` are fetched when there is room for them: few pictures are in memory at a time.
///
/// # Errors
/// [`Error::File`], and whatever fetching fails with.
pub(crate) async fn look_at_picture(
    app: &App,
    bytes: impl Future<Output = Result<Bytes, StorageError>>,
) -> Result<(), Error> {
    let _room = app.looking.acquire().await.expect("it is never closed");
    let bytes = bytes.await?;
    tokio::task::spawn_blocking(move || picture::probe(&bytes)).await??;
    Ok(())
}
