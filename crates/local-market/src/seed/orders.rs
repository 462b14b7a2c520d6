//! Checkouts by their buyers, and the steps of each order by its seller.
//!
//! An order is known again by its seller, the buyer's phone and the address: no two checkouts share them.

use access_token::{Account, Caller};
use chrono::TimeDelta;
use prost::Message;
use protocol::convert::timestamp;
use protocol::ordering::v1 as wire;
use protocol::ordering::v1::{BasketLine, ListSellerOrdersRequest, MoveOrderRequest, Order, PlaceOrderRequest};
use protocol::types::v1::Page;

use super::services::{SeedError, Services, caller, key};
use crate::demo::{Checkout, DeliveryType, Market, OrderStatus, PaymentMethod, customers};

/// What checkouts are played on.
pub(super) struct Stage<'a> {
    pub(super) services: &'a Services,
    pub(super) market: &'a Market,
    /// As the market's sellers are numbered.
    pub(super) sellers: &'a [Account],
    /// As [`customers`] are.
    pub(super) customers: &'a [Account],
    /// As the market's products are.
    pub(super) product_ids: Vec<String>,
}

impl Stage<'_> {
    /// Brings a checkout's orders to where they are to be.
    pub(super) async fn play(&self, checkout: &Checkout) -> Result<(), SeedError> {
        let shops = self.shops(checkout);
        let mut orders = Vec::new();
        for shop in &shops {
            orders.extend(self.find(checkout, &self.sellers[*shop]).await?);
        }
        if orders.is_empty() {
            orders = self.place(checkout).await?;
        }
        for (shop, outcome) in shops.into_iter().zip(&checkout.outcomes) {
            let seller = &self.sellers[shop];
            let id = seller.user_id.to_string();
            let is_theirs = |order: &&Order| order.seller.as_ref().is_some_and(|seller| seller.id == id);
            let order = orders.iter().find(is_theirs).ok_or(SeedError::Unreadable("ordering"))?;
            self.advance(checkout, order, seller, *outcome).await?;
        }
        Ok(())
    }

    /// The sellers in the order in which the lines first name them.
    fn shops(&self, checkout: &Checkout) -> Vec<usize> {
        let mut shops = Vec::new();
        for line in &checkout.lines {
            let shop = self.market.products[line.product].seller;
            if !shops.contains(&shop) {
                shops.push(shop);
            }
        }
        shops
    }

    /// The order at a seller, when an earlier run has placed it.
    async fn find(&self, checkout: &Checkout, seller: &Account) -> Result<Option<Order>, SeedError> {
        let request = ListSellerOrdersRequest {
            page: Some(Page { number: 1, limit: 100 }),
            search: Some(checkout.customer_phone.clone()),
            ..ListSellerOrdersRequest::default()
        };
        let ordering = self.services.ordering();
        let list = self
            .services
            .ask(&checkout.key, &caller(seller), request, async |request| {
                ordering.clone().list_seller_orders(request).await
            })
            .await?;
        let is_it = |order: &Order| order.shipping_address.as_ref() == Some(&checkout.address);
        Ok(list.orders.into_iter().find(is_it))
    }

    async fn place(&self, checkout: &Checkout) -> Result<Vec<Order>, SeedError> {
        let buyer = match &checkout.account {
            None => Caller::GUEST,
            Some(user) => {
                let place = customers().iter().position(|person| person.user == *user);
                caller(&self.customers[place.ok_or(SeedError::Unreadable("the demo market"))?])
            }
        };
        let request = self.request(checkout)?;
        let ordering = self.services.ordering();
        let placed = self
            .services
            .ask(&checkout.key, &buyer, request, async |request| ordering.clone().place_order(request).await)
            .await?;
        let placed = wire::Checkout::decode(placed.checkout.as_slice());
        Ok(placed.map_err(|_garbage| SeedError::Unreadable("ordering"))?.orders)
    }

    fn request(&self, checkout: &Checkout) -> Result<PlaceOrderRequest, SeedError> {
        let mut lines = Vec::new();
        for line in &checkout.lines {
            let quantity = i32::try_from(line.quantity).map_err(|_many| SeedError::Unreadable("the demo market"))?;
            lines.push(BasketLine { product_id: self.product_ids[line.product].clone(), quantity });
        }
        Ok(PlaceOrderRequest {
            customer_name: checkout.customer_name.clone(),
            customer_phone: checkout.customer_phone.clone(),
            shipping_address: checkout.address.clone(),
            customer_wilaya: checkout.wilaya.clone(),
            payment_method: match checkout.payment_method {
                PaymentMethod::Cod => wire::PaymentMethod::Cod,
                PaymentMethod::Ccp => wire::PaymentMethod::Ccp,
                PaymentMethod::Card => wire::PaymentMethod::Card,
                PaymentMethod::BankTransfer => wire::PaymentMethod::BankTransfer,
            }
            .into(),
            lines,
            customer_email: checkout.customer_email.clone(),
            customer_commune: Some(checkout.commune.clone()),
            delivery_type: match checkout.delivery_type {
                DeliveryType::Home => wire::DeliveryType::Home,
                DeliveryType::Office => wire::DeliveryType::Office,
            }
            .into(),
            notes: checkout.notes.clone(),
            expected_total: None,
            key: Some(key(&checkout.key)),
        })
    }

    /// Takes the steps that are left.
    async fn advance(
        &self,
        checkout: &Checkout,
        order: &Order,
        seller: &Account,
        outcome: OrderStatus,
    ) -> Result<(), SeedError> {
        let steps = outcome.steps();
        let is_there = |step: &OrderStatus| i32::from(wire_status(*step)) == order.status;
        let taken = steps.iter().position(is_there).map_or(0, |place| place + 1);
        for step in &steps[taken..] {
            let status = wire_status(*step);
            let shipped = *step == OrderStatus::Shipped;
            let request = MoveOrderRequest {
                id: order.id.clone(),
                status: status.into(),
                tracking_number: shipped.then(|| checkout.tracking_number.clone()),
                delivery_at: shipped.then(|| timestamp(self.services.now() + TimeDelta::days(3))),
                note: note(*step).map(str::to_owned),
            };
            let ordering = self.services.ordering();
            let moved = self
                .services
                .ask(&checkout.key, &caller(seller), request, async |request| {
                    ordering.clone().move_order(request).await
                })
                .await;
            if let Err(refused) = moved {
                // The answer to an earlier try may have been lost.
                let now = self.find(checkout, seller).await?;
                if now.is_none_or(|order| order.status != i32::from(status)) {
                    return Err(refused);
                }
            }
        }
        Ok(())
    }
}

/// What a seller says of the steps that need a word.
fn note(step: OrderStatus) -> Option<&'static str> {
    match step {
        OrderStatus::Cancelled => Some("Client injoignable après trois appels"),
        OrderStatus::Returned => Some("Colis refusé à la livraison"),
        _ => None,
    }
}

fn wire_status(status: OrderStatus) -> wire::OrderStatus {
    match status {
        OrderStatus::Pending => wire::OrderStatus::Pending,
        OrderStatus::Confirmed => wire::OrderStatus::Confirmed,
        OrderStatus::Processing => wire::OrderStatus::Processing,
        OrderStatus::Shipped => wire::OrderStatus::Shipped,
        OrderStatus::Delivered => wire::OrderStatus::Delivered,
        OrderStatus::Cancelled => wire::OrderStatus::Cancelled,
        OrderStatus::Returned => wire::OrderStatus::Returned,
    }
}
