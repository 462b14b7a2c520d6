//! Calls to media, which owns uploads.

use std::time::Duration;

use commerce_types::UploadId;
use protocol::convert::{Malformed, parse, required};
use protocol::media::v1 as wire;
use protocol::media::v1::media_service_client::MediaServiceClient;
use service_error::ServiceError;
use service_runtime::grpc::{Channel, channel, request};

use crate::domain::images::SentImage;
use crate::error::Error;

const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Clone)]
pub(crate) struct MediaClient {
    inner: MediaServiceClient<Channel>,
}

impl MediaClient {
    pub(crate) fn new(uri: &str) -> Result<Self, tonic::transport::Error> {
        Ok(Self { inner: MediaServiceClient::new(channel(uri)?) })
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
