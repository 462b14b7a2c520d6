//! An order by its number and phone, for whoever has no account (`api.md` 10.1), and the wilayas (10.2).

use commerce_types::{Money, Phone};
use garde::Validate;
use protocol::convert::money;
use protocol::ordering::v1 as wire;
use serde::{Deserialize, Serialize};
use service_error::Reason;
use utoipa::ToSchema;

use super::call::Call;
use super::error::ApiError;
use super::reply::Reply;
use super::route::{Answer, Route};
use super::shapes::list::List;
use super::shapes::order::TrackedOrder;
use crate::rate_limit::{Rule, address};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(__path_track_order, track_order).for_anyone().with_query().never_kept().strictly(Rule::TrackOrder),
        Route::new(__path_list_wilayas, list_wilayas).public_for(300),
    ]
}

#[derive(Deserialize, Validate, Default, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct TrackQuery {
    /// As it stands on the receipt, in any case.
    #[garde(skip)]
    #[param(required = true)]
    order_number: Option<String>,
}

/// What became of an order
#[utoipa::path(get, path = "/api/v1/guest/orders/track/{phone}", tag = "orders",
    params(("phone" = String, Path, description = "Given with the order"), TrackQuery),
    responses(
        (status = 200, description = "Exactly one", body = List<TrackedOrder>),
        (status = 404, description = "`ORDER_NOT_FOUND`", body = super::error::ErrorBody<'static>),
    ))]
async fn track_order(call: Call) -> Answer {
    let query: TrackQuery = call.query()?;
    let Some(order_number) = query.order_number.filter(|number| !number.trim().is_empty()) else {
        return Err(ApiError::invalid("order_number", "is required: a phone alone lists no orders"));
    };
    let phone = call.param("phone").to_owned();
    let subject = address::subject(call.address);
    let attempt = call.app.misses.attempt(&plain_phone(&phone), &plain_number(&order_number), subject).await;
    let attempt = attempt.map_err(ApiError::rate_limited)?;
    let found = call.app.upstream.track_order(wire::TrackOrderRequest { phone, order_number }).await;
    let is_miss = found.as_ref().is_err_and(|error| error.reason == Reason::OrderNotFound);
    if !is_miss {
        call.app.misses.forget(attempt).await;
    }
    let order = TrackedOrder::try_from(found?)?;
    let page = protocol::types::v1::Page { number: 1, limit: 20 };
    Ok(Reply::ok(&List::new(vec![order], page, 1)))
}

/// The phone as misses are counted for it: in one form however it is typed.
fn plain_phone(text: &str) -> String {
    text.parse::<Phone>().map_or_else(|_| text.to_owned(), |phone| phone.as_str().to_owned())
}

/// The number as misses are counted for it: without case, spaces and look-alikes.
fn plain_number(text: &str) -> String {
    let plain = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase);
    plain
        .map(|c| match c {
            'I' | 'L' => '1',
            'O' => '0',
            c => c,
        })
        .collect()
}

#[derive(Serialize, ToSchema)]
struct Wilayas {
    data: Vec<Wilaya>,
}

#[derive(Serialize, ToSchema)]
struct Wilaya {
    code: i32,
    name: String,
    name_ar: String,
    #[schema(value_type = f64)]
    home_fee: Money,
    #[schema(value_type = f64)]
    office_fee: Money,
}

/// Where parcels go, and for how much
#[utoipa::path(get, path = "/api/v1/shipping/wilayas", tag = "orders",
    responses((status = 200, description = "All of them, by code", body = Wilayas)))]
async fn list_wilayas(call: Call) -> Answer {
    let answer = call.app.upstream.list_wilayas().await?;
    let wilaya = |wilaya: wire::Wilaya| {
        Ok(Wilaya {
            home_fee: money("home_fee", wilaya.home_fee.as_ref())?,
            office_fee: money("office_fee", wilaya.office_fee.as_ref())?,
            code: wilaya.code,
            name: wilaya.name,
            name_ar: wilaya.name_ar,
        })
    };
    let data = answer.wilayas.into_iter().map(wilaya).collect::<Result<_, ApiError>>()?;
    Ok(Reply::ok(&Wilayas { data }))
}
