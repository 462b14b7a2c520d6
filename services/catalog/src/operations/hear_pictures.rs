//! Pictures that were sent have been made ready: those of products are shown there, once, and all get their thumbnails.

use std::collections::HashMap;

use diesel_async::AsyncPgConnection;

use crate::app::App;
use crate::domain::images::SentImage;
use crate::error::Error;
use crate::operations::link_image;
use crate::operations::show_thumbnails::show_thumbnails;
use crate::operations::writing::Drawn;

/// One that was made ready.
pub(crate) struct Picture {
    /// If it was sent for a product.
    pub(crate) sent: Option<SentImage>,
    pub(crate) url: String,
    pub(crate) thumbnail_url: String,
}

/// In the consumer's transaction. A product that is full or gone does not show its picture.
pub(crate) async fn hear_pictures(
    app: &App,
    conn: &mut AsyncPgConnection,
    pictures: Vec<Picture>,
) -> Result<(), Error> {
    let pairs = pictures.into_iter().map(|picture| (picture.sent, (picture.url, picture.thumbnail_url)));
    let (sent, thumbnails): (Vec<_>, HashMap<String, String>) = pairs.unzip();
    let mut sent: Vec<SentImage> = sent.into_iter().flatten().collect();
    // Products are locked in one order; those of one product keep theirs.
    sent.sort_by_key(|sent| sent.product_id);
    for sent in sent {
        match link_image::apply(conn, &sent, app.ids.next(), &Drawn::new(app)).await {
            Ok(_) | Err(Error::ProductNotFound) => {}
            Err(error) => return Err(error),
        }
    }
    show_thumbnails(conn, &thumbnails).await
}
