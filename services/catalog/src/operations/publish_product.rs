//! Publish a product: its stock is set at ordering first, then everything else is one transaction.
//!
//! Always true: no product without stock; one key makes one product, because its answer is a row of the product's own
//! transaction. An attempt that died between both leaves a stock row without a product, which nobody can see or buy.

use access_token::{Account, Refused};
use chrono::{DateTime, Utc};
use commerce_types::ProductId;
use database::answers::{self, Answer};
use diesel_async::AsyncPgConnection;
use protocol::ordering::v1::InitialStock;
use protocol::ordering::v1::change_stock_request::Change;

use crate::app::App;
use crate::domain::content::{Content, Problem};
use crate::domain::images::{ImagesWish, ProductImage};
use crate::domain::product::{Product, ProductStatus, ShownProduct};
use crate::domain::search::ProductWords;
use crate::domain::slug::slug;
use crate::domain::stock::{self, StockLeft};
use crate::error::{Error, waiting_for_twin};
use crate::operations::list_products::not_a_category;
use crate::operations::remember_seller::know_seller;
use crate::operations::show_thumbnails::Thumbnails;
use crate::operations::writing::reload;
use crate::ordering_client::StockChange;
use crate::reply::Written;
use crate::{events, store};

pub(crate) struct PublishProduct {
    pub(crate) content: Content,
    pub(crate) images: ImagesWish,
    pub(crate) stock: i32,
    /// The seller's switch.
    pub(crate) in_stock: bool,
    /// The caller's key and the hash of what it was sent with.
    pub(crate) key: Option<(String, Vec<u8>)>,
}

/// # Errors
/// [`Error::Invalid`], [`Error::KeyReused`], [`Error::KeyInProgress`], [`Error::Ordering`], [`Error::Caller`] for an
/// account that is deleted: nothing was published.
pub(crate) async fn publish_product(
    app: &App,
    account: &Account,
    token: &str,
    mut request: PublishProduct,
) -> Result<Written, Error> {
    let key = request.key.take().map(|(key, hash)| (format!("{}:publish_product:{key}", account.user_id), hash));
    let id: ProductId = app.ids.next();
    let now = app.clock.now();
    let mut images = checked(app, &mut request, id, now)?;
    {
        let mut conn = app.pool.get().await?;
        if let Some((key, body_hash)) = &key
            && let Some(answer) = answers::find(&mut conn, key).await?
        {
            return repeat(answer, body_hash);
        }
        if !store::categories::is_active(&mut *conn, &request.content.category).await? {
            return Err(not_a_category());
        }
    }
    know_seller(app, account).await?;
    let thumbnails = Thumbnails::of(app, &request.images).await;
    thumbnails.fill(&mut images);

    // No connection is held while ordering thinks.
    let open = InitialStock { stock: request.stock, switched_on: request.in_stock };
    let change = StockChange {
        product_id: id,
        seller_id: account.user_id,
        change: Change::Open(open),
        key: None,
        owner_only: true,
    };
    let stock = app.ordering.change_stock(change, token).await?.left;

    let product = Product {
        id,
        seller_id: account.user_id,
        slug: slug(&request.content.name, app.ids.secret()),
        content: request.content,
        rating_hundredths: None,
        viewers_count: 0,
        version: 1,
        created_at: now,
        updated_at: now,
        on_sale: false,
    };
    let written =
        database::transaction(&app.pool, async |conn| write(conn, &product, &images, &stock, key.as_ref()).await);
    let written = match written.await {
        // The transaction had committed although nobody heard it, and was run again: the product is ours.
        Err(Error::Database(database::Error::Query(error))) if is_repeated(&error) => {
            let mut conn = app.pool.get().await?;
            Written::new(&reload(&mut conn, &product).await?, &product.content.category)
        }
        written => written?,
    };
    app.waker.wake();
    thumbnails.follow(app).await;
    Ok(written)
}

/// # Errors
/// [`Error::Invalid`] names all that is wrong.
fn checked(
    app: &App,
    request: &mut PublishProduct,
    id: ProductId,
    now: DateTime<Utc>,
) -> Result<Vec<ProductImage>, Error> {
    let mut problems = request.content.check();
    if !(0..=stock::MOST).contains(&request.stock) {
        problems.push(Problem::new("stock", format!("must be 0 to {}", stock::MOST)));
    }
    match request.images.apply(id, &[], || app.ids.next(), now) {
        Ok(images) if problems.is_empty() => return Ok(images),
        Ok(_) => {}
        Err(problem) => problems.push(problem),
    }
    Err(Error::Invalid(problems))
}

async fn write(
    conn: &mut AsyncPgConnection,
    product: &Product,
    images: &[ProductImage],
    stock: &StockLeft,
    key: Option<&(String, Vec<u8>)>,
) -> Result<Written, Error> {
    // Held first: what becomes of the seller meanwhile waits, and then finds the product.
    let seller = store::sellers::hold(conn, product.seller_id).await?;
    let seller = seller.ok_or(Error::Missing("the seller just remembered"))?;
    if seller.deleted_at.is_some() {
        return Err(Refused::NoAccount.into());
    }
    if !store::categories::hold(conn, &product.content.category).await? {
        return Err(not_a_category());
    }
    let mut product = product.clone();
    product.on_sale = product.content.status == ProductStatus::Active && seller.may_sell;
    let shown = ShownProduct { stock: stock.shown(product.created_at), product, seller, images: images.to_vec() };
    let product = &shown.product;
    let written = Written::new(&shown, &product.content.category);

    if let Some((key, body_hash)) = key {
        let ours = Answer {
            key: key.clone(),
            owner_id: Some(product.seller_id.into()),
            body_hash: body_hash.clone(),
            answer: Some(written.encode()),
        };
        if !answers::insert(conn, &ours).await.map_err(waiting_for_twin)? {
            let first = answers::find(conn, key).await?.ok_or(Error::Missing("the answer of a twin"))?;
            return repeat(first, body_hash);
        }
    }
    store::products::insert(conn, product, shown.seller.may_sell).await?;
    store::images::insert(conn, images).await?;
    store::shown_stock::insert(conn, &shown.stock).await?;
    let content = &product.content;
    let words = ProductWords::new(&content.name, content.brand.as_deref(), content.description.as_deref());
    store::words::write(conn, product.id, &words).await?;
    if product.on_sale {
        ::events::write(conn, &[events::product_published(&shown)]).await?;
    }
    Ok(written)
}

fn repeat(answer: Answer, body_hash: &[u8]) -> Result<Written, Error> {
    let bytes = answer.repeat(body_hash).ok_or(Error::KeyReused)?;
    Written::repeated(&bytes)
}

fn is_repeated(error: &diesel::result::Error) -> bool {
    database::violated(error) == Some("products_pkey")
}
