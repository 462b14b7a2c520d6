//! A line of a cart: a product as it was when the line was last written, and how much of it.

use chrono::{DateTime, Utc};
use commerce_types::{CartItemId, Money, ProductId, UserId};
use diesel::{HasQuery, Insertable};

use crate::domain::offer::Offer;
use crate::schema::cart_items;

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, HasQuery)]
#[diesel(table_name = cart_items)]
pub(crate) struct Line {
    pub(crate) id: CartItemId,
    pub(crate) user_id: UserId,
    pub(crate) product_id: ProductId,
    pub(crate) seller_id: UserId,
    pub(crate) product_name: String,
    pub(crate) product_image: Option<String>,
    pub(crate) product_price: Money,
    pub(crate) quantity: i32,
    pub(crate) created_at: DateTime<Utc>,
    /// By the database's clock.
    pub(crate) updated_at: DateTime<Utc>,
}

/// What a line is written from.
#[derive(Debug, Clone, PartialEq, Eq, Insertable)]
#[diesel(table_name = cart_items)]
pub(crate) struct NewLine {
    pub(crate) id: CartItemId,
    pub(crate) user_id: UserId,
    pub(crate) product_id: ProductId,
    pub(crate) seller_id: UserId,
    pub(crate) product_name: String,
    pub(crate) product_image: Option<String>,
    pub(crate) product_price: Money,
    pub(crate) quantity: i32,
}

/// What is known of a line's product at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Current<'a> {
    /// catalog is away.
    Unknown,
    /// Not on sale any more.
    Gone,
    OnSale(&'a Offer),
}

impl NewLine {
    pub(crate) fn new(id: CartItemId, user_id: UserId, offer: &Offer, quantity: i32) -> Self {
        Self {
            id,
            user_id,
            product_id: offer.product_id,
            seller_id: offer.seller_id,
            product_name: offer.name.clone(),
            product_image: offer.image.clone(),
            product_price: offer.price,
            quantity,
        }
    }
}

impl Line {
    /// What it was worth when it was last written.
    pub(crate) fn value(&self) -> Money {
        times(self.product_price, self.quantity)
    }

    /// What it is worth now: nothing when it cannot be bought any more.
    pub(crate) fn subtotal(&self, current: Current<'_>) -> Money {
        match current {
            Current::Unknown => self.value(),
            Current::Gone => Money::ZERO,
            Current::OnSale(offer) => times(offer.price, self.quantity),
        }
    }

    pub(crate) fn price_changed(&self, current: Current<'_>) -> bool {
        matches!(current, Current::OnSale(offer) if offer.price != self.product_price)
    }

    pub(crate) fn is_orderable(&self, current: Current<'_>) -> bool {
        matches!(current, Current::OnSale(offer)
            if offer.in_stock && (offer.min_order_quantity..=offer.available).contains(&self.quantity))
    }
}

/// The dearest price times the greatest quantity is still an amount; the table's constraints see to both.
fn times(price: Money, quantity: i32) -> Money {
    price.checked_mul(i64::from(quantity)).unwrap_or(Money::MAX)
}

#[cfg(test)]
pub(crate) mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::offer::tests::offer;

    pub(crate) fn line(offer: &Offer, quantity: i32) -> Line {
        let new = NewLine::new(Uuid::from_u128(1).into(), Uuid::from_u128(2).into(), offer, quantity);
        Line {
            id: new.id,
            user_id: new.user_id,
            product_id: new.product_id,
            seller_id: new.seller_id,
            product_name: new.product_name,
            product_image: new.product_image,
            product_price: new.product_price,
            quantity,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn figures_are_those_of_now() {
        let before = offer(10, 2);
        let line = line(&before, 3);
        let now = Offer { price: Money::from_centimes(100).unwrap(), ..before.clone() };
        assert!(line.price_changed(Current::OnSale(&now)) && !line.price_changed(Current::OnSale(&before)));
        assert_eq!(line.subtotal(Current::OnSale(&now)).centimes(), 300);
        assert_eq!(line.subtotal(Current::Gone), Money::ZERO);
        assert_eq!(line.subtotal(Current::Unknown).centimes(), 3_750_000);
    }

    #[test]
    fn a_line_is_orderable_within_minimum_and_stock() {
        let line = line(&offer(10, 2), 3);
        let orderable = |offer: &Offer| line.is_orderable(Current::OnSale(offer));
        assert!(orderable(&offer(3, 3)));
        assert!(!orderable(&offer(2, 1)));
        assert!(!orderable(&offer(10, 4)));
        assert!(!orderable(&Offer { in_stock: false, ..offer(10, 1) }));
        assert!(!line.is_orderable(Current::Gone) && !line.is_orderable(Current::Unknown));
    }

    #[test]
    fn the_dearest_line_is_an_amount() {
        let dear = Offer { price: Money::MAX_PRICE, ..offer(10_000_000, 1) };
        assert_eq!(line(&dear, 100_000).value().centimes(), 999_999_999_900_000);
    }
}
