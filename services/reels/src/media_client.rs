//! Calls to media, which owns uploads.

use std::time::Duration;

use access_token::{AccessTokens, Caller};
use commerce_types::UploadId;
use protocol::convert::{Malformed, parse, parse_optional, required};
use protocol::media::v1 as wire;
use protocol::media::v1::media_service_client::MediaServiceClient;
use service_error::ServiceError;
use service_runtime::grpc::{Channel, channel, request};

use crate::domain::reel::{File, SentVideo, VideoState};
use crate::error::Error;

const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Clone)]
pub(crate) struct MediaClient {
    inner: MediaServiceClient<Channel>,
    access: AccessTokens,
}

/// A picture that somebody sent.
pub(crate) struct SentPicture {
    pub(crate) url: String,
    pub(crate) key: Option<String>,
}

impl MediaClient {
    pub(crate) fn new(uri: &str, access: AccessTokens) -> Result<Self, tonic::transport::Error> {
        Ok(Self { inner: MediaServiceClient::new(channel(uri)?), access })
    }

    /// The upload with this id, if the bearer of `token` owns it.
    ///
    /// # Errors
    /// [`Error::Media`].
    pub(crate) async fn by_id(&self, id: UploadId, token: &str) -> Result<Option<SentVideo>, Error> {
        let wanted = wire::FindUploadsRequest { ids: vec![id.to_string()], ..wire::FindUploadsRequest::default() };
        Ok(self.videos(wanted, token).await?.pop())
    }

    /// The upload that is served under this key, if the bearer of `token` owns it.
    ///
    /// # Errors
    /// [`Error::Media`].
    pub(crate) async fn by_key(&self, key: &str, token: &str) -> Result<Option<SentVideo>, Error> {
        let wanted = wire::FindUploadsRequest { keys: vec![key.to_owned()], ..wire::FindUploadsRequest::default() };
        Ok(self.videos(wanted, token).await?.pop())
    }

    /// Those of these that there are, whoever owns them; 200 at most.
    ///
    /// # Errors
    /// [`Error::Media`].
    pub(crate) async fn by_ids(&self, ids: &[UploadId]) -> Result<Vec<SentVideo>, Error> {
        let ids = ids.iter().map(ToString::to_string).collect();
        let wanted = wire::FindUploadsRequest { ids, ..wire::FindUploadsRequest::default() };
        self.videos(wanted, &self.own()).await
    }

    /// Those that are served at these addresses, whoever owns them; 200 at most.
    ///
    /// # Errors
    /// [`Error::Media`].
    pub(crate) async fn by_urls(&self, urls: Vec<String>) -> Result<Vec<SentVideo>, Error> {
        let wanted = wire::FindUploadsRequest { urls, ..wire::FindUploadsRequest::default() };
        self.videos(wanted, &self.own()).await
    }

    /// The picture that is served at this address, if the bearer of `token` owns it.
    ///
    /// # Errors
    /// [`Error::Media`].
    pub(crate) async fn picture(&self, url: &str, token: &str) -> Result<Option<SentPicture>, Error> {
        let wanted = wire::FindUploadsRequest { urls: vec![url.to_owned()], ..wire::FindUploadsRequest::default() };
        let found = self.find(wanted, token).await?.pop();
        let is_picture = |upload: &wire::Upload| {
            let kind = upload.intent.as_ref().map(wire::UploadIntent::kind);
            kind != Some(wire::UploadKind::ReelVideo) && upload.url.as_deref() == Some(url)
        };
        Ok(found.filter(is_picture).map(|upload| SentPicture { url: url.to_owned(), key: upload.key }))
    }

    async fn videos(&self, wanted: wire::FindUploadsRequest, token: &str) -> Result<Vec<SentVideo>, Error> {
        let found = self.find(wanted, token).await?.into_iter().map(sent_video).collect::<Result<_, _>>();
        found.map_err(|malformed| Error::Media(ServiceError::internal(malformed)))
    }

    async fn find(&self, wanted: wire::FindUploadsRequest, token: &str) -> Result<Vec<wire::Upload>, Error> {
        let found = self.inner.clone().find_uploads(request(wanted, token, PATIENCE)).await;
        Ok(found.map_err(|status| Error::Media(ServiceError::from_status(&status)))?.into_inner().uploads)
    }

    fn own(&self) -> String {
        self.access.sign(&Caller::service("reels"))
    }
}

/// # Errors
/// The message is not what its contract says.
pub(crate) fn sent_video(upload: wire::Upload) -> Result<SentVideo, Malformed> {
    let (upload_id, owner_id) = (parse("id", &upload.id)?, parse("owner_id", &upload.owner_id)?);
    let intent = required("intent", upload.intent.as_ref())?;
    let product_id = parse_optional("product_id", intent.product_id.as_deref())?;
    let product_id = product_id.filter(|_| intent.kind() == wire::UploadKind::ReelVideo);
    let (url, status) = (upload.url.clone(), upload.status());
    let state = match status {
        wire::UploadStatus::Pending => VideoState::Pending,
        wire::UploadStatus::Processing => VideoState::Processing,
        wire::UploadStatus::Failed => VideoState::Failed(required("error_code", upload.error_code)?),
        wire::UploadStatus::Ready if product_id.is_some() => VideoState::Ready(file(upload)?),
        wire::UploadStatus::Ready => VideoState::Ready(File::default()),
        wire::UploadStatus::Unspecified => return Err(Malformed::Invalid("status")),
    };
    Ok(SentVideo { upload_id, owner_id, product_id, url, state })
}

fn file(upload: wire::Upload) -> Result<File, Malformed> {
    Ok(File {
        video_url: Some(required("url", upload.url)?),
        video_path: Some(required("key", upload.key)?),
        thumbnail_url: upload.thumbnail_url,
        thumbnail_path: upload.thumbnail_key,
        duration_ms: Some(required("duration_ms", upload.duration_ms)?),
        size_bytes: Some(required("served_bytes", upload.served_bytes)?),
        width: Some(required("width", upload.width)?),
        height: Some(required("height", upload.height)?),
    })
}
