//! Between the messages of the contract and what operations take and give.

pub(crate) mod browsing;

use std::str::FromStr;

use access_token::Account;
use commerce_types::{Folded, ImageId, ProductId, SellerCategory, UserId};
use protocol::catalog::v1 as wire;
use protocol::catalog::v1::change_stock_request::Change as WireChange;
use protocol::convert::{
    Malformed, choice, money, optional_choice, optional_money, optional_time, parse, parse_optional, required,
    timestamp,
};
use protocol::ordering::v1::GuardedStock;
use protocol::ordering::v1::change_stock_request::Change;
use protocol::types::v1 as types;
use protocol::types::v1::TextChange;

use crate::domain::content::{Content, ContentChanges};
use crate::domain::images::ImagesWish;
use crate::domain::listing::{Direction, Listing, OwnProducts, Page, ProductFilter, ProductSort, Scope};
use crate::domain::product::{ProductStatus, ShownProduct};
use crate::domain::seller::Seller;
use crate::domain::stock::{StockLeft, StockWish};
use crate::operations::change_image::{ChangeImage, Target};
use crate::operations::change_product::ChangeProduct;
use crate::operations::change_stock::{ChangeStock, Changed};
use crate::operations::get_product::By;
use crate::operations::publish_product::PublishProduct;
use crate::operations::writing::Who;
use crate::reply::{self, View};
use crate::store::offers::Offer;
use crate::store::products::ProductCounts;

/// Ids in one call at most.
const MOST_IDS: usize = 100;

protocol::wire_enum!(wire::ProductStatus, ProductStatus, { Draft, Active, Archived });
protocol::wire_enum!(wire::ProductSort, ProductSort, { CreatedAt, Price, Name, Rating, Relevance });
protocol::wire_enum!(types::SortOrder, Direction, { Ascending, Descending });
protocol::wire_enum!(wire::OwnProducts, OwnProducts, { All, Draft, Archived, Active, OutOfStock });

/// An enum number; zero stands for `default`.
fn choice_or<W, T>(field: &'static str, number: i32, default: T) -> Result<T, Malformed>
where
    W: TryFrom<i32>,
    T: TryFrom<W>,
{
    if number == 0 { Ok(default) } else { choice::<W, T>(field, number) }
}

pub(crate) fn ids<T: FromStr>(field: &'static str, texts: &[String]) -> Result<Vec<T>, Malformed> {
    if texts.len() > MOST_IDS {
        return Err(Malformed::Invalid(field));
    }
    texts.iter().map(|text| parse(field, text)).collect()
}

pub(crate) fn listing(request: wire::ListProductsRequest) -> Result<Listing, Malformed> {
    Ok(Listing {
        scope: Scope::OnSale,
        filter: filter(request.filter.unwrap_or_default())?,
        sort: choice_or::<wire::ProductSort, _>("sort", request.sort, ProductSort::CreatedAt)?,
        direction: choice_or::<types::SortOrder, _>("order", request.order, Direction::Descending)?,
        page: page_of(request.page)?,
    })
}

pub(crate) fn own_listing(request: wire::ListOwnProductsRequest, seller_id: UserId) -> Result<Listing, Malformed> {
    let own = choice_or::<wire::OwnProducts, _>("own", request.own, OwnProducts::All)?;
    Ok(Listing {
        scope: Scope::Own(seller_id, own),
        filter: ProductFilter { seller_id: None, ..filter(request.filter.unwrap_or_default())? },
        sort: choice_or::<wire::ProductSort, _>("sort", request.sort, ProductSort::CreatedAt)?,
        direction: choice_or::<types::SortOrder, _>("order", request.order, Direction::Descending)?,
        page: page_of(request.page)?,
    })
}

fn filter(filter: wire::ProductFilter) -> Result<ProductFilter, Malformed> {
    Ok(ProductFilter {
        search: filter.search,
        category: filter.category,
        seller_category: optional_choice::<types::SellerCategory, _>("seller_category", filter.seller_category)?,
        seller_id: parse_optional("seller_id", filter.seller_id.as_deref())?,
        brand: filter.brand.as_deref().map(Folded::new),
        min_price: optional_money("min_price", filter.min_price.as_ref())?,
        max_price: optional_money("max_price", filter.max_price.as_ref())?,
        in_stock: filter.in_stock,
    })
}

fn page_of(page: Option<types::Page>) -> Result<Page, Malformed> {
    let page = page.map_or(Page { number: 1, limit: 20 }, |page| Page { number: page.number, limit: page.limit });
    let within = (1..=10_000).contains(&page.number) && (1..=100).contains(&page.limit);
    if within { Ok(page) } else { Err(Malformed::Invalid("page")) }
}

pub(crate) fn page(products: &[ShownProduct], total: u64, view: View) -> wire::ListProductsResponse {
    let products = products.iter().map(|shown| reply::product(shown, view)).collect();
    wire::ListProductsResponse { products, total }
}

pub(crate) fn by(request: wire::GetProductRequest) -> Result<By, Malformed> {
    match required("by", request.by)? {
        wire::get_product_request::By::Id(id) => Ok(By::Id(parse("id", &id)?)),
        wire::get_product_request::By::Slug(slug) => Ok(By::Slug(slug)),
    }
}

fn key(key: Option<types::Key>) -> Option<(String, Vec<u8>)> {
    key.map(|key| (key.key, key.body_hash))
}

pub(crate) fn publish_product(
    account: &Account,
    request: wire::PublishProductRequest,
) -> Result<PublishProduct, Malformed> {
    let own = required("seller_category", account.seller_category)?;
    let seller_category = optional_choice::<types::SellerCategory, _>("seller_category", request.seller_category)?;
    let content = Content {
        name: request.name,
        price: money("price", request.price.as_ref())?,
        category: request.category,
        description: request.description,
        ingredients: request.ingredients,
        usage_instructions: request.usage_instructions,
        brand: request.brand,
        sku: request.sku,
        product_type: request.product_type,
        delivery_estimate: request.delivery_estimate,
        shipping_info: request.shipping_info,
        returns_info: request.returns_info,
        payment_info: request.payment_info,
        exclusive_offers: request.exclusive_offers,
        original_price: optional_money("original_price", request.original_price.as_ref())?,
        min_order_quantity: request.min_order_quantity.unwrap_or(1),
        seller_category: seller_category.unwrap_or(own),
        is_new: request.is_new,
        is_promo: request.is_promo,
        countdown_end_at: optional_time("countdown_end_at", request.countdown_end_at.as_ref())?,
        benefits: request.benefits,
        tags: request.tags,
        weight_grams: request.weight_grams,
        specifications: request.specifications,
        video_url: request.video_url,
        status: choice_or::<wire::ProductStatus, _>("status", request.status, ProductStatus::Active)?,
    };
    Ok(PublishProduct {
        content,
        images: ImagesWish { urls: Some(request.images), primary: Some(request.primary_image) },
        stock: request.stock,
        in_stock: request.in_stock.unwrap_or(true),
        key: key(request.key),
    })
}

pub(crate) fn change_product(request: wire::ChangeProductRequest) -> Result<ChangeProduct, Malformed> {
    let changes = required("changes", request.changes)?;
    let text = |change: Option<TextChange>| change.map(|change| change.value);
    let images = ImagesWish { urls: changes.images.map(|list| list.values), primary: text(changes.primary_image) };
    let stock = StockWish { stock: changes.stock, in_stock: changes.in_stock };
    let original_price = |change: wire::OptionalMoney| optional_money("original_price", change.value.as_ref());
    let countdown = |change: wire::OptionalTime| optional_time("countdown_end_at", change.value.as_ref());
    let content = ContentChanges {
        name: changes.name,
        price: optional_money("price", changes.price.as_ref())?,
        category: changes.category,
        description: text(changes.description),
        ingredients: text(changes.ingredients),
        usage_instructions: text(changes.usage_instructions),
        brand: text(changes.brand),
        sku: text(changes.sku),
        product_type: text(changes.product_type),
        delivery_estimate: text(changes.delivery_estimate),
        shipping_info: text(changes.shipping_info),
        returns_info: text(changes.returns_info),
        payment_info: text(changes.payment_info),
        exclusive_offers: text(changes.exclusive_offers),
        original_price: changes.original_price.map(original_price).transpose()?,
        min_order_quantity: changes.min_order_quantity,
        seller_category: optional_choice::<types::SellerCategory, SellerCategory>(
            "seller_category",
            changes.seller_category,
        )?,
        is_new: changes.is_new,
        is_promo: changes.is_promo,
        countdown_end_at: changes.countdown_end_at.map(countdown).transpose()?,
        benefits: changes.benefits.map(|list| list.values),
        tags: changes.tags.map(|list| list.values),
        weight_grams: changes.weight.map(|weight| weight.value),
        specifications: text(changes.specifications),
        video_url: text(changes.video_url),
        status: optional_choice::<wire::ProductStatus, _>("status", changes.status)?,
    };
    Ok(ChangeProduct {
        id: parse("id", &request.id)?,
        content,
        images,
        stock,
        expected_version: request.expected_version,
        who: if request.owner_only { Who::Owner } else { Who::OwnerOrAdmin },
    })
}

pub(crate) fn delete_product(request: &wire::DeleteProductRequest) -> Result<(ProductId, Option<i64>), Malformed> {
    Ok((parse("id", &request.id)?, request.expected_version))
}

pub(crate) fn change_image(request: &wire::ChangeImageRequest) -> Result<ChangeImage, Malformed> {
    Ok(ChangeImage {
        product_id: parse("product_id", &request.product_id)?,
        image_id: parse("image_id", &request.image_id)?,
        make_primary: request.make_primary,
        display_order: request.display_order,
        expected_version: request.expected_version,
    })
}

pub(crate) fn delete_image(request: &wire::DeleteImageRequest) -> Result<(Target, ImageId), Malformed> {
    let product_id = parse("product_id", &request.product_id)?;
    let target = Target { product_id, expected_version: request.expected_version };
    Ok((target, parse("image_id", &request.image_id)?))
}

pub(crate) fn change_stock(request: wire::ChangeStockRequest) -> Result<ChangeStock, Malformed> {
    let change = match required("change", request.change)? {
        WireChange::Set(set) => Change::Set(GuardedStock { stock: set.stock, expected_version: set.expected_version }),
        WireChange::Delta(delta) => Change::Delta(delta),
    };
    Ok(ChangeStock { product_id: parse("product_id", &request.product_id)?, change, key: request.key })
}

pub(crate) fn stock_changed(changed: Changed) -> wire::ChangeStockResponse {
    let Changed { answer, flipped, category, seller_id } = changed;
    let shown = answer.left.shown(answer.updated_at);
    wire::ChangeStockResponse {
        product_id: shown.product_id.to_string(),
        stock: shown.free,
        in_stock: shown.in_stock,
        stock_version: shown.version,
        updated_at: Some(timestamp(shown.updated_at)),
        replayed: answer.replayed,
        flipped,
        category,
        seller_id: seller_id.to_string(),
    }
}

pub(crate) fn view(request: wire::ViewProductRequest) -> Result<(ProductId, String), Malformed> {
    // Part of a key: what the gateway makes is far shorter.
    if request.viewer.is_empty() || request.viewer.len() > 128 {
        return Err(Malformed::Invalid("viewer"));
    }
    Ok((parse("id", &request.id)?, request.viewer))
}

pub(crate) fn counts(counts: Vec<(UserId, i64)>) -> wire::CountProductsResponse {
    let count = |(seller_id, products): (UserId, i64)| wire::SellerCount { seller_id: seller_id.to_string(), products };
    wire::CountProductsResponse { counts: counts.into_iter().map(count).collect() }
}

pub(crate) fn product_counts(counts: ProductCounts) -> wire::ProductCounts {
    let ProductCounts { total, active, out_of_stock } = counts;
    wire::ProductCounts { total, active, out_of_stock }
}

pub(crate) fn offers(offers: Vec<(Offer, Seller, Option<String>)>) -> wire::ListOffersResponse {
    let offers = offers.into_iter().map(|(offer, seller, image_url)| wire::Offer {
        product_id: offer.id.to_string(),
        seller: Some(reply::public_user(&seller)),
        name: offer.name,
        image_url,
        price: Some(offer.price.into()),
        min_order_quantity: offer.min_order_quantity,
    });
    wire::ListOffersResponse { offers: offers.collect() }
}

pub(crate) fn stock_left(request: wire::ShowStockRequest) -> Result<Vec<StockLeft>, Malformed> {
    let left = |shown: wire::ShownStock| {
        Ok(StockLeft {
            product_id: parse("product_id", &shown.product_id)?,
            free: shown.free,
            switched_on: shown.switched_on,
            version: shown.version,
        })
    };
    request.stock.into_iter().map(left).collect()
}
