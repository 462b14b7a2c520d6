//! What catalog shows of ordering's stock.

use chrono::{DateTime, Utc};
use commerce_types::ProductId;
use diesel::{HasQuery, Insertable};

use crate::schema::shown_stock;

/// The most that can be bought of one product.
pub(crate) const MOST: i32 = 10_000_000;

/// The stock of a product as it is shown.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = shown_stock)]
pub(crate) struct ShownStock {
    pub(crate) product_id: ProductId,
    pub(crate) free: i32,
    pub(crate) switched_on: bool,
    /// There is some, and the seller has it on sale; the table works it out by itself.
    #[diesel(skip_insertion)]
    pub(crate) in_stock: bool,
    pub(crate) version: i64,
    pub(crate) updated_at: DateTime<Utc>,
}

/// What ordering has left of a product, and which change that was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StockLeft {
    pub(crate) product_id: ProductId,
    pub(crate) free: i32,
    pub(crate) switched_on: bool,
    /// One more with every change; the newer one wins.
    pub(crate) version: i64,
}

impl StockLeft {
    /// As it is shown from `at` on.
    pub(crate) fn shown(&self, at: DateTime<Utc>) -> ShownStock {
        ShownStock {
            product_id: self.product_id,
            free: self.free,
            switched_on: self.switched_on,
            in_stock: self.switched_on && self.free > 0,
            version: self.version,
            updated_at: at,
        }
    }
}

/// How what is shown stands to what ordering has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Freshness {
    Same,
    /// A newer version is on its way.
    Behind,
    /// What no delay explains.
    Wrong(String),
}

impl ShownStock {
    /// Holds what is shown against ordering's row, which was read after it.
    pub(crate) fn freshness(&self, truth: Option<&StockLeft>) -> Freshness {
        let Self { product_id, free, switched_on, version, .. } = self;
        let Some(truth) = truth else {
            return Freshness::Wrong(format!("product {product_id}: {free} on show, and ordering has no stock of it"));
        };
        if truth.version > *version {
            return Freshness::Behind;
        }
        if truth.version == *version && truth.free == *free && truth.switched_on == *switched_on {
            return Freshness::Same;
        }
        Freshness::Wrong(format!(
            "product {product_id}: {free} on show of version {version} (switched on: {switched_on}), ordering has {} of \
             version {} (switched on: {})",
            truth.free, truth.version, truth.switched_on
        ))
    }
}

/// The newest of each product, in product order: the order in which rows are locked everywhere.
pub(crate) fn newest(changes: impl IntoIterator<Item = StockLeft>) -> Vec<StockLeft> {
    let mut newest = std::collections::BTreeMap::<ProductId, StockLeft>::new();
    for change in changes {
        let kept = newest.entry(change.product_id).or_insert(change);
        if change.version > kept.version {
            *kept = change;
        }
    }
    newest.into_values().collect()
}

/// What a seller wants of the stock when writing the product: absent members are left alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct StockWish {
    pub(crate) stock: Option<i32>,
    pub(crate) in_stock: Option<bool>,
}

impl StockWish {
    pub(crate) fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// The switch: a stock sent alone puts the product back on sale.
    pub(crate) fn switched_on(self) -> Option<bool> {
        self.in_stock.or(self.stock.map(|_| true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(product: u128, version: i64) -> StockLeft {
        StockLeft { product_id: uuid::Uuid::from_u128(product).into(), free: 1, switched_on: true, version }
    }

    #[test]
    fn of_each_product_the_newest_is_kept_in_product_order() {
        let kept = newest([left(2, 3), left(1, 5), left(2, 4), left(1, 2)]);
        assert_eq!(kept, [left(1, 5), left(2, 4)]);
    }

    #[test]
    fn only_a_newer_version_excuses_a_difference() {
        let shown = left(1, 5).shown(DateTime::UNIX_EPOCH);
        let truth = left(1, 5);
        assert_eq!(shown.freshness(Some(&truth)), Freshness::Same);
        assert_eq!(shown.freshness(Some(&StockLeft { free: 9, version: 6, ..truth })), Freshness::Behind);
        for wrong in [
            Some(StockLeft { free: 9, ..truth }),
            Some(StockLeft { switched_on: false, ..truth }),
            Some(StockLeft { version: 4, ..truth }),
            None,
        ] {
            assert!(matches!(shown.freshness(wrong.as_ref()), Freshness::Wrong(_)), "{wrong:?}");
        }
    }

    #[test]
    fn stock_sent_alone_puts_back_on_sale() {
        assert_eq!(StockWish { stock: Some(0), in_stock: None }.switched_on(), Some(true));
        assert_eq!(StockWish { stock: Some(5), in_stock: Some(false) }.switched_on(), Some(false));
        assert_eq!(StockWish::default().switched_on(), None);
    }
}
