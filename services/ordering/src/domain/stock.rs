//! What can be bought of a product, and what may become of it.
//!
//! Always true: `free` is never below zero, and every change is one version and one row of the ledger.

use chrono::{DateTime, Utc};
use commerce_types::{OrderId, ProductId, UserId, text_enum};
use diesel::HasQuery;
use uuid::Uuid;

use crate::schema::stock;

/// The most a seller may say there is.
pub(crate) const MAX_STOCK: i32 = 10_000_000;

/// What is left of a product.
#[derive(Debug, Clone, PartialEq, Eq, HasQuery)]
#[diesel(table_name = stock)]
pub(crate) struct Stock {
    pub(crate) product_id: ProductId,
    pub(crate) seller_id: UserId,
    pub(crate) free: i32,
    /// The seller's switch.
    pub(crate) switched_on: bool,
    /// Grows by one with every change.
    pub(crate) version: i64,
    pub(crate) updated_at: DateTime<Utc>,
}

text_enum! {
    /// Why stock moved.
    pub(crate) enum Reason {
        Open = "open",
        Set = "set",
        Move = "move",
        Sale = "sale",
        Return = "return",
    }
}

/// A change that was decided on a locked row: its ledger entry and what it leaves.
#[derive(Debug, Clone)]
pub(crate) struct Movement {
    pub(crate) left: Stock,
    pub(crate) delta: i32,
    pub(crate) reason: Reason,
    pub(crate) order_id: Option<OrderId>,
    /// Of a seller's change: by this it is recognised when its commit was not answered.
    pub(crate) change_id: Option<Uuid>,
    /// Buyers can have it now and could not before, or the other way round.
    pub(crate) flipped: bool,
}

/// What a seller does to stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StockChange {
    /// The first stock of a new product; a repetition changes nothing.
    Open { stock: i32, switched_on: bool },
    /// Guarded by the version it is based on; puts back on sale.
    Set { stock: i32, expected_version: i64 },
    /// Last write wins; a number alone puts back on sale.
    Overwrite { stock: Option<i32>, switched_on: Option<bool> },
    /// Added at the moment of the write; leaves the switch alone.
    Move { delta: i32 },
}

/// Why a seller's change was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StockRefused {
    #[error("the stock is out of its limits")]
    OutOfLimits { field: &'static str },
    #[error("there is no such stock")]
    NotFound,
    #[error("the stock was changed since")]
    VersionConflict { current_version: i64, stock: i32 },
    #[error("there is less than is to be taken away")]
    TooLittle { available: i32 },
}

impl Stock {
    /// What a buyer can have.
    pub(crate) fn available(&self) -> i32 {
        if self.switched_on { self.free } else { 0 }
    }

    /// Whether a buyer can have any.
    pub(crate) fn in_stock(&self) -> bool {
        self.available() > 0
    }

    /// Takes what was sold, from a row that is locked and was found sufficient.
    pub(crate) fn sell(&self, quantity: i32, order_id: OrderId, now: DateTime<Utc>) -> Movement {
        Movement { order_id: Some(order_id), ..self.moved(-quantity, self.switched_on, Reason::Sale, now) }
    }

    /// Takes back what an order does not need any more; the seller's switch stays as it is.
    pub(crate) fn give_back(&self, quantity: i32, order_id: OrderId, now: DateTime<Utc>) -> Movement {
        Movement { order_id: Some(order_id), ..self.moved(quantity, self.switched_on, Reason::Return, now) }
    }

    fn moved(&self, delta: i32, switched_on: bool, reason: Reason, now: DateTime<Utc>) -> Movement {
        let left = Self {
            free: self.free.saturating_add(delta),
            switched_on,
            version: self.version + 1,
            updated_at: now,
            ..self.clone()
        };
        let flipped = left.in_stock() != self.in_stock();
        Movement { left, delta, reason, order_id: None, change_id: None, flipped }
    }
}

impl StockChange {
    /// Whether the change is possible on any row at all.
    ///
    /// # Errors
    /// [`StockRefused::OutOfLimits`].
    pub(crate) fn check(self) -> Result<Self, StockRefused> {
        let (field, good) = match self {
            Self::Open { stock, .. } | Self::Set { stock, .. } => ("stock", (0..=MAX_STOCK).contains(&stock)),
            Self::Overwrite { stock: Some(stock), .. } => ("stock", (0..=MAX_STOCK).contains(&stock)),
            Self::Overwrite { stock: None, switched_on } => ("in_stock", switched_on.is_some()),
            Self::Move { delta } => ("delta", delta != 0 && (-MAX_STOCK..=MAX_STOCK).contains(&delta)),
        };
        if good { Ok(self) } else { Err(StockRefused::OutOfLimits { field }) }
    }

    /// The first row of a product, where there is none.
    ///
    /// # Errors
    /// [`StockRefused::NotFound`] for every change but the first.
    pub(crate) fn first(
        self,
        product_id: ProductId,
        seller_id: UserId,
        now: DateTime<Utc>,
    ) -> Result<Movement, StockRefused> {
        let Self::Open { stock, switched_on } = self else {
            return Err(StockRefused::NotFound);
        };
        let left = Stock { product_id, seller_id, free: stock, switched_on, version: 1, updated_at: now };
        let flipped = left.in_stock();
        Ok(Movement { left, delta: stock, reason: Reason::Open, order_id: None, change_id: None, flipped })
    }

    /// What the change makes of a locked row; nothing when it was opened before.
    ///
    /// # Errors
    /// [`StockRefused`].
    pub(crate) fn of(self, stock: &Stock, now: DateTime<Utc>) -> Result<Option<Movement>, StockRefused> {
        match self {
            Self::Open { .. } => Ok(None),
            Self::Set { expected_version, .. } if expected_version != stock.version => {
                Err(StockRefused::VersionConflict { current_version: stock.version, stock: stock.free })
            }
            Self::Set { stock: to, .. } => Ok(Some(stock.moved(to - stock.free, true, Reason::Set, now))),
            Self::Overwrite { stock: to, switched_on } => {
                let delta = to.map_or(0, |to| to - stock.free);
                let switched_on = switched_on.unwrap_or(true);
                Ok(Some(stock.moved(delta, switched_on, Reason::Set, now)))
            }
            Self::Move { delta } => match stock.free.saturating_add(delta) {
                ..0 => Err(StockRefused::TooLittle { available: stock.free }),
                0..=MAX_STOCK => Ok(Some(stock.moved(delta, stock.switched_on, Reason::Move, now))),
                _ => Err(StockRefused::OutOfLimits { field: "delta" }),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stock(free: i32, switched_on: bool) -> Stock {
        Stock {
            product_id: Uuid::nil().into(),
            seller_id: Uuid::nil().into(),
            free,
            switched_on,
            version: 4,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    fn changed(change: StockChange, before: &Stock) -> Result<Movement, StockRefused> {
        change.of(before, DateTime::UNIX_EPOCH).map(|movement| movement.expect("it changes something"))
    }

    #[test]
    fn a_sale_flips_with_the_last_unit_and_a_return_flips_back() {
        let order_id = Uuid::nil().into();
        let sold = stock(3, true).sell(3, order_id, DateTime::UNIX_EPOCH);
        assert_eq!((sold.left.free, sold.left.version, sold.delta, sold.flipped), (0, 5, -3, true));
        let back = sold.left.give_back(1, order_id, DateTime::UNIX_EPOCH);
        assert_eq!((back.left.free, back.left.version, back.delta, back.flipped), (1, 6, 1, true));
        assert!(!stock(3, true).sell(2, order_id, DateTime::UNIX_EPOCH).flipped);
        // What the seller took off sale stays off sale.
        let off = stock(0, false).give_back(5, order_id, DateTime::UNIX_EPOCH);
        assert!(!off.flipped && !off.left.in_stock() && off.left.available() == 0);
    }

    #[test]
    fn a_set_needs_its_version_and_puts_back_on_sale() {
        let set = changed(StockChange::Set { stock: 9, expected_version: 4 }, &stock(2, false)).unwrap();
        assert_eq!((set.left.free, set.left.switched_on, set.delta, set.flipped), (9, true, 7, true));
        let late = changed(StockChange::Set { stock: 9, expected_version: 3 }, &stock(2, true));
        assert_eq!(late.unwrap_err(), StockRefused::VersionConflict { current_version: 4, stock: 2 });
    }

    #[test]
    fn a_move_keeps_to_its_limits_and_the_switch() {
        let moved = changed(StockChange::Move { delta: -2 }, &stock(5, false)).unwrap();
        assert_eq!((moved.left.free, moved.left.switched_on, moved.delta), (3, false, -2));
        let below = changed(StockChange::Move { delta: -6 }, &stock(5, true));
        assert_eq!(below.unwrap_err(), StockRefused::TooLittle { available: 5 });
        let above = changed(StockChange::Move { delta: MAX_STOCK }, &stock(1, true));
        assert_eq!(above.unwrap_err(), StockRefused::OutOfLimits { field: "delta" });
        assert_eq!(changed(StockChange::Move { delta: MAX_STOCK }, &stock(0, true)).unwrap().left.free, MAX_STOCK);
    }

    #[test]
    fn an_overwrite_switches_on_unless_it_says_otherwise() {
        let cases = [
            (Some(7), None, (7, true)),
            (Some(7), Some(false), (7, false)),
            (None, Some(false), (2, false)),
            (None, Some(true), (2, true)),
        ];
        for (to, switched_on, left) in cases {
            let written = changed(StockChange::Overwrite { stock: to, switched_on }, &stock(2, false)).unwrap();
            assert_eq!((written.left.free, written.left.switched_on), left);
        }
    }

    #[test]
    fn opening_is_done_once() {
        let open = StockChange::Open { stock: 6, switched_on: true };
        let first = open.first(Uuid::nil().into(), Uuid::nil().into(), DateTime::UNIX_EPOCH).unwrap();
        assert_eq!((first.left.free, first.left.version, first.delta, first.flipped), (6, 1, 6, true));
        assert!(open.of(&stock(2, true), DateTime::UNIX_EPOCH).unwrap().is_none());
        let late = StockChange::Move { delta: 1 }.first(Uuid::nil().into(), Uuid::nil().into(), DateTime::UNIX_EPOCH);
        assert_eq!(late.unwrap_err(), StockRefused::NotFound);
    }

    #[test]
    fn numbers_out_of_limits_are_refused_before_anything_is_read() {
        let bad = [
            StockChange::Open { stock: -1, switched_on: true },
            StockChange::Set { stock: MAX_STOCK + 1, expected_version: 1 },
            StockChange::Overwrite { stock: None, switched_on: None },
            StockChange::Overwrite { stock: Some(-1), switched_on: None },
            StockChange::Move { delta: 0 },
            StockChange::Move { delta: i32::MIN },
        ];
        for change in bad {
            assert!(matches!(change.check(), Err(StockRefused::OutOfLimits { .. })), "{change:?}");
        }
        assert!(StockChange::Set { stock: 0, expected_version: 1 }.check().is_ok());
    }
}
