//! Make reels of the videos that products name (part 1, 6.1): of those that the product's seller sent for it.

use std::collections::HashMap;

use access_token::Caller;

use crate::app::App;
use crate::domain::reel::{File, SentVideo, VideoState};
use crate::error::Error;
use crate::operations::add_reel::{NewReel, add_reel};
use crate::operations::follow_uploads::follow;
use crate::operations::know_product::know_product;
use crate::store;
use crate::store::named_videos::Named;

const AT_ONCE: i64 = 20;
/// Of a caption, in characters.
const LONGEST: usize = 500;

/// Looks at those that nobody has looked at; due every second, needs no input.
///
/// # Errors
/// [`Error::Media`], [`Error::Catalog`], [`Error::Database`]: those that are left are looked at again.
pub(crate) async fn show_named_videos(app: &App) -> Result<(), Error> {
    let named = store::named_videos::list_new(&mut *app.pool.get().await?, AT_ONCE).await?;
    if named.is_empty() {
        return Ok(());
    }
    let found = app.media.by_urls(named.iter().map(|named| named.video_url.clone()).collect()).await?;
    let found = found.into_iter().filter_map(|video| Some((video.url.clone()?, video)));
    let found: HashMap<String, SentVideo> = found.collect();
    for named in named {
        if let Some(video) = found.get(&named.video_url).filter(|video| video.product_id == Some(named.product_id)) {
            show(app, &named, video).await?;
        }
        store::named_videos::looked_at(&mut *app.pool.get().await?, &named).await?;
    }
    Ok(())
}

async fn show(app: &App, named: &Named, video: &SentVideo) -> Result<(), Error> {
    let file = match &video.state {
        VideoState::Ready(file) => file.clone(),
        VideoState::Processing => File::default(),
        VideoState::Pending | VideoState::Failed(_) => return Ok(()),
    };
    let token = app.access.sign(&Caller::service("reels"));
    // What went off sale meanwhile is named again when it comes back with another video.
    let Some(product) = know_product(app, named.product_id, &token).await? else { return Ok(()) };
    let Some(seller) = store::accounts::find(&mut *app.pool.get().await?, product.seller_id).await? else {
        return Ok(());
    };
    if product.seller_id != video.owner_id {
        return Ok(());
    }
    let new = NewReel {
        id: app.ids.next(),
        product_id: product.id,
        seller,
        caption: Some(product.name.chars().take(LONGEST).collect()),
        upload_id: Some(video.upload_id),
        file,
        created_at: app.clock.now(),
    };
    match add_reel(app, &new).await {
        // Deleted meanwhile.
        Err(Error::ProductNotFound(_) | Error::NoAccount) => Ok(()),
        Ok(true) if new.file.video_url.is_none() => follow(app, &[video.upload_id]).await,
        other => other.map(drop),
    }
}
