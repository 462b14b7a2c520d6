//! A product on sale, as it is now, and what a cart may want of it.

use commerce_types::{Money, ProductId, UserId};

/// Of one product in one cart.
pub(crate) const QUANTITY_AT_MOST: i32 = 100_000;

/// A product on sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) product_id: ProductId,
    pub(crate) seller_id: UserId,
    pub(crate) name: String,
    pub(crate) image: Option<String>,
    pub(crate) price: Money,
    /// Units that can be bought now; 0 while it is not in stock.
    pub(crate) available: i32,
    pub(crate) in_stock: bool,
    pub(crate) min_order_quantity: i32,
}

/// Why a quantity cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("the quantity is below the minimum")]
    BelowMinimum { product_id: ProductId, min_order_quantity: i32 },
    #[error("the product is short of stock")]
    OutOfStock { product_id: ProductId, available: i32 },
    #[error("the quantity is above what a line can hold")]
    AboveLimit,
}

impl Offer {
    /// The greatest quantity that a line may have.
    pub(crate) fn most(&self) -> i32 {
        self.available.min(QUANTITY_AT_MOST)
    }

    /// Whether a line may have `quantity`.
    ///
    /// # Errors
    /// [`Refused`] says what is wrong with it.
    pub(crate) fn check(&self, quantity: i32) -> Result<(), Refused> {
        let product_id = self.product_id;
        if quantity < self.min_order_quantity {
            Err(Refused::BelowMinimum { product_id, min_order_quantity: self.min_order_quantity })
        } else if quantity > self.available {
            Err(Refused::OutOfStock { product_id, available: self.available })
        } else if quantity > QUANTITY_AT_MOST {
            Err(Refused::AboveLimit)
        } else {
            Ok(())
        }
    }

    /// Whether no line of it can be worth more than its even share of the dearest cart: then nobody needs to add up.
    pub(crate) fn is_light(&self) -> bool {
        let dearest = self.price.centimes().checked_mul(i64::from(self.most()));
        dearest.is_some_and(|dearest| dearest <= Money::MAX.centimes() / super::cart::LINES_AT_MOST)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use uuid::Uuid;

    use super::*;

    pub(crate) fn offer(available: i32, min_order_quantity: i32) -> Offer {
        Offer {
            product_id: Uuid::from_u128(7).into(),
            seller_id: Uuid::from_u128(8).into(),
            name: "Tapis berbère".to_owned(),
            image: None,
            price: Money::from_centimes(1_250_000).unwrap(),
            available,
            in_stock: available > 0,
            min_order_quantity,
        }
    }

    #[test]
    fn a_quantity_lies_between_the_minimum_and_what_is_left() {
        let offer = offer(10, 3);
        let product_id = offer.product_id;
        assert_eq!(offer.check(2), Err(Refused::BelowMinimum { product_id, min_order_quantity: 3 }));
        assert_eq!((offer.check(3), offer.check(10)), (Ok(()), Ok(())));
        assert_eq!(offer.check(11), Err(Refused::OutOfStock { product_id, available: 10 }));
    }

    #[test]
    fn a_line_has_a_limit_of_its_own() {
        let offer = offer(10_000_000, 1);
        assert_eq!((offer.most(), offer.check(100_000)), (100_000, Ok(())));
        assert_eq!(offer.check(100_001), Err(Refused::AboveLimit));
    }

    #[test]
    fn what_could_make_a_cart_too_dear_is_not_light() {
        assert!(offer(1_000, 1).is_light());
        let dear = Offer { price: Money::MAX_PRICE, ..offer(10_000_000, 1) };
        assert!(!dear.is_light());
    }
}
