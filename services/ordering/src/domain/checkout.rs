//! A basket and what becomes of it: one order per seller, all of it or nothing.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use commerce_types::{CheckoutId, Money, ProductId, PublicUser, UserId};
use uuid::Uuid;

use crate::domain::buyer::{Buyer, Delivery, Offence};
use crate::domain::order::{Order, OrderItem, OrderKind, OrderStatus, PaymentStatus};
use crate::domain::order_number;
use crate::domain::stock::{Movement, Stock};
use crate::domain::wilaya::Wilaya;

/// What a buyer wants, one quantity per product, in product order.
#[derive(Debug, Clone)]
pub(crate) struct Basket(BTreeMap<ProductId, Wanted>);

#[derive(Debug, Clone, Copy)]
struct Wanted {
    quantity: i32,
    /// The first line that names the product: where a refusal points, and the order of things.
    line: usize,
}

/// A product on sale, as catalog has it at this moment.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    pub(crate) product_id: ProductId,
    pub(crate) seller: PublicUser,
    pub(crate) name: String,
    pub(crate) image_url: Option<String>,
    pub(crate) price: Money,
    pub(crate) min_order_quantity: i32,
}

/// What an accepted basket became.
#[derive(Debug, Clone)]
pub(crate) struct Checkout {
    pub(crate) id: CheckoutId,
    pub(crate) parcels: Vec<Parcel>,
    pub(crate) total: Money,
}

/// One seller's part of a checkout.
#[derive(Debug, Clone)]
pub(crate) struct Parcel {
    pub(crate) order: Order,
    pub(crate) items: Vec<OrderItem>,
    pub(crate) seller: PublicUser,
}

/// What all parcels of a checkout have in common.
#[derive(Debug)]
pub(crate) struct Terms<'a> {
    pub(crate) buyer: Buyer,
    pub(crate) delivery: &'a Delivery,
    pub(crate) wilaya: &'a Wilaya,
    pub(crate) placed_at: DateTime<Utc>,
}

/// A product that is in the way of a checkout, and the line that names it first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Offender {
    pub(crate) product_id: ProductId,
    pub(crate) line: usize,
    /// The least quantity, or what is left.
    pub(crate) figure: i32,
}

/// Why nothing was ordered. Names every product it is true of, so that a basket is repaired once.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("products are not on sale")]
    NotOnSale(Vec<Offender>),
    #[error("quantities are below the minimum")]
    BelowMinimum(Vec<Offender>),
    #[error("the total is above its limit")]
    TotalTooLarge,
    #[error("products are short of stock")]
    OutOfStock(Vec<Offender>),
    #[error("the total is another than expected")]
    PriceChanged { expected: Money, total: Money },
}

impl Basket {
    /// Lines of one product are added together: a cart may name it twice.
    ///
    /// # Errors
    /// Every line that is out of its limits.
    pub(crate) fn new(lines: &[(ProductId, i32)]) -> Result<Self, Vec<Offence>> {
        if !(1..=100).contains(&lines.len()) {
            return Err(vec![Offence::new("items", "must have 1 to 100 entries")]);
        }
        let bad = lines.iter().enumerate().filter(|(_, (_, quantity))| !(1..=100_000).contains(quantity));
        let offences: Vec<_> = bad
            .map(|(line, _)| Offence::new(format!("items[{line}].quantity"), "must be between 1 and 100000"))
            .collect();
        if !offences.is_empty() {
            return Err(offences);
        }
        let mut wanted = BTreeMap::new();
        for (line, (product_id, quantity)) in lines.iter().enumerate() {
            wanted.entry(*product_id).or_insert(Wanted { quantity: 0, line }).quantity += quantity;
        }
        Ok(Self(wanted))
    }

    /// In ascending order, the order in which stock is locked everywhere.
    pub(crate) fn product_ids(&self) -> Vec<ProductId> {
        self.0.keys().copied().collect()
    }

    /// One order per seller, at the prices of `offers`, in the order in which their products are first named.
    ///
    /// # Errors
    /// [`Refused::NotOnSale`], then [`Refused::BelowMinimum`], then [`Refused::TotalTooLarge`].
    pub(crate) fn checkout(
        &self,
        terms: &Terms<'_>,
        offers: &[Offer],
        next_id: &impl Fn() -> Uuid,
    ) -> Result<Checkout, Refused> {
        let offers: HashMap<ProductId, &Offer> = offers.iter().map(|offer| (offer.product_id, offer)).collect();
        self.refuse(Refused::NotOnSale, |id, _| (!offers.contains_key(&id)).then_some(0))?;
        self.refuse(Refused::BelowMinimum, |id, quantity| {
            let least = offers[&id].min_order_quantity;
            (quantity < least).then_some(least)
        })?;

        let id = next_id().into();
        let mut parcels: Vec<Parcel> = Vec::new();
        let mut of_seller: HashMap<UserId, usize> = HashMap::new();
        for (product_id, quantity) in self.in_order_of_appearance() {
            let offer = offers[&product_id];
            let index = *of_seller.entry(offer.seller.id).or_insert_with(|| {
                parcels.push(Parcel::empty(id, next_id(), terms, &offer.seller));
                parcels.len() - 1
            });
            parcels[index].add(offer, quantity, next_id())?;
        }
        let total = Money::checked_sum(parcels.iter().map(|parcel| parcel.order.total));
        Ok(Checkout { id, parcels, total: total.ok_or(Refused::TotalTooLarge)? })
    }

    /// # Errors
    /// [`Refused::OutOfStock`] unless all of it is there.
    pub(crate) fn fits(&self, stock: &[Stock]) -> Result<(), Refused> {
        let available: HashMap<ProductId, i32> = stock.iter().map(|row| (row.product_id, row.available())).collect();
        self.refuse(Refused::OutOfStock, |id, quantity| {
            let left = available.get(&id).copied().unwrap_or(0);
            (quantity > left).then_some(left)
        })
    }

    fn in_order_of_appearance(&self) -> Vec<(ProductId, i32)> {
        let mut wanted: Vec<_> = self.0.iter().collect();
        wanted.sort_by_key(|(_, wanted)| wanted.line);
        wanted.into_iter().map(|(id, wanted)| (*id, wanted.quantity)).collect()
    }

    /// Refuses with every product that `offends`, in the order of their lines, if there is one.
    fn refuse(
        &self,
        refusal: fn(Vec<Offender>) -> Refused,
        offends: impl Fn(ProductId, i32) -> Option<i32>,
    ) -> Result<(), Refused> {
        let mut offenders: Vec<Offender> = self
            .0
            .iter()
            .filter_map(|(id, wanted)| {
                let figure = offends(*id, wanted.quantity)?;
                Some(Offender { product_id: *id, line: wanted.line, figure })
            })
            .collect();
        offenders.sort_by_key(|offender| offender.line);
        if offenders.is_empty() { Ok(()) } else { Err(refusal(offenders)) }
    }
}

impl Checkout {
    /// Whether it costs what the buyer was shown.
    ///
    /// # Errors
    /// [`Refused::PriceChanged`].
    pub(crate) fn costs(&self, expected: Option<Money>) -> Result<(), Refused> {
        match expected {
            Some(expected) if expected != self.total => Err(Refused::PriceChanged { expected, total: self.total }),
            _ => Ok(()),
        }
    }

    /// Takes all of it from stock that is locked and was found to fit, in product order.
    pub(crate) fn take_from(&self, stock: &[Stock], now: DateTime<Utc>) -> Vec<Movement> {
        let items = self.parcels.iter().flat_map(|parcel| &parcel.items);
        let wanted: HashMap<ProductId, &OrderItem> = items.filter_map(|item| Some((item.product_id?, item))).collect();
        let taken = stock.iter().filter_map(|row| {
            let item = wanted.get(&row.product_id)?;
            Some(row.sell(item.quantity, item.order_id, now))
        });
        taken.collect()
    }
}

impl Parcel {
    fn empty(checkout_id: CheckoutId, id: Uuid, terms: &Terms<'_>, seller: &PublicUser) -> Self {
        let shipping_cost = terms.wilaya.fee(terms.delivery.delivery_type);
        let order = Order {
            id: id.into(),
            order_number: order_number::draw(terms.placed_at.timestamp(), &mut rand::rng()),
            kind: OrderKind::Retail,
            checkout_id: Some(checkout_id),
            user_id: terms.buyer,
            seller_id: seller.id,
            contact: terms.delivery.contact.clone(),
            customer_wilaya: Some(terms.wilaya.name.clone()),
            delivery_type: terms.delivery.delivery_type,
            subtotal: Money::ZERO,
            shipping_cost,
            total: shipping_cost,
            status: OrderStatus::Pending,
            payment_method: terms.delivery.payment_method,
            payment_status: PaymentStatus::Pending,
            delivery_at: None,
            tracking_number: None,
            version: 1,
            created_at: terms.placed_at,
            updated_at: terms.placed_at,
            wiped_at: None,
        };
        Self { order, items: Vec::new(), seller: seller.clone() }
    }

    fn add(&mut self, offer: &Offer, quantity: i32, id: Uuid) -> Result<(), Refused> {
        let too_large = Refused::TotalTooLarge;
        let Some(subtotal) = offer.price.checked_mul(quantity.into()) else {
            return Err(too_large);
        };
        let order = &mut self.order;
        let (Some(goods), Some(total)) = (order.subtotal.checked_add(subtotal), order.total.checked_add(subtotal))
        else {
            return Err(too_large);
        };
        (order.subtotal, order.total) = (goods, total);
        self.items.push(OrderItem {
            order_id: order.id,
            position: i16::try_from(self.items.len()).unwrap_or(i16::MAX),
            id: id.into(),
            product_id: Some(offer.product_id),
            product_name: offer.name.clone(),
            product_image: offer.image_url.clone(),
            quantity,
            price: offer.price,
            subtotal,
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::buyer::ContactText;
    use crate::domain::order::{DeliveryType, PaymentMethod};

    fn product(number: u128) -> ProductId {
        Uuid::from_u128(number).into()
    }

    /// Product n belongs to seller n / 10 and costs n dinars.
    fn offer(number: u128) -> Offer {
        let seller = PublicUser {
            id: Uuid::from_u128(number / 10).into(),
            full_name: "Seller".to_owned(),
            avatar_url: None,
            seller_category: None,
            is_verified: false,
        };
        Offer {
            product_id: product(number),
            seller,
            name: format!("Product {number}"),
            image_url: None,
            price: Money::from_dinars(i64::try_from(number).unwrap()).unwrap(),
            min_order_quantity: 2,
        }
    }

    fn stock(number: u128, free: i32) -> Stock {
        Stock {
            product_id: product(number),
            seller_id: Uuid::nil().into(),
            free,
            switched_on: true,
            version: 1,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    fn basket(lines: &[(u128, i32)]) -> Basket {
        let lines: Vec<_> = lines.iter().map(|(number, quantity)| (product(*number), *quantity)).collect();
        Basket::new(&lines).unwrap()
    }

    fn checkout(basket: &Basket, offers: &[Offer]) -> Result<Checkout, Refused> {
        let text = ContactText { name: "Amina", phone: "0555123456", address: "12 rue Didouche", ..Default::default() };
        let (contact, phone) = text.check().unwrap();
        let delivery = Delivery {
            contact,
            phone,
            wilaya: "Alger".to_owned(),
            delivery_type: DeliveryType::Home,
            payment_method: PaymentMethod::Cod,
        };
        let fee = Money::from_dinars(500).unwrap();
        let name = "Alger".to_owned();
        let wilaya = Wilaya { code: 16, name_ar: name.clone(), name, home_fee: fee, office_fee: fee };
        let next = Cell::new(1000);
        let next_id = || Uuid::from_u128(next.replace(next.get() + 1));
        let terms = Terms { buyer: None, delivery: &delivery, wilaya: &wilaya, placed_at: DateTime::UNIX_EPOCH };
        basket.checkout(&terms, offers, &next_id)
    }

    #[test]
    fn one_order_per_seller_in_order_of_first_appearance() {
        let basket = basket(&[(35, 2), (11, 2), (34, 3), (35, 1)]);
        let placed = checkout(&basket, &[offer(11), offer(34), offer(35)]).unwrap();
        let shape: Vec<Vec<(ProductId, i32)>> = placed
            .parcels
            .iter()
            .map(|parcel| parcel.items.iter().map(|item| (item.product_id.unwrap(), item.quantity)).collect())
            .collect();
        assert_eq!(shape, [vec![(product(35), 3), (product(34), 3)], vec![(product(11), 2)]]);
        let totals: Vec<i64> = placed.parcels.iter().map(|parcel| parcel.order.total.centimes()).collect();
        assert_eq!(totals, [(35 * 3 + 34 * 3 + 500) * 100, (22 + 500) * 100]);
        assert_eq!(placed.total.centimes(), totals.iter().sum::<i64>());
    }

    #[test]
    fn refusals_come_in_their_order_and_name_every_product() {
        let basket = basket(&[(35, 1), (11, 2), (12, 1), (35, 0x7)]);
        let missing = checkout(&basket, &[offer(35)]).unwrap_err();
        let at = |number, line, figure| Offender { product_id: product(number), line, figure };
        assert_eq!(missing, Refused::NotOnSale(vec![at(11, 1, 0), at(12, 2, 0)]));
        let below = checkout(&basket, &[offer(35), offer(11), offer(12)]).unwrap_err();
        assert_eq!(below, Refused::BelowMinimum(vec![at(12, 2, 2)]));
        let short =
            basket.fits(&[stock(35, 7), stock(12, 1), Stock { switched_on: false, ..stock(11, 9) }]).unwrap_err();
        assert_eq!(short, Refused::OutOfStock(vec![at(35, 0, 7), at(11, 1, 0)]));
        assert_eq!(basket.fits(&[stock(35, 8), stock(12, 1), stock(11, 2)]), Ok(()));
    }

    #[test]
    fn a_total_above_the_limit_or_another_than_expected_is_refused() {
        let dear = Offer { price: Money::MAX_PRICE, ..offer(35) };
        let lines: Vec<_> = (0..2).map(|_| (35, 100_000)).collect();
        assert_eq!(checkout(&basket(&lines), &[dear]).unwrap_err(), Refused::TotalTooLarge);

        let placed = checkout(&basket(&[(35, 2)]), &[offer(35)]).unwrap();
        assert_eq!(placed.costs(None), Ok(()));
        assert_eq!(placed.costs(Money::from_dinars(570).ok()), Ok(()));
        let expected = Money::from_dinars(569).unwrap();
        assert_eq!(placed.costs(Some(expected)), Err(Refused::PriceChanged { expected, total: placed.total }));
    }

    #[test]
    fn lines_out_of_limits_are_refused() {
        assert!(Basket::new(&[]).is_err());
        assert!(Basket::new(&vec![(product(1), 1); 101]).is_err());
        let offences = Basket::new(&[(product(1), 0), (product(2), 1), (product(3), 100_001)]).unwrap_err();
        let fields: Vec<_> = offences.into_iter().map(|offence| offence.field).collect();
        assert_eq!(fields, ["items[0].quantity", "items[2].quantity"]);
        assert!(Basket::new(&vec![(product(1), 100_000); 100]).is_ok());
    }

    proptest! {
        #[test]
        fn nothing_is_lost_or_made_up(lines in prop::collection::vec((10_u128..60, 2_i32..50), 1..100)) {
            let basket = basket(&lines);
            let offers: Vec<_> = (10..60).map(offer).collect();
            let placed = checkout(&basket, &offers).unwrap();
            let goods: i64 = lines.iter().map(|(number, quantity)| i64::try_from(*number).unwrap() * i64::from(*quantity) * 100).sum();
            let fees = 50_000 * i64::try_from(placed.parcels.len()).unwrap();
            prop_assert_eq!(placed.total.centimes(), goods + fees);

            let stock: Vec<_> = (10..60).map(|number| stock(number, 5_000)).collect();
            let taken = placed.take_from(&stock, DateTime::UNIX_EPOCH);
            let units: i32 = lines.iter().map(|(_, quantity)| quantity).sum();
            prop_assert_eq!(taken.iter().map(|movement| -movement.delta).sum::<i32>(), units);
            let order: Vec<_> = taken.iter().map(|movement| movement.left.product_id).collect();
            prop_assert!(order.is_sorted());
        }
    }
}
