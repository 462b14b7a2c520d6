//! Delete a product for good. Soft: orders and carts that name it go on, nobody else sees it again.

use std::sync::atomic::{AtomicBool, Ordering};

use access_token::Account;
use commerce_types::ProductId;
use diesel_async::AsyncPgConnection;
use serde_json::json;

use crate::app::App;
use crate::domain::product::ShownProduct;
use crate::error::Error;
use crate::operations::writing::{Who, check_owner, check_version, reload, request_id};
use crate::reply::Written;
use crate::{events, store};

/// The product as it was.
///
/// # Errors
/// [`Error::ProductNotFound`], a second time too; [`Error::VersionConflict`].
pub(crate) async fn delete_product(
    app: &App,
    account: &Account,
    id: ProductId,
    expected_version: Option<i64>,
) -> Result<Written, Error> {
    let found = {
        let mut conn = app.pool.get().await?;
        store::shown::find(&mut conn, id).await?.ok_or(Error::ProductNotFound)?
    };
    let now = app.clock.now();
    let tried = AtomicBool::new(false);
    let was = database::transaction(&app.pool, async |conn| {
        let again = tried.swap(true, Ordering::Relaxed);
        let Some(product) = store::products::lock(conn, id).await? else {
            // Run again because nobody heard the commit: it is gone by our own doing.
            return if again { Ok(found.clone()) } else { Err(Error::ProductNotFound) };
        };
        check_owner(account, &product, Who::OwnerOrAdmin)?;
        check_version(&product, expected_version)?;
        let was = reload(conn, &product).await?;
        store::products::delete(conn, id, now).await?;
        store::words::delete(conn, &[id]).await?;
        announce(conn, account, &was).await?;
        Ok(was)
    });
    let was = was.await?;
    app.waker.wake();
    Ok(Written::new(&was, &was.product.content.category))
}

async fn announce(conn: &mut AsyncPgConnection, account: &Account, was: &ShownProduct) -> Result<(), Error> {
    let mut said = vec![events::product_deleted(&was.product, was.primary_image())];
    if account.user_id != was.product.seller_id {
        let changes = json!({ "deleted": { "from": false, "to": true } });
        let target = ("product", was.product.id.into());
        said.push(events::admin_action(account.user_id, "product.deleted", target, &changes, &request_id()));
    }
    Ok(::events::write(conn, &said).await?)
}
