//! The status machine of orders: which steps there are and what each does beside moving.

use crate::domain::order::{Order, OrderKind, OrderStatus, PaymentMethod, PaymentStatus};

use OrderStatus::{Cancelled, Confirmed, Delivered, Pending, Processing, Returned, Shipped};

/// A step that an order may not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an order does not go from {from} to {to}")]
pub(crate) struct NotAllowed {
    pub(crate) from: OrderStatus,
    pub(crate) to: OrderStatus,
    pub(crate) allowed: Vec<OrderStatus>,
}

/// What a step makes of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) from: OrderStatus,
    pub(crate) to: OrderStatus,
    pub(crate) payment_status: PaymentStatus,
    /// Every unit goes back to stock, with the step itself.
    pub(crate) gives_back: bool,
}

impl OrderStatus {
    /// Where an order may go from here.
    pub(crate) const fn next(self) -> &'static [Self] {
        match self {
            Pending => &[Confirmed, Cancelled],
            Confirmed => &[Processing, Cancelled],
            Processing => &[Shipped, Cancelled],
            Shipped => &[Delivered, Returned],
            Delivered => &[Returned],
            Cancelled | Returned => &[],
        }
    }

    /// Delivered, cancelled or returned: what its account's deletion wipes at once.
    pub(crate) const fn is_finished(self) -> bool {
        matches!(self, Delivered | Cancelled | Returned)
    }

    /// The finished ones.
    pub(crate) const FINISHED: [Self; 3] = [Delivered, Cancelled, Returned];
}

/// The step of its seller or an admin.
///
/// # Errors
/// [`NotAllowed`].
pub(crate) fn step(order: &Order, to: OrderStatus) -> Result<Step, NotAllowed> {
    let from = order.status;
    if !from.next().contains(&to) {
        return Err(NotAllowed { from, to, allowed: from.next().to_vec() });
    }
    let ends = matches!(to, Cancelled | Returned);
    let payment_status = match order.payment_status {
        // Cash was taken at the door.
        PaymentStatus::Pending | PaymentStatus::Failed
            if to == Delivered && order.payment_method == PaymentMethod::Cod =>
        {
            PaymentStatus::Paid
        }
        PaymentStatus::Paid if ends => PaymentStatus::Refunded,
        unchanged => unchanged,
    };
    Ok(Step { from, to, payment_status, gives_back: ends && order.kind == OrderKind::Retail })
}

/// The cancellation that every party has, while nobody has begun to pack.
///
/// # Errors
/// [`NotAllowed`], also where the seller's own step is still open.
pub(crate) fn cancel(order: &Order) -> Result<Step, NotAllowed> {
    if matches!(order.status, Pending | Confirmed) {
        return step(order, Cancelled);
    }
    let allowed = order.status.next().iter().copied().filter(|next| *next != Cancelled).collect();
    Err(NotAllowed { from: order.status, to: Cancelled, allowed })
}

#[cfg(test)]
pub(crate) mod tests {
    use chrono::DateTime;
    use commerce_types::Money;
    use uuid::Uuid;

    use super::*;
    use crate::domain::buyer::Contact;
    use crate::domain::order::DeliveryType;

    pub(crate) fn order(status: OrderStatus) -> Order {
        Order {
            id: Uuid::nil().into(),
            order_number: String::new(),
            kind: OrderKind::Retail,
            checkout_id: Some(Uuid::nil().into()),
            user_id: None,
            seller_id: Uuid::nil().into(),
            contact: Contact::wiped(),
            customer_wilaya: Some("Alger".to_owned()),
            delivery_type: DeliveryType::Home,
            subtotal: Money::ZERO,
            shipping_cost: Money::ZERO,
            total: Money::ZERO,
            status,
            payment_method: PaymentMethod::Cod,
            payment_status: PaymentStatus::Pending,
            delivery_at: None,
            tracking_number: None,
            version: 1,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            wiped_at: None,
        }
    }

    /// The table of the contract, written down a second time.
    const ALLOWED: [(OrderStatus, OrderStatus); 9] = [
        (Pending, Confirmed),
        (Pending, Cancelled),
        (Confirmed, Processing),
        (Confirmed, Cancelled),
        (Processing, Shipped),
        (Processing, Cancelled),
        (Shipped, Delivered),
        (Shipped, Returned),
        (Delivered, Returned),
    ];

    #[test]
    fn every_pair_of_states_is_as_the_contract_says() {
        for from in OrderStatus::ALL {
            for to in OrderStatus::ALL {
                let taken = step(&order(*from), *to);
                assert_eq!(taken.is_ok(), ALLOWED.contains(&(*from, *to)), "{from} to {to}");
                if let Err(refused) = taken {
                    let allowed: Vec<_> = ALLOWED.iter().filter(|pair| pair.0 == *from).map(|pair| pair.1).collect();
                    assert_eq!(refused, NotAllowed { from: *from, to: *to, allowed });
                }
            }
        }
    }

    #[test]
    fn a_party_cancels_only_what_is_pending_or_confirmed() {
        for from in OrderStatus::ALL {
            let taken = cancel(&order(*from));
            assert_eq!(taken.is_ok(), matches!(from, Pending | Confirmed), "{from}");
            if let Err(refused) = taken {
                assert!(!refused.allowed.contains(&Cancelled));
            }
        }
    }

    #[test]
    fn payment_follows_the_step() {
        use PaymentStatus as Is;
        let cases = [
            (Shipped, PaymentMethod::Cod, Is::Pending, Delivered, Is::Paid),
            (Shipped, PaymentMethod::Ccp, Is::Pending, Delivered, Is::Pending),
            (Shipped, PaymentMethod::Card, Is::Paid, Delivered, Is::Paid),
            (Delivered, PaymentMethod::Cod, Is::Paid, Returned, Is::Refunded),
            (Shipped, PaymentMethod::Cod, Is::Pending, Returned, Is::Pending),
            (Pending, PaymentMethod::Card, Is::Paid, Cancelled, Is::Refunded),
            (Pending, PaymentMethod::Cod, Is::Pending, Cancelled, Is::Pending),
            (Pending, PaymentMethod::Cod, Is::Pending, Confirmed, Is::Pending),
        ];
        for (from, payment_method, before, to, after) in cases {
            let order = Order { payment_method, payment_status: before, ..order(from) };
            assert_eq!(step(&order, to).unwrap().payment_status, after, "{from} to {to} by {payment_method}");
        }
    }

    #[test]
    fn stock_comes_back_with_the_last_step_of_retail_only() {
        for (from, to) in ALLOWED {
            let ends = matches!(to, Cancelled | Returned);
            assert_eq!(step(&order(from), to).unwrap().gives_back, ends);
            let deal = Order { kind: OrderKind::B2b, ..order(from) };
            assert!(!step(&deal, to).unwrap().gives_back);
        }
    }
}
