//! Reels as a test needs them, inserted directly with their product and seller.

use commerce_types::{ProductId, ReelId, UserId};
use diesel_async::SimpleAsyncConnection;
use service_runtime::Ids;
use test_support::TestDatabase;

/// A reel that is there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made {
    pub(crate) id: ReelId,
    pub(crate) product_id: ProductId,
    pub(crate) seller_id: UserId,
}

/// Ready, of a product on sale, unless it is told otherwise.
pub(crate) struct ReelBuilder<'a> {
    database: &'a TestDatabase,
    product_id: Option<ProductId>,
    seller_id: UserId,
    on_sale: bool,
    status: &'static str,
    /// Minutes before now.
    age: i32,
}

impl<'a> ReelBuilder<'a> {
    pub(crate) fn new(database: &'a TestDatabase) -> Self {
        Self { database, product_id: None, seller_id: Ids.next(), on_sale: true, status: "ready", age: 0 }
    }

    /// One more of a product that is there.
    pub(crate) fn beside(mut self, other: Made) -> Self {
        (self.product_id, self.seller_id) = (Some(other.product_id), other.seller_id);
        self
    }

    pub(crate) fn off_sale(mut self) -> Self {
        self.on_sale = false;
        self
    }

    pub(crate) fn processing(mut self) -> Self {
        self.status = "processing";
        self
    }

    pub(crate) fn minutes_old(mut self, age: i32) -> Self {
        self.age = age;
        self
    }

    pub(crate) async fn insert(self) -> Made {
        let Self { database, seller_id, on_sale, status, age, .. } = self;
        let (id, product_id) = (Ids.next::<ReelId>(), self.product_id.unwrap_or_else(|| Ids.next()));
        let file = if status == "ready" {
            "'https://media.zst.dz/v.mp4', 'reels/v.mp4', 'https://media.zst.dz/t.jpg', 'reels/t.jpg', 8000, 90000, 720, 1280"
        } else {
            "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL"
        };
        let sql = format!(
            "INSERT INTO accounts (id, full_name, is_verified) VALUES ('{seller_id}', 'Boutique Yasmine', true) \
               ON CONFLICT DO NOTHING; \
             INSERT INTO products (id, seller_id, slug, name, price, in_stock, on_sale, version, stock_version) \
               VALUES ('{product_id}', '{seller_id}', 'tapis-{product_id}', 'Tapis', 250000, true, {on_sale}, 1, 1) \
               ON CONFLICT DO NOTHING; \
             INSERT INTO reels VALUES ('{id}', '{product_id}', '{seller_id}', 'Un tapis', '{status}', {file}, NULL, \
               {on_sale} AND '{status}' = 'ready', now() - interval '{age} minutes', now()); \
             INSERT INTO reel_counts (reel_id) VALUES ('{id}')"
        );
        database.conn().await.batch_execute(&sql).await.unwrap();
        Made { id, product_id, seller_id }
    }
}
