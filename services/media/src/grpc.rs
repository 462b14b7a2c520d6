//! The generated trait, method by method: who asks, what it means, the operation, the answer.

mod convert;

use access_token::Caller;
use protocol::convert::parse;
use protocol::media::v1::media_service_server::{MediaService, MediaServiceServer};
use protocol::media::v1::{
    CheckUploadRequest, CheckUploadResponse, CompleteUploadRequest, CreateUploadRequest, CreateUploadResponse,
    DeleteFileRequest, DeleteFileResponse, FindUploadsRequest, FindUploadsResponse, GetUploadRequest,
    ReceiveUploadRequest, Upload,
};
use tonic::{Request, Response, Status, Streaming};

use crate::app::App;
use crate::error::Error;
use crate::operations::check_upload::check_upload;
use crate::operations::complete_upload::complete_upload;
use crate::operations::create_upload::create_upload;
use crate::operations::delete_file::delete_file;
use crate::operations::find_uploads::find_uploads;
use crate::operations::get_upload::get_upload;
use crate::operations::receive_upload::receive_upload;
use crate::reply;

type Answer<T> = Result<Response<T>, Status>;

/// The service as tonic serves it.
pub(crate) fn server(app: App) -> MediaServiceServer<Grpc> {
    MediaServiceServer::new(Grpc { app })
}

/// Answers calls.
pub(crate) struct Grpc {
    app: App,
}

impl Grpc {
    fn caller<T>(&self, request: &Request<T>) -> Result<(Caller, String), Status> {
        Ok((self.app.access.caller(request)?, self.app.access.token(request)?))
    }

    /// Files are an account's, whatever else may be asked of it.
    fn account<T>(&self, request: &Request<T>) -> Result<(Caller, String), Status> {
        let (caller, token) = self.caller(request)?;
        caller.require_account()?;
        Ok((caller, token))
    }

    /// Runs a write to its end, also when its caller goes away.
    async fn finish<T: Send + 'static>(
        &self,
        write: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Status> {
        Ok(self.app.lifecycle.finish(write).await.map_err(Error::from)??)
    }

    fn upload(&self, upload: &crate::domain::upload::Upload) -> Upload {
        reply::upload(upload, &self.app.public_url)
    }
}

#[tonic::async_trait]
impl MediaService for Grpc {
    async fn check_upload(&self, request: Request<CheckUploadRequest>) -> Answer<CheckUploadResponse> {
        let (caller, token) = self.account(&request)?;
        let intent = convert::intent(request.into_inner().intent)?;
        check_upload(&self.app, &caller, &token, intent).await?;
        Ok(Response::new(CheckUploadResponse {}))
    }

    async fn receive_upload(&self, request: Request<Streaming<ReceiveUploadRequest>>) -> Answer<Upload> {
        let (caller, token) = self.account(&request)?;
        let mut parts = request.into_inner();
        let first = tokio::time::timeout(self.app.times.stall, parts.message()).await;
        let intent = convert::first(first.map_err(|late| Error::Body(late.into()))??)?;
        let body = convert::body(parts);
        let received = Box::pin(receive_upload(&self.app, &caller, &token, intent, body)).await?;
        Ok(Response::new(self.upload(&received)))
    }

    async fn create_upload(&self, request: Request<CreateUploadRequest>) -> Answer<CreateUploadResponse> {
        let (caller, token) = self.account(&request)?;
        let CreateUploadRequest { intent, content_type, size_bytes } = request.into_inner();
        let (app, intent) = (self.app.clone(), convert::intent(intent)?);
        let created = async move { create_upload(&app, &caller, &token, intent, (&content_type, size_bytes)).await };
        Ok(Response::new(convert::leave(self.finish(created).await?)))
    }

    async fn complete_upload(&self, request: Request<CompleteUploadRequest>) -> Answer<Upload> {
        let owner_id = self.account(&request)?.0.require_account()?.user_id;
        let (app, id) = (self.app.clone(), parse("id", &request.into_inner().id)?);
        let completed = self.finish(async move { complete_upload(&app, owner_id, id).await }).await?;
        Ok(Response::new(self.upload(&completed)))
    }

    async fn get_upload(&self, request: Request<GetUploadRequest>) -> Answer<Upload> {
        let (caller, _) = self.account(&request)?;
        let id = parse("id", &request.into_inner().id)?;
        Ok(Response::new(self.upload(&get_upload(&self.app, &caller, id).await?)))
    }

    async fn delete_file(&self, request: Request<DeleteFileRequest>) -> Answer<DeleteFileResponse> {
        let (caller, _) = self.account(&request)?;
        let key = request.into_inner().key;
        let (app, deleted) = (self.app.clone(), key.clone());
        self.finish(async move { delete_file(&app, &caller, &deleted).await }).await?;
        Ok(Response::new(DeleteFileResponse { key }))
    }

    async fn find_uploads(&self, request: Request<FindUploadsRequest>) -> Answer<FindUploadsResponse> {
        let (caller, _) = self.caller(&request)?;
        let wanted = convert::wanted(request.into_inner())?;
        let found = find_uploads(&self.app, &caller, wanted).await?;
        Ok(Response::new(FindUploadsResponse { uploads: found.iter().map(|upload| self.upload(upload)).collect() }))
    }
}
