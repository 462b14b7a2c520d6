//! Files, sent by their sellers as forms bring them.

use std::collections::HashMap;
use std::time::Duration;

use access_token::{Account, Caller};
use futures::stream;
use protocol::media::v1::receive_upload_request::Part;
use protocol::media::v1::{CheckUploadRequest, ReceiveUploadRequest, Upload, UploadIntent, UploadKind};
use tokio::sync::{Mutex, OnceCell};
use tonic::Code;

use super::services::{SeedError, Services, caller};
use crate::demo::Picture;

/// A picture is answered when its copy can be fetched.
const LIMIT: Duration = Duration::from_secs(30);
const PIECE: usize = 64 * 1024;

/// Pictures that were sent already, by what they show. Those of a run before are sent again where they are still wanted: which
/// they were nobody wrote down.
#[derive(Default)]
pub(super) struct Pictures(Mutex<HashMap<Picture, std::sync::Arc<OnceCell<String>>>>);

impl Pictures {
    /// Where the picture can be seen; drawn and sent when it is first asked for.
    pub(super) async fn url(
        &self,
        services: &Services,
        seller: &Account,
        picture: &Picture,
    ) -> Result<String, SeedError> {
        let cell = self.0.lock().await.entry(picture.clone()).or_default().clone();
        let url = cell.get_or_try_init(async || {
            let drawn = picture.clone();
            let drawn = tokio::task::spawn_blocking(move || drawn.draw()).await;
            let jpeg = drawn.ok().and_then(Result::ok).ok_or(SeedError::Unreadable("the demo market"))?;
            let intent = UploadIntent { kind: UploadKind::Image.into(), ..UploadIntent::default() };
            send(services, &caller(seller), intent, &jpeg).await?.url.ok_or(SeedError::Unreadable("media"))
        });
        url.await.cloned()
    }
}

/// Whether videos are taken here: they are not where ffmpeg is missing.
pub(super) async fn takes_videos(services: &Services, seller: &Account, product_id: &str) -> Result<bool, SeedError> {
    let request = CheckUploadRequest { intent: Some(video(product_id)) };
    let seller = caller(seller);
    let asked = services.ask_once(&seller, request, async |request| services.media().check_upload(request).await);
    match asked.await {
        Ok(_) => Ok(true),
        Err(status) if status.code() == Code::Unavailable => Ok(false),
        Err(status) => Err(SeedError::refused("videos", &status)),
    }
}

/// Sends a video of a product and answers the upload's id; it is worked on afterwards.
pub(super) async fn send_video(
    services: &Services,
    seller: &Account,
    product_id: &str,
    bytes: &[u8],
) -> Result<String, SeedError> {
    Ok(send(services, &caller(seller), video(product_id), bytes).await?.id)
}

fn video(product_id: &str) -> UploadIntent {
    UploadIntent {
        kind: UploadKind::ReelVideo.into(),
        product_id: Some(product_id.to_owned()),
        ..UploadIntent::default()
    }
}

async fn send(services: &Services, caller: &Caller, intent: UploadIntent, bytes: &[u8]) -> Result<Upload, SeedError> {
    let pieces = bytes.chunks(PIECE).map(|piece| Part::Chunk(piece.to_vec().into()));
    let parts = [Part::Intent(intent.clone())].into_iter().chain(pieces).chain([Part::Intent(intent)]);
    let parts: Vec<_> = parts.map(|part| ReceiveUploadRequest { part: Some(part) }).collect();
    services
        .ask_within(LIMIT, "a file", caller, parts, async |request| {
            services.media().receive_upload(request.map(stream::iter)).await
        })
        .await
}
