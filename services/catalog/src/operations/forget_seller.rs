//! An account was deleted: its products go as by their own deletion, and of itself nothing is left but its id.

use chrono::{DateTime, Utc};
use commerce_types::UserId;
use database::answers;
use diesel_async::AsyncPgConnection;

use crate::domain::seller::Seller;
use crate::error::Error;
use crate::{events, store};

/// In the caller's transaction. Also of an account that was never seen: no late event revives it.
pub(crate) async fn apply(conn: &mut AsyncPgConnection, id: UserId, now: DateTime<Utc>) -> Result<(), Error> {
    let gone = Seller::deleted(id, now);
    match store::sellers::lock(conn, &[id]).await?.pop() {
        Some(known) if known.deleted_at.is_some() => return Ok(()),
        Some(_) => store::sellers::update(conn, &gone).await?,
        None => {
            store::sellers::insert(conn, &gone).await?;
        }
    }
    answers::empty_for_owner(conn, id.into()).await?;

    let products = store::products::lock_all_of(conn, id).await?;
    let ids: Vec<_> = products.iter().map(|product| product.id).collect();
    let images = store::images::list_primary(conn, &ids).await?;
    store::products::delete_all_of(conn, id, now).await?;
    store::words::delete(conn, &ids).await?;
    let said: Vec<_> = products
        .iter()
        .map(|product| events::product_deleted(product, images.get(&product.id).map(String::as_str)))
        .collect();
    events::write_all(conn, &said).await?;
    Ok(())
}
