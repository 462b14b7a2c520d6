//! What orders amount to.
//!
//! A sale is an order that is paid and neither cancelled nor returned; revenue is the sum of its goods, without shipping.

use commerce_types::{Money, OrderId};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};

use crate::domain::order::OrderStatus;

/// All orders in one status.
#[derive(Debug, Clone, QueryableByName)]
pub(crate) struct StatusSums {
    #[diesel(sql_type = Text)]
    pub(crate) status: OrderStatus,
    #[diesel(sql_type = BigInt)]
    pub(crate) orders: i64,
    /// Those of them that are paid, and their goods: of all time, and of the last days.
    #[diesel(sql_type = BigInt)]
    pub(crate) paid: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) paid_goods: Money,
    #[diesel(sql_type = BigInt)]
    pub(crate) recent_paid_goods: Money,
}

/// All orders.
#[derive(Debug, Clone)]
pub(crate) struct OrderSums(Vec<StatusSums>);

impl OrderSums {
    /// Of at most one row for each status.
    pub(crate) fn new(sums: Vec<StatusSums>) -> Self {
        Self(sums)
    }

    /// How many there are in a status.
    pub(crate) fn orders(&self, status: OrderStatus) -> i64 {
        self.0.iter().filter(|sums| sums.status == status).map(|sums| sums.orders).sum()
    }

    pub(crate) fn revenue(&self) -> Money {
        sum(self.sales().map(|sums| sums.paid_goods))
    }

    /// Of the last days.
    pub(crate) fn recent_revenue(&self) -> Money {
        sum(self.sales().map(|sums| sums.recent_paid_goods))
    }

    /// Revenue of a sale, half up to the centime; nothing without sales.
    pub(crate) fn average_sale(&self) -> Money {
        let sales: i64 = self.sales().map(|sums| sums.paid).sum();
        if sales == 0 {
            return Money::ZERO;
        }
        let average = (2 * self.revenue().centimes() + sales) / (2 * sales);
        Money::from_centimes(average).unwrap_or(Money::MAX)
    }

    fn sales(&self) -> impl Iterator<Item = &StatusSums> {
        self.0.iter().filter(|sums| !matches!(sums.status, OrderStatus::Cancelled | OrderStatus::Returned))
    }
}

fn sum(amounts: impl Iterator<Item = Money>) -> Money {
    Money::checked_sum(amounts).unwrap_or(Money::MAX)
}

/// The amounts of an order beside those of its lines, in centimes.
#[derive(Debug, Clone, QueryableByName)]
pub(crate) struct Amounts {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) order_id: OrderId,
    #[diesel(sql_type = BigInt)]
    pub(crate) subtotal: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) shipping_cost: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) total: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) of_items: i64,
}

impl Amounts {
    /// What is wrong when they do not add up.
    pub(crate) fn contradiction(&self) -> Option<String> {
        let Self { order_id, subtotal, shipping_cost, total, of_items } = self;
        if subtotal != of_items {
            return Some(format!("order {order_id}: its goods are {subtotal} centimes, its lines {of_items}"));
        }
        (*total != subtotal + shipping_cost).then(|| {
            format!("order {order_id}: {total} centimes in all, {subtotal} for goods and {shipping_cost} for shipping")
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn sums(status: OrderStatus, orders: i64, paid: i64, centimes: i64) -> StatusSums {
        let paid_goods = Money::from_centimes(centimes).unwrap();
        StatusSums { status, orders, paid, paid_goods, recent_paid_goods: Money::ZERO }
    }

    #[test]
    fn what_came_back_is_no_revenue() {
        let all = OrderSums::new(vec![
            sums(OrderStatus::Delivered, 3, 3, 1_000),
            sums(OrderStatus::Shipped, 4, 1, 101),
            sums(OrderStatus::Returned, 2, 2, 5_000),
        ]);
        assert_eq!(all.revenue().centimes(), 1_101);
        // 275.25 centimes.
        assert_eq!(all.average_sale().centimes(), 275);
        assert_eq!((all.orders(OrderStatus::Shipped), all.orders(OrderStatus::Pending)), (4, 0));
        let half = OrderSums::new(vec![sums(OrderStatus::Delivered, 2, 2, 101)]);
        assert_eq!(half.average_sale().centimes(), 51);
        assert_eq!(OrderSums::new(Vec::new()).average_sale(), Money::ZERO);
    }

    #[test]
    fn amounts_add_up() {
        let amounts = |subtotal, total, of_items| Amounts {
            order_id: Uuid::from_u128(1).into(),
            subtotal,
            shipping_cost: 500,
            total,
            of_items,
        };
        assert_eq!(amounts(1_000, 1_500, 1_000).contradiction(), None);
        assert!(amounts(1_000, 1_500, 999).contradiction().is_some());
        assert!(amounts(1_000, 1_400, 1_000).contradiction().is_some());
    }
}
