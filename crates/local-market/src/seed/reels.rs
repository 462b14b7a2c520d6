//! Reels, as an operator adds them: by reels' own command, from what this makes.

use access_token::Account;
use chrono::TimeDelta;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::services::{SeedError, Services};
use crate::demo::{Market, Reel};
use crate::videos;

/// What reels is told; an id that is the same every time, so that a second run adds nothing.
pub(super) fn plan(
    services: &Services,
    market: &Market,
    sellers: &[Account],
    customers: &[Account],
    product_ids: &[String],
    media_url: &str,
) -> Result<String, SeedError> {
    let reels = market.reels.iter().enumerate().map(|(number, reel)| {
        let seller = &sellers[market.products[reel.product].seller];
        Ok(json!({
            "id": id(number),
            "product_id": product_ids[reel.product],
            "seller": seller.public_user(),
            "caption": reel.caption,
            "video": video(reel, media_url)?,
            "created_at": services.now() - TimeDelta::hours(reel.hours_ago),
            "likes": reel.likes.iter().map(|index| customers[*index].public_user()).collect::<Vec<_>>(),
            "comments": reel.comments.iter().map(|(index, content)| {
                json!({ "user": customers[*index].public_user(), "content": content })
            }).collect::<Vec<_>>(),
        }))
    });
    Ok(json!({ "reels": reels.collect::<Result<Vec<_>, SeedError>>()? }).to_string())
}

fn id(number: usize) -> Uuid {
    let hash = Sha256::digest(format!("reel {number} of the demo market"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

fn video(reel: &Reel, media_url: &str) -> Result<Value, SeedError> {
    let (name, folder) = (reel.video, videos::FOLDER);
    let url = |kind: &str| format!("{media_url}/{folder}/{name}.{kind}");
    Ok(json!({
        "url": url("mp4"),
        "storage_path": format!("{folder}/{name}.mp4"),
        "thumbnail_url": url("jpg"),
        "thumbnail_storage_path": format!("{folder}/{name}.jpg"),
        "duration_ms": videos::SECONDS * 1_000,
        "size_bytes": videos::size(name).ok_or(SeedError::Unreadable("the demo market"))?,
        "width": videos::WIDTH,
        "height": videos::HEIGHT,
    }))
}
