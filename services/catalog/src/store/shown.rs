//! Products with all that is shown of them: stock, seller and images.

use commerce_types::ProductId;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::images::ProductImage;
use crate::domain::product::{Product, ShownProduct};
use crate::domain::seller::Seller;
use crate::domain::stock::ShownStock;
use crate::schema::{product_images, products, sellers, shown_stock};

/// Not deleted, on sale or not.
pub(crate) async fn find(conn: &mut AsyncPgConnection, id: ProductId) -> QueryResult<Option<ShownProduct>> {
    Ok(list(conn, &[id]).await?.pop())
}

/// Not deleted, on sale or not.
pub(crate) async fn find_by_slug(conn: &mut AsyncPgConnection, slug: &str) -> QueryResult<Option<ShownProduct>> {
    let id: Option<ProductId> =
        products::table.filter(products::slug.eq(slug)).select(products::id).first(conn).await.optional()?;
    match id {
        Some(id) => find(conn, id).await,
        None => Ok(None),
    }
}

/// Those of `ids` that are not deleted, in their order; both statements in one round trip.
pub(crate) async fn list(conn: &mut AsyncPgConnection, ids: &[ProductId]) -> QueryResult<Vec<ShownProduct>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = products::table
        .inner_join(shown_stock::table)
        .inner_join(sellers::table)
        .filter(products::id.eq_any(ids))
        .filter(products::deleted_at.is_null())
        .select((Product::as_select(), ShownStock::as_select(), Seller::as_select()));
    let images = ProductImage::query().filter(product_images::product_id.eq_any(ids)).order((
        product_images::product_id,
        product_images::display_order,
        product_images::id,
    ));
    let conn = &*conn;
    let rows = rows.load::<(Product, ShownStock, Seller)>(&mut &*conn);
    let images = images.load::<ProductImage>(&mut &*conn);
    let (rows, images) = futures::try_join!(rows, images)?;
    Ok(assemble(ids, rows, images))
}

fn assemble(
    ids: &[ProductId],
    rows: Vec<(Product, ShownStock, Seller)>,
    images: Vec<ProductImage>,
) -> Vec<ShownProduct> {
    let mut shown: Vec<ShownProduct> = rows
        .into_iter()
        .map(|(product, stock, seller)| ShownProduct { product, stock, seller, images: Vec::new() })
        .collect();
    shown.sort_by_key(|one| one.product.id);
    for image in images {
        if let Ok(at) = shown.binary_search_by_key(&image.product_id, |one| one.product.id) {
            shown[at].images.push(image);
        }
    }
    let places: std::collections::HashMap<ProductId, usize> = ids.iter().copied().zip(0..).collect();
    shown.sort_by_key(|one| places.get(&one.product.id).copied());
    shown
}
