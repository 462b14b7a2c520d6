//! Lines as a test needs them, inserted directly.

use chrono::{DateTime, Utc};
use commerce_types::{CartItemId, ProductId, UserId};
use diesel::sql_types::{Integer, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use service_runtime::Ids;
use test_support::TestDatabase;

/// One of the product for 1,000 dinars, written now.
pub(crate) struct LineBuilder<'a> {
    database: &'a TestDatabase,
    user_id: UserId,
    product_id: ProductId,
    quantity: i32,
    written_at: DateTime<Utc>,
}

impl<'a> LineBuilder<'a> {
    pub(crate) fn new(database: &'a TestDatabase, user_id: UserId, product_id: ProductId) -> Self {
        let written_at = service_runtime::Clock::system().now();
        Self { database, user_id, product_id, quantity: 1, written_at }
    }

    pub(crate) fn quantity(mut self, quantity: i32) -> Self {
        self.quantity = quantity;
        self
    }

    pub(crate) fn written_at(mut self, written_at: DateTime<Utc>) -> Self {
        self.written_at = written_at;
        self
    }

    pub(crate) async fn insert(self) -> String {
        let id: CartItemId = Ids.next();
        diesel::sql_query(
            "INSERT INTO cart_items (id, user_id, product_id, seller_id, product_name, product_price, quantity, \
               created_at, updated_at) VALUES ($1, $2, $3, $1, 'Tapis', 100000, $4, $5, $5)",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(self.user_id)
        .bind::<SqlUuid, _>(self.product_id)
        .bind::<Integer, _>(self.quantity)
        .bind::<Timestamptz, _>(self.written_at)
        .execute(&mut self.database.conn().await)
        .await
        .unwrap();
        id.to_string()
    }
}
