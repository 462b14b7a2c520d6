//! Queries on `product_images`.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use commerce_types::{ImageId, ProductId, UploadId};
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::images::ProductImage;
use crate::schema::{linked_uploads, product_images, products};

pub(crate) async fn insert(conn: &mut AsyncPgConnection, images: &[ProductImage]) -> QueryResult<()> {
    if !images.is_empty() {
        diesel::insert_into(product_images::table).values(images).execute(conn).await?;
    }
    Ok(())
}

/// Makes `after` of what was `before`; the caller has locked the product.
pub(crate) async fn replace(
    conn: &mut AsyncPgConnection,
    before: &[ProductImage],
    after: &[ProductImage],
) -> QueryResult<()> {
    let kept = |id: ImageId| after.iter().any(|image| image.id == id);
    let gone: Vec<ImageId> = before.iter().map(|image| image.id).filter(|id| !kept(*id)).collect();
    if !gone.is_empty() {
        let rows = product_images::table.filter(product_images::id.eq_any(gone));
        diesel::delete(rows).execute(conn).await?;
    }
    // The old primary first: there is never a second one.
    let changed: Vec<&ProductImage> = after.iter().filter(|image| !before.contains(image)).collect();
    let known = |image: &&&ProductImage| before.iter().any(|old| old.id == image.id);
    let (mut old, new): (Vec<&ProductImage>, Vec<&ProductImage>) =
        (changed.iter().filter(known).copied().collect(), changed.iter().filter(|it| !known(it)).copied().collect());
    old.sort_by_key(|image| image.is_primary);
    for image in old {
        let fields = (
            product_images::is_primary.eq(image.is_primary),
            product_images::display_order.eq(image.display_order),
            product_images::thumbnail_url.eq(image.thumbnail_url.as_deref()),
        );
        diesel::update(product_images::table.find(image.id)).set(fields).execute(conn).await?;
    }
    if !new.is_empty() {
        diesel::insert_into(product_images::table).values(new).execute(conn).await?;
    }
    Ok(())
}

/// What became of an upload that was linked before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Linked {
    Shown,
    /// There was no room.
    Refused,
}

/// Links it, for good; or tells that it was linked before.
pub(crate) async fn link(
    conn: &mut AsyncPgConnection,
    upload_id: UploadId,
    refused: bool,
    now: DateTime<Utc>,
) -> QueryResult<Option<Linked>> {
    let row = (
        linked_uploads::upload_id.eq(upload_id),
        linked_uploads::linked_at.eq(now),
        linked_uploads::was_refused.eq(refused),
    );
    let inserted = diesel::insert_into(linked_uploads::table).values(row).on_conflict_do_nothing();
    if inserted.execute(conn).await? == 1 {
        return Ok(None);
    }
    let before = linked_uploads::table.find(upload_id).select(linked_uploads::was_refused);
    Ok(Some(if before.first(conn).await? { Linked::Refused } else { Linked::Shown }))
}

/// Those of these addresses that products show which are not deleted, as picture or as video.
pub(crate) async fn list_files_in_use(conn: &mut AsyncPgConnection, urls: &[String]) -> QueryResult<Vec<String>> {
    let pictures = product_images::table
        .inner_join(products::table)
        .filter(product_images::image_url.eq_any(urls))
        .filter(products::deleted_at.is_null())
        .select(product_images::image_url);
    let videos = products::table
        .filter(products::video_url.eq_any(urls))
        .filter(products::deleted_at.is_null())
        .select(products::video_url.assume_not_null());
    pictures.union(videos).load(conn).await
}

/// Shows these thumbnails of pictures that have none; answers the products.
pub(crate) async fn show_thumbnails(
    conn: &mut AsyncPgConnection,
    thumbnails: &HashMap<String, String>,
) -> QueryResult<Vec<ProductId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        product_id: ProductId,
    }
    let (urls, thumbnails): (Vec<&String>, Vec<&String>) = thumbnails.iter().unzip();
    let rows = statement(
        "WITH made AS (SELECT * FROM unnest(?, ?) AS made (image_url, thumbnail_url)) \
         UPDATE product_images SET thumbnail_url = made.thumbnail_url FROM made \
         WHERE product_images.image_url = made.image_url AND product_images.thumbnail_url IS NULL \
         RETURNING product_images.product_id",
    )
    .bind::<Array<Text>, _>(urls)
    .bind::<Array<Text>, _>(thumbnails);
    let mut ids: Vec<ProductId> = rows.load::<Row>(conn).await?.into_iter().map(|row| row.product_id).collect();
    ids.sort();
    ids.dedup();
    Ok(ids)
}

/// The primary image of each of the products; one without images is left out.
pub(crate) async fn list_primary(
    conn: &mut AsyncPgConnection,
    product_ids: &[ProductId],
) -> QueryResult<HashMap<ProductId, String>> {
    let primary = product_images::table.filter(product_images::product_id.eq_any(product_ids));
    let primary = primary.filter(product_images::is_primary);
    let rows = primary.select((product_images::product_id, product_images::image_url));
    Ok(rows.load(conn).await?.into_iter().collect())
}
