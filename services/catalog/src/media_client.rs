//! Calls to media, which owns uploads.

use std::collections::HashMap;
use std::time::Duration;

use access_token::{AccessTokens, Caller};
use commerce_types::UploadId;
use protocol::convert::{Malformed, parse, required};
use protocol::media::v1 as wire;
use protocol::media::v1::media_service_client::MediaServiceClient;
use service_error::ServiceError;
use service_runtime::grpc::{Channel, channel, request};

use crate::domain::images::SentImage;
use crate::error::Error;

const PATIENCE: Duration = Duration::from_secs(3);
/// For what a write can do without.
const SHORT_PATIENCE: Duration = Duration::from_millis(500);

#[derive(Clone)]
pub(crate) struct MediaClient {
    inner: MediaServiceClient<Channel>,
    access: AccessTokens,
}

/// How a sent picture is shown in lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Thumbnail {
    Made(String),
    /// Perhaps soon.
    NotYet,
}

impl MediaClient {
    pub(crate) fn new(uri: &str, access: AccessTokens) -> Result<Self, tonic::transport::Error> {
        Ok(Self { inner: MediaServiceClient::new(channel(uri)?), access })
    }

    /// Those of the pictures at these addresses that were sent to us.
    ///
    /// # Errors
    /// [`Error::Media`].
    pub(crate) async fn thumbnails(&self, urls: Vec<String>) -> Result<HashMap<String, Thumbnail>, Error> {
        let message = wire::FindUploadsRequest { urls, ..wire::FindUploadsRequest::default() };
        let own = self.access.sign(&Caller::service("catalog"));
        let found = self.inner.clone().find_uploads(request(message, &own, SHORT_PATIENCE)).await;
        let found = found.map_err(|status| Error::Media(ServiceError::from_status(&status)))?.into_inner();
        let shown = found.uploads.into_iter().filter_map(|upload| {
            let thumbnail = upload.thumbnail_url.map_or(Thumbnail::NotYet, Thumbnail::Made);
            Some((upload.url?, thumbnail))
        });
        Ok(shown.collect())
    }

    /// The picture behind an upload that the bearer of `token` sees.
    ///
    /// # Errors
    /// [`Error::UploadNotUsable`] when it is no picture of a product, or none yet; [`Error::Media`].
    pub(crate) async fn sent_image(&self, id: UploadId, token: &str) -> Result<Option<SentImage>, Error> {
        let message = wire::FindUploadsRequest { ids: vec![id.to_string()], ..wire::FindUploadsRequest::default() };
        let found = self.inner.clone().find_uploads(request(message, token, PATIENCE)).await;
        let found = found.map_err(|status| Error::Media(ServiceError::from_status(&status)))?.into_inner();
        let Some(upload) = found.uploads.into_iter().next() else {
            return Ok(None);
        };
        let sent = sent_image(upload).map_err(|malformed| Error::Media(ServiceError::internal(malformed)))?;
        sent.ok_or(Error::UploadNotUsable).map(Some)
    }
}

/// `None` when it is no picture of a product, or cannot be fetched yet.
///
/// # Errors
/// The message is not what its contract says.
pub(crate) fn sent_image(upload: wire::Upload) -> Result<Option<SentImage>, Malformed> {
    let intent = required("intent", upload.intent)?;
    let Some(url) = upload.url.filter(|_| intent.kind() == wire::UploadKind::ProductImage) else {
        return Ok(None);
    };
    Ok(Some(SentImage {
        upload_id: parse("id", &upload.id)?,
        owner_id: parse("owner_id", &upload.owner_id)?,
        product_id: parse("product_id", &required("product_id", intent.product_id)?)?,
        url,
        thumbnail_url: upload.thumbnail_url,
        make_primary: intent.is_primary.unwrap_or_default(),
        display_order: intent
            .display_order
            .map(|order| order.try_into())
            .transpose()
            .map_err(|_large| Malformed::Invalid("display_order"))?,
    }))
}
