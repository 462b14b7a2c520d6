//! What catalog says, and what it hears.

use std::collections::{BTreeSet, HashMap};

use ::events::{Event, Handler, HandlerError, Received, names};
use commerce_types::{Money, ProductId, UserId};
use diesel_async::AsyncPgConnection;
use protocol::catalog::v1 as wire;
use protocol::convert::{Malformed, parse, required};
use protocol::identity::v1::{UserChanged, UserDeleted, UserRegistered};
use protocol::media::v1::ImageReady;
use protocol::ordering::v1::StockChanged;
use protocol::types::v1::AdminAction;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::app::App;
use crate::domain::category::Category;
use crate::domain::product::{Product, ShownProduct};
use crate::domain::stock::StockLeft;
use crate::identity_client;
use crate::media_client::sent_image;
use crate::operations::hear_pictures::{Picture, hear_pictures};
use crate::operations::{forget_seller, remember_seller, show_stock};
use crate::store::shown_stock::Moved;

/// So many rows at a time: a statement has an end to its values.
const ROWS: usize = 1_000;

/// Writes any number of events.
pub(crate) async fn write_all(conn: &mut AsyncPgConnection, said: &[Event]) -> diesel::QueryResult<()> {
    for rows in said.chunks(ROWS) {
        ::events::write(conn, rows).await?;
    }
    Ok(())
}

fn fact(product: &Product, image_url: Option<&str>, in_stock: Option<bool>) -> wire::ProductFact {
    let content = &product.content;
    wire::ProductFact {
        id: product.id.to_string(),
        seller_id: product.seller_id.to_string(),
        slug: product.slug.clone(),
        name: content.name.clone(),
        price_centimes: content.price.centimes(),
        category: content.category.clone(),
        image_url: image_url.map(str::to_owned),
        version: product.version,
        original_price_centimes: content.original_price.map(Money::centimes),
        brand: content.brand.clone(),
        is_new: content.is_new,
        is_promo: content.is_promo,
        in_stock,
        updated_at_micros: product.updated_at.timestamp_micros(),
        video_url: content.video_url.clone(),
    }
}

pub(crate) fn product_published(shown: &ShownProduct) -> Event {
    published(&shown.product, shown.primary_image(), Some(shown.stock.in_stock))
}

pub(crate) fn came_on_sale(product: &Product, image_url: Option<&str>, in_stock: Option<bool>) -> Event {
    published(product, image_url, in_stock)
}

fn published(product: &Product, image_url: Option<&str>, in_stock: Option<bool>) -> Event {
    let payload = wire::ProductPublished { product: Some(fact(product, image_url, in_stock)) };
    Event::new(names::PRODUCT_PUBLISHED, product.id.into(), &payload)
}

pub(crate) fn went_off_sale(product: &Product, image_url: Option<&str>) -> Event {
    removed(product, image_url, wire::RemovalReason::OffSale)
}

pub(crate) fn product_deleted(product: &Product, image_url: Option<&str>) -> Event {
    removed(product, image_url, wire::RemovalReason::Deleted)
}

fn removed(product: &Product, image_url: Option<&str>, reason: wire::RemovalReason) -> Event {
    let payload = wire::ProductRemoved { product: Some(fact(product, image_url, None)), reason: reason.into() };
    Event::new(names::PRODUCT_REMOVED, product.id.into(), &payload)
}

/// What a change of content means outside; nothing while the product is not on sale before or after it.
pub(crate) fn product_moved(before: &ShownProduct, after: &ShownProduct) -> Option<Event> {
    let product = &after.product;
    if product.version == before.product.version {
        return None;
    }
    match (before.product.on_sale, product.on_sale) {
        (false, false) => None,
        (false, true) => Some(product_published(after)),
        // Caches drop by the category it was in.
        (true, false) => Some(went_off_sale(&before.product, before.primary_image())),
        (true, true) => Some(changed(after, &before.product.content.category)),
    }
}

/// One of its pictures has a thumbnail now; in the version that it had before.
pub(crate) fn thumbnail_made(shown: &ShownProduct) -> Event {
    changed(shown, &shown.product.content.category)
}

fn changed(after: &ShownProduct, category_before: &str) -> Event {
    let payload = wire::ProductChanged {
        product: Some(fact(&after.product, after.primary_image(), Some(after.stock.in_stock))),
        category_before: category_before.to_owned(),
    };
    Event::new(names::PRODUCT_CHANGED, after.product.id.into(), &payload)
}

/// What is told of products whose `in_stock` flipped while they were on sale.
pub(crate) fn flips(products: &[Product], images: &HashMap<ProductId, String>, moved: &[Moved]) -> Flips {
    let in_stock: HashMap<ProductId, bool> = moved.iter().map(|moved| (moved.product_id, moved.in_stock)).collect();
    let flip = |product: &Product| {
        let image = images.get(&product.id).map(String::as_str);
        (product.id, fact(product, image, in_stock.get(&product.id).copied()))
    };
    Flips(products.iter().map(flip).collect())
}

/// Of products on sale.
#[derive(Default)]
pub(crate) struct Flips(HashMap<ProductId, wire::ProductFact>);

/// One event for all that moved together; `first` is one of them.
pub(crate) fn stock_shown(first: ProductId, moved: &[Moved], mut flips: Flips) -> Event {
    let products = moved.iter().map(|moved| wire::Shown {
        product_id: moved.product_id.to_string(),
        slug: moved.slug.clone(),
        category: moved.category.clone(),
        seller_id: moved.seller_id.to_string(),
        stock: moved.free,
        in_stock: moved.in_stock,
        flipped: moved.flipped,
        stock_version: moved.version,
        product: flips.0.remove(&moved.product_id),
    });
    Event::new(names::STOCK_SHOWN, first.into(), &wire::StockShown { products: products.collect() })
}

/// A category was made, changed or deleted: a deleted one is not active.
pub(crate) fn category_changed(category: &Category) -> Event {
    let payload = wire::CategoryChanged { slug: category.slug.clone(), is_active: category.is_active };
    Event::new(names::CATEGORY_CHANGED, category.id.into(), &payload)
}

/// What an admin did to what is not theirs; `target` is its type and id.
pub(crate) fn admin_action(
    admin: UserId,
    action: &str,
    (target_type, target_id): (&str, Uuid),
    changes: &Value,
    request_id: &str,
) -> Event {
    let payload = AdminAction {
        actor_id: admin.to_string(),
        action: action.to_owned(),
        target_type: target_type.to_owned(),
        target_id: target_id.to_string(),
        changes: changes.to_string(),
        request_id: request_id.to_owned(),
    };
    Event::new(names::CATALOG_ADMIN_ACTION, target_id, &payload)
}

/// `{field: {from, to}}` of what differs.
pub(crate) fn differences(before: &ShownProduct, after: &ShownProduct) -> Value {
    differing(&fields(before), &fields(after))
}

/// The same of a category; none is one that is not there.
pub(crate) fn category_differences(before: Option<&Category>, after: Option<&Category>) -> Value {
    let fields = |category: Option<&Category>| match category.map(serde_json::to_value) {
        Some(Ok(Value::Object(mut fields))) => {
            // It is what the entry is about.
            fields.remove("id");
            fields
        }
        _ => Map::new(),
    };
    differing(&fields(before), &fields(after))
}

fn differing(from: &Map<String, Value>, to: &Map<String, Value>) -> Value {
    let names: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    let changed = names.into_iter().filter_map(|name| {
        let [from, to] = [from, to].map(|fields| fields.get(name).unwrap_or(&Value::Null));
        (from != to).then(|| (name.clone(), json!({ "from": from, "to": to })))
    });
    Value::Object(changed.collect())
}

fn fields(shown: &ShownProduct) -> Map<String, Value> {
    let mut fields = match serde_json::to_value(&shown.product.content) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let urls: Vec<&str> = shown.images.iter().map(|image| image.image_url.as_str()).collect();
    fields.insert("images".to_owned(), json!(urls));
    fields.insert("primary_image".to_owned(), json!(shown.primary_image()));
    fields.insert("stock".to_owned(), json!(shown.stock.free));
    fields.insert("in_stock".to_owned(), json!(shown.stock.in_stock));
    fields
}

/// What is done with what is heard.
pub(crate) struct Hears {
    app: App,
}

impl Hears {
    pub(crate) fn new(app: App) -> Self {
        Self { app }
    }
}

impl Handler for Hears {
    /// Accounts one by one in their order, all stock in one statement: the two have nothing to do with each other.
    async fn apply(&self, conn: &mut AsyncPgConnection, batch: &[Received]) -> Result<(), HandlerError> {
        let now = self.app.clock.now();
        let (mut stock, mut pictures) = (Vec::new(), Vec::new());
        for event in batch {
            match event.name.as_str() {
                names::USER_REGISTERED => remember(conn, event.decode::<UserRegistered>()?.account).await?,
                names::USER_CHANGED => remember(conn, event.decode::<UserChanged>()?.account).await?,
                names::USER_DELETED => {
                    let deleted: UserDeleted = event.decode()?;
                    forget_seller::apply(conn, parse("user_id", &deleted.user_id)?, now).await?;
                }
                names::STOCK_CHANGED => {
                    let changed: StockChanged = event.decode()?;
                    for left in changed.stock {
                        stock.push(StockLeft {
                            product_id: parse("product_id", &left.product_id)?,
                            free: left.free,
                            switched_on: left.switched_on,
                            version: left.version,
                        });
                    }
                }
                names::IMAGE_READY => pictures.push(picture(event.decode()?)?),
                _ => {}
            }
        }
        show_stock::apply(conn, &stock, now).await?;
        hear_pictures(&self.app, conn, pictures).await?;
        Ok(())
    }

    async fn committed(&self, _batch: &[Received]) {
        self.app.waker.wake();
    }
}

fn picture(ready: ImageReady) -> Result<Picture, Malformed> {
    let upload = required("upload", ready.upload)?;
    let url = required("url", upload.url.clone())?;
    let thumbnail_url = required("thumbnail_url", upload.thumbnail_url.clone())?;
    Ok(Picture { sent: sent_image(upload)?, url, thumbnail_url })
}

async fn remember(
    conn: &mut AsyncPgConnection,
    account: Option<protocol::identity::v1::AccountState>,
) -> Result<(), HandlerError> {
    let account = required("account", account)?;
    remember_seller::apply(conn, &identity_client::seller(&account)?).await?;
    Ok(())
}
