//! Requests of the wire as orders to operations, and answers back. Times and money are of `protocol`, whole orders of
//! [`crate::reply`].

use access_token::Caller;
use commerce_types::{ProductId, UserId};
use protocol::convert::{Malformed, choice, optional_money, optional_time, parse, parse_optional, required};
use protocol::ordering::v1 as wire;
use protocol::types::v1 as types;
use tonic::Status;

use crate::domain::buyer::{self, ContactText, Delivery, Offence};
use crate::domain::checkout::Basket;
use crate::domain::figures::OrderSums;
use crate::domain::order::{DeliveryType, OrderKind, OrderStatus, PaymentMethod, PaymentStatus, ShownOrder};
use crate::domain::order_list::Filter;
use crate::domain::stock::{Stock, StockChange, StockRefused};
use crate::domain::wilaya::Wilaya;
use crate::error::Error;
use crate::operations::Key;
use crate::operations::change_stock::ChangeStock;
use crate::operations::list_orders::Page;
use crate::operations::move_order::MoveOrder;
use crate::operations::place_order::{PlaceOrder, Placed};
use crate::operations::take_step::Moved;
use crate::reply;
use crate::store::figures::SalesFigures;

/// Every field that is wrong is named at once.
pub(super) fn place_order(
    caller: Caller,
    token: String,
    request: wire::PlaceOrderRequest,
) -> Result<PlaceOrder, Status> {
    if matches!(caller, Caller::Service { .. }) {
        return Err(access_token::Refused::Forbidden.into());
    }
    let text = ContactText {
        name: &request.customer_name,
        email: request.customer_email.as_deref(),
        phone: &request.customer_phone,
        commune: request.customer_commune.as_deref(),
        address: &request.shipping_address,
        notes: request.notes.as_deref(),
    };
    let lines: Result<Vec<(ProductId, i32)>, Malformed> =
        request.lines.iter().map(|line| Ok((parse("product_id", &line.product_id)?, line.quantity))).collect();
    let (contact, basket) = (text.check(), Basket::new(&lines?));
    let ((contact, phone), basket) = both(contact, basket)?;
    let delivery = Delivery {
        contact,
        phone,
        wilaya: request.customer_wilaya,
        delivery_type: optional::<wire::DeliveryType, _>("delivery_type", request.delivery_type)?
            .unwrap_or(DeliveryType::Home),
        payment_method: choice::<wire::PaymentMethod, PaymentMethod>("payment_method", request.payment_method)?,
    };
    // A guest's key is that of its phone, so that no stranger's answer can be fetched with a guessed key.
    let scope = caller.user_id().map_or_else(|| String::from(delivery.phone.clone()), String::from);
    Ok(PlaceOrder {
        caller,
        token,
        basket,
        delivery,
        expected_total: optional_money("expected_total", request.expected_total.as_ref())?,
        key: request.key.map(|sent| key(&scope, "place_order", sent)),
    })
}

fn both<A, B>(a: Result<A, Vec<Offence>>, b: Result<B, Vec<Offence>>) -> Result<(A, B), Error> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(mut offences), Err(more)) => {
            offences.extend(more);
            Err(Error::Invalid(offences))
        }
        (Err(offences), Ok(_)) | (Ok(_), Err(offences)) => Err(Error::Invalid(offences)),
    }
}

fn key(scope: &str, operation: &str, sent: types::Key) -> Key {
    Key { key: format!("{scope}/{operation}/{}", sent.key), body_hash: sent.body_hash }
}

pub(super) fn placed(placed: Placed) -> wire::PlaceOrderResponse {
    wire::PlaceOrderResponse {
        checkout: placed.answer,
        replayed: placed.replayed,
        tracking_token: placed.tracking_token,
        flipped_product_ids: placed.flipped.iter().map(ToString::to_string).collect(),
    }
}

pub(super) fn moved(moved: Moved) -> wire::OrderMoved {
    wire::OrderMoved {
        order: Some(reply::order(moved.shown)),
        flipped_product_ids: moved.flipped.iter().map(ToString::to_string).collect(),
    }
}

pub(super) fn orders(orders: Vec<ShownOrder>, total: i64) -> wire::ListOrdersResponse {
    wire::ListOrdersResponse { orders: orders.into_iter().map(reply::order).collect(), total: total.unsigned_abs() }
}

pub(super) fn list_orders(user_id: UserId, request: &wire::ListOrdersRequest) -> Result<(Filter, Page), Status> {
    let status = optional::<wire::OrderStatus, OrderStatus>("status", request.status)?;
    Ok((Filter { status, ..Filter::of_buyer(user_id) }, page(request.page)?))
}

pub(super) fn list_seller_orders(
    seller_id: UserId,
    request: &wire::ListSellerOrdersRequest,
) -> Result<(Filter, Page), Status> {
    let filter = Filter {
        status: optional::<wire::OrderStatus, OrderStatus>("status", request.status)?,
        kind: optional::<wire::OrderKind, OrderKind>("kind", request.kind)?,
        ..Filter::of_seller(seller_id)
    };
    let filter = filter
        .between(request.from_date.as_deref(), request.to_date.as_deref())
        .and_then(|filter| filter.found_by(request.search.as_deref()))
        .map_err(Error::from)?;
    Ok((filter, page(request.page)?))
}

pub(super) fn list_all_orders(request: &wire::ListAllOrdersRequest) -> Result<(Filter, Page), Status> {
    let filter = Filter {
        user_id: parse_optional("user_id", request.user_id.as_deref())?,
        seller_id: parse_optional("seller_id", request.seller_id.as_deref())?,
        status: optional::<wire::OrderStatus, OrderStatus>("status", request.status)?,
        payment_status: optional::<wire::PaymentStatus, PaymentStatus>("payment_status", request.payment_status)?,
        kind: optional::<wire::OrderKind, OrderKind>("kind", request.kind)?,
        ..Filter::of_everybody()
    };
    let filter = filter
        .between(request.from_date.as_deref(), request.to_date.as_deref())
        .and_then(|filter| filter.found_by(request.search.as_deref()))
        .map_err(Error::from)?;
    Ok((filter, page(request.page)?))
}

/// Unspecified is absent.
fn optional<W, T>(field: &'static str, number: i32) -> Result<Option<T>, Malformed>
where
    W: TryFrom<i32>,
    T: TryFrom<W>,
{
    (number != 0).then(|| choice::<W, T>(field, number)).transpose()
}

fn page(page: Option<types::Page>) -> Result<Page, Malformed> {
    let page = required("page", page)?;
    if page.number == 0 || !(1..=100).contains(&page.limit) {
        return Err(Malformed::Invalid("page"));
    }
    let limit = i64::from(page.limit);
    Ok(Page { limit, offset: (i64::from(page.number) - 1) * limit })
}

pub(super) fn move_order(request: &wire::MoveOrderRequest) -> Result<MoveOrder, Status> {
    Ok(MoveOrder {
        id: parse("id", &request.id)?,
        to: choice::<wire::OrderStatus, OrderStatus>("status", request.status)?,
        tracking_number: buyer::tracking_number(request.tracking_number.as_deref()).map_err(Error::from)?,
        delivery_at: optional_time("delivery_at", request.delivery_at.as_ref())?,
        note: buyer::note(request.note.as_deref()).map_err(Error::from)?,
    })
}

/// Ownership is looked at once more against the row; somebody else's product is not there.
pub(super) fn change_stock(caller: &Caller, request: wire::ChangeStockRequest) -> Result<ChangeStock, Status> {
    let account = caller.require_account()?;
    let product_id = parse("product_id", &request.product_id)?;
    let seller_id: UserId = parse("seller_id", &request.seller_id)?;
    let is_admin = account.is_admin() && !request.owner_only;
    if account.user_id != seller_id && !is_admin {
        return Err(Error::Stock { product_id, refused: StockRefused::NotFound }.into());
    }
    let change = match required("change", request.change)? {
        wire::change_stock_request::Change::Open(open) => {
            StockChange::Open { stock: open.stock, switched_on: open.switched_on }
        }
        wire::change_stock_request::Change::Set(set) => {
            StockChange::Set { stock: set.stock, expected_version: set.expected_version }
        }
        wire::change_stock_request::Change::Overwrite(over) => {
            StockChange::Overwrite { stock: over.stock, switched_on: over.switched_on }
        }
        wire::change_stock_request::Change::Delta(delta) => StockChange::Move { delta },
    };
    let scope = account.user_id.to_string();
    Ok(ChangeStock {
        product_id,
        seller_id,
        change,
        key: request.key.map(|sent| key(&scope, "change_stock", sent)),
        caller_id: Some(account.user_id),
    })
}

pub(super) fn product_ids(ids: &[String], at_most: usize) -> Result<Vec<ProductId>, Malformed> {
    if ids.len() > at_most {
        return Err(Malformed::Invalid("product_ids"));
    }
    ids.iter().map(|id| parse("product_ids", id)).collect()
}

pub(super) fn wilaya(wilaya: Wilaya) -> wire::Wilaya {
    wire::Wilaya {
        code: wilaya.code,
        name: wilaya.name,
        name_ar: wilaya.name_ar,
        home_fee: Some(wilaya.home_fee.into()),
        office_fee: Some(wilaya.office_fee.into()),
    }
}

pub(super) fn figures(figures: SalesFigures) -> wire::SalesFigures {
    wire::SalesFigures {
        product_id: figures.product_id.to_string(),
        orders: figures.orders,
        revenue: Some(figures.revenue.into()),
    }
}

pub(super) fn stock(stock: &Stock) -> wire::StockRow {
    wire::StockRow {
        product_id: stock.product_id.to_string(),
        free: stock.free,
        switched_on: stock.switched_on,
        version: stock.version,
    }
}

pub(super) fn sums(sums: &OrderSums) -> wire::OrderSums {
    let orders = |status| sums.orders(status);
    wire::OrderSums {
        pending: orders(OrderStatus::Pending),
        confirmed: orders(OrderStatus::Confirmed),
        processing: orders(OrderStatus::Processing),
        shipped: orders(OrderStatus::Shipped),
        delivered: orders(OrderStatus::Delivered),
        cancelled: orders(OrderStatus::Cancelled),
        returned: orders(OrderStatus::Returned),
        revenue: Some(sums.revenue().into()),
        recent_revenue: Some(sums.recent_revenue().into()),
        average_sale: Some(sums.average_sale().into()),
    }
}
