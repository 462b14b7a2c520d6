//! Uploads.

use std::sync::Arc;
use std::time::Duration;

use access_token::Account;
use commerce_types::UploadId;
use futures::Stream;
use protocol::media::v1::media_service_client::MediaServiceClient;
use protocol::media::v1::{
    CheckUploadRequest, CompleteUploadRequest, CreateUploadRequest, CreateUploadResponse, DeleteFileRequest,
    DeleteFileResponse, GetUploadRequest, ReceiveUploadRequest, Upload, UploadIntent,
};

use super::{Effort, READ, Upstream, WRITE};
use crate::http::error::ApiError;

type Who<'a> = Option<&'a Arc<Account>>;

/// A large file on a slow network, and media's minute to answer.
pub const RECEIVING: Duration = Duration::from_secs(16 * 60);
const RECEIVE: Effort = Effort { limit: RECEIVING, ..WRITE };
/// Repeated it answers what it has become.
const COMPLETE: Effort = Effort { is_repeatable: true, ..WRITE };

impl Upstream {
    pub async fn check_upload(&self, intent: UploadIntent, who: Who<'_>) -> Result<(), ApiError> {
        let request = self.request(CheckUploadRequest { intent: Some(intent) }, who, READ);
        self.media.clone().check_upload(request).await?;
        Ok(())
    }

    /// Given up when it is dropped before the stream's end: then nothing is kept. It goes past the limits of other calls,
    /// which hold a body until all of it is there; media bounds how many it takes.
    pub async fn receive_upload(
        &self,
        parts: impl Stream<Item = ReceiveUploadRequest> + Send + 'static,
        who: Who<'_>,
    ) -> Result<Upload, ApiError> {
        let request = self.request(parts, who, RECEIVE);
        Ok(MediaServiceClient::new(self.channels.media.for_stream()).receive_upload(request).await?.into_inner())
    }

    pub async fn create_upload(
        &self,
        message: CreateUploadRequest,
        who: Who<'_>,
    ) -> Result<CreateUploadResponse, ApiError> {
        let request = self.request(message, who, WRITE);
        Ok(self.media.clone().create_upload(request).await?.into_inner())
    }

    pub async fn complete_upload(&self, id: UploadId, who: Who<'_>) -> Result<Upload, ApiError> {
        let request = self.request(CompleteUploadRequest { id: id.to_string() }, who, COMPLETE);
        Ok(self.media.clone().complete_upload(request).await?.into_inner())
    }

    pub async fn get_upload(&self, id: UploadId, who: Who<'_>) -> Result<Upload, ApiError> {
        let request = self.request(GetUploadRequest { id: id.to_string() }, who, READ);
        Ok(self.media.clone().get_upload(request).await?.into_inner())
    }

    pub async fn delete_file(&self, key: &str, who: Who<'_>) -> Result<DeleteFileResponse, ApiError> {
        let request = self.request(DeleteFileRequest { key: key.to_owned() }, who, WRITE);
        Ok(self.media.clone().delete_file(request).await?.into_inner())
    }
}
