//! Change a product: ownership, fields and version are checked first, then stock is set at ordering, then the rest is
//! one transaction.

use access_token::Account;
use chrono::{DateTime, Utc};
use commerce_types::ProductId;
use diesel_async::AsyncPgConnection;
use protocol::ordering::v1::StockOverwrite;
use protocol::ordering::v1::change_stock_request::Change;

use crate::app::App;
use crate::domain::content::{ContentChanges, Problem};
use crate::domain::images::{ImagesWish, ProductImage};
use crate::domain::product::{Product, ShownProduct};
use crate::domain::search::ProductWords;
use crate::domain::stock::{self, ShownStock, StockLeft, StockWish};
use crate::error::Error;
use crate::operations::list_products::not_a_category;
use crate::operations::remember_seller::know_seller;
use crate::operations::show_stock;
use crate::operations::show_thumbnails::Thumbnails;
use crate::operations::writing::{Drawn, Who, announce_change, check_owner, check_version, reload};
use crate::ordering_client::StockChange;
use crate::reply::Written;
use crate::store;

pub(crate) struct ChangeProduct {
    pub(crate) id: ProductId,
    pub(crate) content: ContentChanges,
    pub(crate) images: ImagesWish,
    pub(crate) stock: StockWish,
    pub(crate) expected_version: Option<i64>,
    pub(crate) who: Who,
}

/// # Errors
/// [`Error::ProductNotFound`], [`Error::VersionConflict`], [`Error::Invalid`], [`Error::Ordering`]: nothing was
/// changed, but that another write between the check and the transaction can leave the stock set beside a conflict.
pub(crate) async fn change_product(
    app: &App,
    account: &Account,
    token: &str,
    request: &ChangeProduct,
) -> Result<Written, Error> {
    let before = check(app, account, request).await?;
    let seller_id = before.product.seller_id;
    if seller_id == account.user_id {
        know_seller(app, account).await?;
    }
    let stock = if request.stock.is_empty() {
        None
    } else {
        let overwrite = StockOverwrite { stock: request.stock.stock, switched_on: request.stock.switched_on() };
        let change = StockChange {
            product_id: request.id,
            seller_id,
            change: Change::Overwrite(overwrite),
            key: None,
            owner_only: request.who == Who::Owner,
        };
        Some(app.ordering.change_stock(change, token).await?.left)
    };

    let (drawn, thumbnails) = (Drawn::new(app), Thumbnails::of(app, &request.images).await);
    let stock = stock.as_ref().map(|left| (left, &before.stock));
    let written = database::transaction(&app.pool, async |conn| {
        write(app, conn, account, request, stock, (&drawn, &thumbnails)).await
    });
    let written = written.await?;
    app.waker.wake();
    thumbnails.follow(app).await;
    Ok(written)
}

/// Everything that can be refused before anything is touched.
async fn check(app: &App, account: &Account, request: &ChangeProduct) -> Result<ShownProduct, Error> {
    let mut conn = app.pool.get().await?;
    let shown = store::shown::find(&mut conn, request.id).await?.ok_or(Error::ProductNotFound)?;
    check_owner(account, &shown.product, request.who)?;
    check_version(&shown.product, request.expected_version)?;

    let mut content = shown.product.content.clone();
    request.content.clone().apply(&mut content);
    let mut problems = content.check();
    if request.stock.stock.is_some_and(|stock| !(0..=stock::MOST).contains(&stock)) {
        problems.push(Problem::new("stock", format!("must be 0 to {}", stock::MOST)));
    }
    let images = request.images.apply(request.id, &shown.images, || app.ids.next(), app.clock.now());
    problems.extend(images.err());
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    // A product keeps a category that is not offered any more.
    let kept = content.category == shown.product.content.category;
    if !kept && !store::categories::is_active(&mut *conn, &content.category).await? {
        return Err(not_a_category());
    }
    Ok(shown)
}

async fn write(
    app: &App,
    conn: &mut AsyncPgConnection,
    account: &Account,
    request: &ChangeProduct,
    stock: Option<(&StockLeft, &ShownStock)>,
    (drawn, thumbnails): (&Drawn, &Thumbnails),
) -> Result<Written, Error> {
    let now = drawn.now;
    // Stock before product, the order in which both are locked everywhere.
    if let Some((left, _)) = stock {
        show_stock::apply(conn, &[*left], now).await?;
    }
    let product = store::products::lock(conn, request.id).await?.ok_or(Error::ProductNotFound)?;
    let current = reload(conn, &product).await?;
    let category = current.product.content.category.clone();
    let may_be_ours = drawn.may_have_written(&product);
    let mut before = current.clone();
    if let Some((_, stock)) = stock {
        before.stock = stock.clone();
    }
    if request.content.is_empty() && request.images.is_empty() {
        announce_change(conn, account.user_id, drawn, &before, &current).await?;
        return Ok(Written::new(&current, &category));
    }
    let mut images = request.images.apply(request.id, &current.images, || app.ids.next(), now);
    if let Ok(images) = &mut images {
        thumbnails.fill(images);
    }
    let mut changed = product.clone();
    request.content.clone().apply(&mut changed.content);
    if may_be_ours && changed.content == product.content && images.as_ref() == Ok(&current.images) {
        return Ok(Written::new(&current, &category));
    }
    check_version(&product, request.expected_version)?;
    let new_category = request.content.category.as_ref().filter(|new| **new != category);
    if let Some(new) = new_category
        && !store::categories::hold(conn, new).await?
    {
        return Err(not_a_category());
    }
    let images = images?;
    let problems = changed.content.check();
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let after = rewrite(conn, &current, changed, images, now).await?;
    announce_change(conn, account.user_id, drawn, &before, &after).await?;
    Ok(Written::new(&after, &category))
}

/// Writes the next version of a locked product.
pub(crate) async fn rewrite(
    conn: &mut AsyncPgConnection,
    before: &ShownProduct,
    mut changed: Product,
    images: Vec<ProductImage>,
    now: DateTime<Utc>,
) -> Result<ShownProduct, Error> {
    changed.version += 1;
    changed.updated_at = now;
    let product = store::products::update(conn, &changed).await?;
    store::images::replace(conn, &before.images, &images).await?;
    let words = |product: &Product| {
        let content = &product.content;
        ProductWords::new(&content.name, content.brand.as_deref(), content.description.as_deref())
    };
    let new_words = words(&product);
    if new_words != words(&before.product) {
        store::words::write(conn, product.id, &new_words).await?;
    }
    Ok(ShownProduct { product, images, ..before.clone() })
}
