//! Media in small: knows the uploads it is told, and shows each to its owner.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use protocol::media::v1::media_service_server::{MediaService, MediaServiceServer};
use protocol::media::v1::{
    CheckUploadRequest, CheckUploadResponse, CompleteUploadRequest, CreateUploadRequest, CreateUploadResponse,
    DeleteFileRequest, DeleteFileResponse, FindUploadsRequest, FindUploadsResponse, GetUploadRequest,
    ReceiveUploadRequest, Upload,
};
use service_runtime::{Clock, Process};
use test_support::Tokens;
use tonic::{Request, Response, Status, Streaming};

type Answer<T> = Result<Response<T>, Status>;

/// Clones share it.
#[derive(Clone, Default)]
pub(crate) struct FakeMedia(Arc<Mutex<Vec<Upload>>>);

impl FakeMedia {
    pub(crate) async fn serve(&self, process: &Process) -> SocketAddr {
        super::serve(process, MediaServiceServer::new(self.clone())).await
    }

    pub(crate) fn knows(&self, upload: Upload) {
        self.0.lock().unwrap().push(upload);
    }
}

/// Calls that catalog never makes.
macro_rules! never {
    ($(fn $name:ident($request:ty) -> $answer:ty;)+; $asked:item) => {
        #[tonic::async_trait]
        impl MediaService for FakeMedia {
            $asked

            $(async fn $name(&self, _: Request<$request>) -> Answer<$answer> {
                Err(Status::unimplemented("catalog never asks this"))
            })+
        }
    };
}

never! {
    fn check_upload(CheckUploadRequest) -> CheckUploadResponse;
    fn receive_upload(Streaming<ReceiveUploadRequest>) -> Upload;
    fn create_upload(CreateUploadRequest) -> CreateUploadResponse;
    fn complete_upload(CompleteUploadRequest) -> Upload;
    fn get_upload(GetUploadRequest) -> Upload;
    fn delete_file(DeleteFileRequest) -> DeleteFileResponse;
    ;
    async fn find_uploads(&self, request: Request<FindUploadsRequest>) -> Answer<FindUploadsResponse> {
        let caller = Tokens::new(&Clock::system()).access_tokens().caller(&request)?;
        let user_id = caller.require_account()?.user_id.to_string();
        let ids = request.into_inner().ids;
        let known = self.0.lock().unwrap();
        let is_shown = |upload: &&Upload| ids.contains(&upload.id) && upload.owner_id == user_id;
        Ok(Response::new(FindUploadsResponse { uploads: known.iter().filter(is_shown).cloned().collect() }))
    }
}
