//! What becomes of a cart when a guest's cart is merged into it: per product the larger of both quantities, cut to what
//! is available. So a merge may be repeated.

use std::collections::BTreeMap;

use commerce_types::ProductId;

use crate::domain::line::Line;
use crate::domain::offer::{Offer, QUANTITY_AT_MOST};

/// What a guest meant to buy, one quantity per product, in product order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted(BTreeMap<ProductId, i32>);

/// Why a product was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Skipped {
    NotOnSale,
    OutOfStock,
    BelowMinimum,
}

/// What is to be written, and what is not.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Merge<'a> {
    /// In product order, the order in which lines are locked everywhere.
    pub(crate) quantities: Vec<(&'a Offer, i32)>,
    pub(crate) skipped: Vec<(ProductId, Skipped)>,
}

impl Wanted {
    /// Lines of one product are added together: the app's cart may name it twice.
    pub(crate) fn new(lines: impl IntoIterator<Item = (ProductId, i32)>) -> Self {
        let mut quantities = BTreeMap::new();
        for (product_id, quantity) in lines {
            let sum: &mut i32 = quantities.entry(product_id).or_default();
            *sum = sum.saturating_add(quantity).min(QUANTITY_AT_MOST);
        }
        Self(quantities)
    }

    pub(crate) fn product_ids(&self) -> impl Iterator<Item = ProductId> {
        self.0.keys().copied()
    }

    /// Against the lines that are there and the products as they are now; a product without offer is not on sale.
    pub(crate) fn merge<'a>(&self, lines: &[Line], offer_of: impl Fn(ProductId) -> Option<&'a Offer>) -> Merge<'a> {
        let mut merge = Merge { quantities: Vec::new(), skipped: Vec::new() };
        for (product_id, wanted) in &self.0 {
            let had = lines.iter().find(|line| line.product_id == *product_id).map_or(0, |line| line.quantity);
            match offer_of(*product_id) {
                None => merge.skipped.push((*product_id, Skipped::NotOnSale)),
                Some(offer) => match larger(offer, had, *wanted) {
                    Ok(quantity) => merge.quantities.push((offer, quantity)),
                    Err(skipped) => merge.skipped.push((*product_id, skipped)),
                },
            }
        }
        merge
    }
}

fn larger(offer: &Offer, had: i32, wanted: i32) -> Result<i32, Skipped> {
    let quantity = had.max(wanted).min(offer.most());
    if offer.available == 0 || offer.available < offer.min_order_quantity {
        Err(Skipped::OutOfStock)
    } else if quantity < offer.min_order_quantity {
        Err(Skipped::BelowMinimum)
    } else {
        Ok(quantity)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::line::tests::line;
    use crate::domain::offer::tests::offer;

    fn merged(offer: Option<&Offer>, had: Option<i32>, wanted: i32) -> Result<i32, Skipped> {
        let product_id = Uuid::from_u128(7).into();
        let lines: Vec<Line> =
            had.map(|had| line(&crate::domain::offer::tests::offer(1, 1), had)).into_iter().collect();
        let merge = Wanted::new([(product_id, wanted)]).merge(&lines, |_| offer);
        match (&merge.quantities[..], &merge.skipped[..]) {
            ([(_, quantity)], []) => Ok(*quantity),
            ([], [(_, skipped)]) => Err(*skipped),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_larger_quantity_is_taken_and_cut_to_what_is_left() {
        let offer = offer(10, 2);
        assert_eq!(merged(Some(&offer), None, 4), Ok(4));
        assert_eq!(merged(Some(&offer), Some(6), 4), Ok(6));
        assert_eq!(merged(Some(&offer), Some(3), 40), Ok(10));
        assert_eq!(merged(Some(&offer), Some(40), 3), Ok(10));
    }

    #[test]
    fn what_cannot_be_bought_is_left_out() {
        assert_eq!(merged(None, Some(1), 1), Err(Skipped::NotOnSale));
        assert_eq!(merged(Some(&offer(0, 1)), None, 1), Err(Skipped::OutOfStock));
        assert_eq!(merged(Some(&offer(4, 5)), None, 6), Err(Skipped::OutOfStock));
        assert_eq!(merged(Some(&offer(10, 5)), None, 4), Err(Skipped::BelowMinimum));
        assert_eq!(merged(Some(&offer(10, 5)), Some(5), 4), Ok(5));
    }

    #[test]
    fn a_product_named_twice_is_added_up() {
        let (one, two) = (Uuid::from_u128(1).into(), Uuid::from_u128(2).into());
        let wanted = Wanted::new([(two, 1), (one, 99_999), (two, 2), (one, 99_999)]);
        assert_eq!(wanted, Wanted(BTreeMap::from([(one, 100_000), (two, 3)])));
        assert_eq!(wanted.product_ids().collect::<Vec<_>>(), [one, two]);
    }
}
