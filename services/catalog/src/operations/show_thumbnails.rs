//! Show the thumbnails of pictures that were sent to us: those that media has made when a product is written, and those that
//! it makes later.
//!
//! A thumbnail is no version of its product: nobody wrote it. Whoever keeps the product hears of it all the same.

use std::collections::HashMap;

use diesel_async::AsyncPgConnection;

use crate::app::App;
use crate::domain::images::{ImagesWish, ProductImage};
use crate::error::Error;
use crate::media_client::Thumbnail;
use crate::{events, store};

/// What media says of the pictures that a write names.
#[derive(Debug, Default)]
pub(crate) struct Thumbnails(HashMap<String, Thumbnail>);

impl Thumbnails {
    /// Asks media. Without it a product is written all the same, and shows its pictures whole.
    pub(crate) async fn of(app: &App, wish: &ImagesWish) -> Self {
        let urls: Vec<String> = wish.urls().cloned().collect();
        if urls.is_empty() {
            return Self::default();
        }
        let asked = app.media.thumbnails(urls).await.unwrap_or_else(|error| {
            tracing::warn!(error = service_error::chain(&error), "pictures are shown without thumbnails");
            HashMap::new()
        });
        Self(asked)
    }

    /// Where there is none yet.
    pub(crate) fn fill(&self, images: &mut [ProductImage]) {
        for image in images.iter_mut().filter(|image| image.thumbnail_url.is_none()) {
            if let Some(Thumbnail::Made(url)) = self.0.get(&image.image_url) {
                image.thumbnail_url = Some(url.clone());
            }
        }
    }

    /// Once the product is written: what was made between the question and the write nobody heard.
    pub(crate) async fn follow(self, app: &App) {
        let awaited = self.0.into_iter().filter_map(|(url, thumbnail)| (thumbnail == Thumbnail::NotYet).then_some(url));
        let awaited: Vec<String> = awaited.collect();
        if awaited.is_empty() {
            return;
        }
        let shown = async {
            let made =
                app.media.thumbnails(awaited).await?.into_iter().filter_map(|(url, thumbnail)| match thumbnail {
                    Thumbnail::Made(thumbnail) => Some((url, thumbnail)),
                    Thumbnail::NotYet => None,
                });
            let made: HashMap<String, String> = made.collect();
            database::transaction(&app.pool, async |conn| show_thumbnails(conn, &made).await).await
        };
        match shown.await {
            Ok(()) => app.waker.wake(),
            Err(error) => tracing::warn!(error = service_error::chain(&error), "a thumbnail was not asked for again"),
        }
    }
}

/// By the address of the picture; in the caller's transaction.
pub(crate) async fn show_thumbnails(
    conn: &mut AsyncPgConnection,
    thumbnails: &HashMap<String, String>,
) -> Result<(), Error> {
    if thumbnails.is_empty() {
        return Ok(());
    }
    let ids = store::images::show_thumbnails(conn, thumbnails).await?;
    let shown = store::shown::list(conn, &ids).await?;
    let said: Vec<_> = shown.iter().filter(|shown| shown.product.on_sale).map(events::thumbnail_made).collect();
    events::write_all(conn, &said).await?;
    Ok(())
}
