//! The caller's cart (`api.md` 8).

use commerce_types::{CartItemId, ProductId};
use garde::Validate;
use protocol::cart::v1 as wire;
use protocol::convert::required;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::Call;
use super::reply::Reply;
use super::route::{Answer, Route};
use super::shapes::cart::{Cart, CartItem, Summary};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(__path_show_cart, show_cart),
        Route::new(__path_clear_cart, clear_cart),
        Route::new(__path_count_cart, count_cart),
        Route::new(__path_add_item, add_item).with_body().with_key(),
        Route::new(__path_set_item, set_item).with_body(),
        Route::new(__path_remove_item, remove_item),
        Route::new(__path_merge_cart, merge_cart).with_body(),
    ]
}

/// The cart with current figures
#[utoipa::path(get, path = "/api/v1/cart", tag = "cart",
    responses((status = 200, description = "Newest line first", body = Cart)))]
async fn show_cart(call: Call) -> Answer {
    let cart = call.app.upstream.get_cart(call.account.as_ref()).await?;
    Ok(Reply::ok(&Cart::try_from(cart)?))
}

#[derive(Serialize, ToSchema)]
struct Count {
    /// Sum of the quantities.
    count: i64,
}

/// How many units it holds
#[utoipa::path(get, path = "/api/v1/cart/count", tag = "cart",
    responses((status = 200, description = "The number", body = Count)))]
async fn count_cart(call: Call) -> Answer {
    let answer = call.app.upstream.count_cart(call.account.as_ref()).await?;
    Ok(Reply::ok(&Count { count: answer.count }))
}

#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CartLine)]
struct Line {
    #[garde(skip)]
    #[schema(value_type = uuid::Uuid)]
    product_id: ProductId,
    #[garde(range(min = 1, max = 100_000))]
    #[schema(minimum = 1, maximum = 100_000)]
    quantity: i32,
}

#[derive(Serialize, ToSchema)]
struct ItemWritten {
    message: &'static str,
    item: CartItem,
}

/// Put a product into the cart, or more of it
#[utoipa::path(post, path = "/api/v1/cart/items", tag = "cart", request_body = Line, responses(
    (status = 201, description = "In it", body = ItemWritten),
    (status = 400, description = "`VALIDATION_ERROR`, `MIN_ORDER_QUANTITY`", body = super::error::ErrorBody<'static>),
    (status = 404, description = "`PRODUCT_NOT_FOUND`", body = super::error::ErrorBody<'static>),
    (status = 409, description = "`OUT_OF_STOCK`, `CART_FULL`, `IDEMPOTENCY_IN_PROGRESS`",
        body = super::error::ErrorBody<'static>),
))]
async fn add_item(call: Call) -> Answer {
    let line: Line = call.body()?;
    let key = call.key()?.map(Into::into);
    let message = wire::AddItemRequest { product_id: line.product_id.to_string(), quantity: line.quantity, key };
    let written = call.app.upstream.add_item(message, call.account.as_ref()).await?;
    let item = required("item", written.item)?.try_into()?;
    Ok(Reply::created(&ItemWritten { message: "The product is in the cart.", item }).replayed(written.replayed))
}

#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct Quantity {
    #[garde(range(min = 1, max = 100_000))]
    #[schema(minimum = 1, maximum = 100_000)]
    quantity: i32,
}

/// Set a line's quantity
#[utoipa::path(patch, path = "/api/v1/cart/items/{id}", tag = "cart", request_body = Quantity,
    params(("id" = uuid::Uuid, Path)), responses(
        (status = 200, description = "Set", body = ItemWritten),
        (status = 400, description = "`VALIDATION_ERROR`, `MIN_ORDER_QUANTITY`", body = super::error::ErrorBody<'static>),
        (status = 404, description = "`CART_ITEM_NOT_FOUND`, `PRODUCT_NOT_FOUND`", body = super::error::ErrorBody<'static>),
        (status = 409, description = "`OUT_OF_STOCK`", body = super::error::ErrorBody<'static>),
    ))]
async fn set_item(call: Call) -> Answer {
    let id: CartItemId = call.id("id")?;
    let Quantity { quantity } = call.body()?;
    let message = wire::SetItemRequest { id: id.to_string(), quantity };
    let written = call.app.upstream.set_item(message, call.account.as_ref()).await?;
    let item = required("item", written.item)?.try_into()?;
    Ok(Reply::done(&ItemWritten { message: "The quantity was set.", item }))
}

#[derive(Serialize, ToSchema)]
struct Removed {
    message: &'static str,
    id: String,
}

/// Take a line out
#[utoipa::path(delete, path = "/api/v1/cart/items/{id}", tag = "cart", params(("id" = uuid::Uuid, Path)), responses(
    (status = 200, description = "Out of it", body = Removed),
    (status = 404, description = "`CART_ITEM_NOT_FOUND`", body = super::error::ErrorBody<'static>),
))]
async fn remove_item(call: Call) -> Answer {
    let id: CartItemId = call.id("id")?;
    let message = wire::RemoveItemRequest { id: id.to_string() };
    let removed = call.app.upstream.remove_item(message, call.account.as_ref()).await?;
    Ok(Reply::done(&Removed { message: "The line was removed.", id: removed.id }))
}

#[derive(Serialize, ToSchema)]
struct Cleared {
    message: &'static str,
    items_removed: i64,
}

/// Empty the cart
#[utoipa::path(delete, path = "/api/v1/cart", tag = "cart",
    responses((status = 200, description = "Empty", body = Cleared)))]
async fn clear_cart(call: Call) -> Answer {
    let cleared = call.app.upstream.clear_cart(call.account.as_ref()).await?;
    Ok(Reply::done(&Cleared { message: "The cart is empty.", items_removed: cleared.items_removed }))
}

#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct Merge {
    #[garde(length(min = 1, max = 100), dive)]
    #[schema(min_items = 1, max_items = 100)]
    items: Vec<Line>,
}

#[derive(Serialize, ToSchema)]
struct Merged {
    message: &'static str,
    items: Vec<CartItem>,
    summary: Summary,
    skipped: Vec<Skipped>,
}

#[derive(Serialize, ToSchema)]
struct Skipped {
    product_id: String,
    /// `PRODUCT_NOT_FOUND`, `OUT_OF_STOCK` or `MIN_ORDER_QUANTITY`.
    code: String,
}

/// Bring a guest's cart along
#[utoipa::path(post, path = "/api/v1/cart/merge", tag = "cart", request_body = Merge, responses(
    (status = 200, description = "The larger of both quantities for each product", body = Merged),
    (status = 409, description = "`CART_FULL`: nothing was merged", body = super::error::ErrorBody<'static>),
))]
async fn merge_cart(call: Call) -> Answer {
    let Merge { items } = call.body()?;
    let line = |line: Line| wire::Line { product_id: line.product_id.to_string(), quantity: line.quantity };
    let message = wire::MergeCartRequest { lines: items.into_iter().map(line).collect() };
    let merged = call.app.upstream.merge_cart(message, call.account.as_ref()).await?;
    let Cart { items, summary } = required("cart", merged.cart)?.try_into()?;
    let skipped = merged.skipped.into_iter().map(|it| Skipped { product_id: it.product_id, code: it.code }).collect();
    Ok(Reply::done(&Merged { message: "The carts were merged.", items, summary, skipped }))
}
