//! Reels, made by their sellers of videos that they sent, liked and spoken of by customers.
//!
//! A reel is known again by its product: a seller has one of each.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use access_token::Account;
use protocol::reels::v1::publish_reel_request::Video;
use protocol::reels::v1::{
    AddCommentRequest, FeedPage, GetReelRequest, ListOwnReelsRequest, PublishReelRequest, ReelStatus, SetLikeRequest,
};

use super::files::send_video;
use super::services::{SeedError, Services, caller, key};
use crate::demo::Reel;
use crate::videos;

/// All videos of the market are worked on at once.
const READY_WITHIN: Duration = Duration::from_secs(120);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The reels that a seller has already, by product.
pub(super) async fn published(services: &Services, seller: &Account) -> Result<HashMap<String, String>, SeedError> {
    let page = FeedPage { limit: 100, number: 1, cursor: None };
    let request = ListOwnReelsRequest { page: Some(page), ..ListOwnReelsRequest::default() };
    let what = format!("the reels of {}", seller.full_name);
    let list = services
        .ask(&what, &caller(seller), request, async |request| services.reels().list_own_reels(request).await)
        .await?;
    Ok(list.reels.into_iter().map(|reel| (reel.product_id, reel.id)).collect())
}

/// Makes the reel unless it is there, and answers its id.
pub(super) async fn publish(
    services: &Services,
    seller: &Account,
    reel: &Reel,
    product_id: &str,
) -> Result<String, SeedError> {
    let bytes = videos::bytes(reel.video).ok_or(SeedError::Unreadable("the demo market"))?;
    let upload_id = send_video(services, seller, product_id, bytes).await?;
    let request = PublishReelRequest {
        product_id: product_id.to_owned(),
        video: Some(Video::UploadId(upload_id)),
        thumbnail_url: None,
        caption: Some(reel.caption.clone()),
        key: None,
    };
    let published = services
        .ask("a reel", &caller(seller), request, async |request| services.reels().publish_reel(request).await)
        .await?;
    published.reel.map(|reel| reel.id).ok_or(SeedError::Unreadable("reels"))
}

async fn wait_until_ready(services: &Services, seller: &Account, reel_id: &str) -> Result<(), SeedError> {
    let (seller, end) = (caller(seller), Instant::now() + READY_WITHIN);
    loop {
        let request = GetReelRequest { id: reel_id.to_owned() };
        let asked = services.ask("a reel", &seller, request, async |request| services.reels().get_reel(request).await);
        match asked.await?.status() {
            ReelStatus::Ready => return Ok(()),
            ReelStatus::Processing if Instant::now() < end => tokio::time::sleep(LOOK_AGAIN).await,
            _ => return Err(SeedError::Video),
        }
    }
}

/// Likes and comments, once the reel can be seen.
pub(super) async fn receive(
    services: &Services,
    (number, seller): (usize, &Account),
    reel: &Reel,
    reel_id: &str,
    customers: &[Account],
) -> Result<(), SeedError> {
    wait_until_ready(services, seller, reel_id).await?;
    for liker in &reel.likes {
        let request = SetLikeRequest { reel_id: reel_id.to_owned(), liked: true };
        let liker = caller(&customers[*liker]);
        services.ask("a like", &liker, request, async |request| services.reels().set_like(request).await).await?;
    }
    for (place, (speaker, content)) in reel.comments.iter().enumerate() {
        let request = AddCommentRequest {
            reel_id: reel_id.to_owned(),
            content: content.clone(),
            key: Some(key(&format!("demo-comment-{number}-{place}"))),
        };
        let speaker = caller(&customers[*speaker]);
        services
            .ask("a comment", &speaker, request, async |request| services.reels().add_comment(request).await)
            .await?;
    }
    Ok(())
}
