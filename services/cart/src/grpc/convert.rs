//! Between the wire and the domain.

use commerce_types::UserId;
use protocol::cart::v1 as wire;
use protocol::convert::{Malformed, parse};
use service_error::Reason;

use crate::domain::merge::{Skipped, Wanted};
use crate::domain::offer::QUANTITY_AT_MOST;
use crate::operations::add_item::AddItem;
use crate::operations::merge_cart::Merged;

/// Of a guest's cart.
const LINES_AT_MOST: usize = 100;

pub(super) fn quantity(quantity: i32) -> Result<i32, Malformed> {
    if (1..=QUANTITY_AT_MOST).contains(&quantity) { Ok(quantity) } else { Err(Malformed::Invalid("quantity")) }
}

pub(super) fn add_item(user_id: UserId, request: wire::AddItemRequest) -> Result<AddItem, Malformed> {
    Ok(AddItem {
        user_id,
        product_id: parse("product_id", &request.product_id)?,
        quantity: quantity(request.quantity)?,
        key: request.key.map(|key| (key.key, key.body_hash)),
    })
}

pub(super) fn wanted(request: wire::MergeCartRequest) -> Result<Wanted, Malformed> {
    if !(1..=LINES_AT_MOST).contains(&request.lines.len()) {
        return Err(Malformed::Invalid("lines"));
    }
    let line = |line: wire::Line| Ok((parse("product_id", &line.product_id)?, quantity(line.quantity)?));
    Ok(Wanted::new(request.lines.into_iter().map(line).collect::<Result<Vec<_>, Malformed>>()?))
}

pub(super) fn merged(merged: Merged) -> wire::MergeCartResponse {
    let skipped = merged.skipped.into_iter().map(|(product_id, skipped)| wire::Skipped {
        product_id: product_id.to_string(),
        code: reason(skipped).to_string(),
    });
    wire::MergeCartResponse { cart: Some(merged.cart), skipped: skipped.collect() }
}

fn reason(skipped: Skipped) -> Reason {
    match skipped {
        Skipped::NotOnSale => Reason::ProductNotFound,
        Skipped::OutOfStock => Reason::OutOfStock,
        Skipped::BelowMinimum => Reason::MinOrderQuantity,
    }
}
