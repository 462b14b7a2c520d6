//! What tests begin with. Stock and offers are put there directly; orders are bought.

use access_token::Account;
use commerce_types::{Money, ProductId};
use protocol::catalog::v1::Offer;
use protocol::ordering::v1::{BasketLine, PaymentMethod, PlaceOrderRequest};
use protocol::types::v1::Key;
use service_runtime::Ids;
use test_support::seller;

use crate::harness::OrderingTest;

/// A product on sale.
#[derive(Debug, Clone)]
pub(crate) struct Product {
    pub(crate) id: String,
    pub(crate) seller: Account,
}

pub(crate) struct ProductBuilder<'a> {
    ordering: &'a OrderingTest,
    seller: Account,
    dinars: i64,
    stock: i32,
    minimum: i32,
    switched_on: bool,
}

impl OrderingTest {
    pub(crate) fn product(&self) -> ProductBuilder<'_> {
        ProductBuilder { ordering: self, seller: seller(), dinars: 1_000, stock: 10, minimum: 1, switched_on: true }
    }
}

impl ProductBuilder<'_> {
    pub(crate) fn of(self, seller: &Account) -> Self {
        Self { seller: seller.clone(), ..self }
    }

    pub(crate) fn price(self, dinars: i64) -> Self {
        Self { dinars, ..self }
    }

    pub(crate) fn stock(self, stock: i32) -> Self {
        Self { stock, ..self }
    }

    pub(crate) fn minimum(self, minimum: i32) -> Self {
        Self { minimum, ..self }
    }

    pub(crate) fn switched_off(self) -> Self {
        Self { switched_on: false, ..self }
    }

    /// Writes the stock and its first ledger entry directly, and puts the product on sale at catalog.
    pub(crate) async fn insert(self) -> Product {
        let id = Ids.next::<ProductId>().to_string();
        let Self { ordering, seller, dinars, stock, minimum, switched_on } = self;
        let seller_id = seller.user_id;
        ordering
            .execute(&format!(
                "WITH opened AS (INSERT INTO stock (product_id, seller_id, free, switched_on, version) \
                   VALUES ('{id}', '{seller_id}', {stock}, {switched_on}, 1)) \
                 INSERT INTO stock_ledger (product_id, version, delta, free_after, reason) \
                 VALUES ('{id}', 1, {stock}, {stock}, 'open')"
            ))
            .await;
        ordering.catalog.offer(Offer {
            product_id: id.clone(),
            seller: Some(seller.public_user().into()),
            name: format!("Savon d'Alep {}", &id[30..]),
            image_url: Some("https://media.example.dz/savon.webp".to_owned()),
            price: Some(Money::from_dinars(dinars).unwrap().into()),
            min_order_quantity: minimum,
        });
        Product { id, seller }
    }
}

/// A request to buy, as a gateway sends it.
pub(crate) fn basket(lines: &[(&Product, i32)]) -> PlaceOrderRequest {
    PlaceOrderRequest {
        customer_name: "Amina Haddad".to_owned(),
        customer_phone: "+213555123456".to_owned(),
        shipping_address: "12 rue Didouche Mourad".to_owned(),
        customer_wilaya: "alger".to_owned(),
        payment_method: PaymentMethod::Cod.into(),
        lines: lines
            .iter()
            .map(|(product, quantity)| BasketLine { product_id: product.id.clone(), quantity: *quantity })
            .collect(),
        ..Default::default()
    }
}

/// One piece.
pub(crate) fn one_of(product: &Product) -> PlaceOrderRequest {
    basket(&[(product, 1)])
}

/// The same request with a key; `body` stands for what the body was.
pub(crate) fn keyed(request: &PlaceOrderRequest, key: &str, body: &str) -> PlaceOrderRequest {
    PlaceOrderRequest { key: Some(self::key(key, body)), ..request.clone() }
}

pub(crate) fn key(key: &str, body: &str) -> Key {
    Key { key: key.to_owned(), body_hash: body.as_bytes().to_vec() }
}
