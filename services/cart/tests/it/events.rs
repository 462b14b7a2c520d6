use chrono::TimeDelta;
use commerce_types::{ProductId, UserId};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use events::{Event, Relay, names};
use protocol::identity::v1::UserDeleted;
use protocol::ordering::v1::OrderPlaced;
use service_runtime::{Clock, Ids};
use test_support::{TestDatabase, eventually};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::harness::{CartTest, SOON, reason};

fn order_placed(user_id: Option<UserId>, product_ids: &[ProductId], placed_at: chrono::DateTime<chrono::Utc>) -> Event {
    let order_id = Ids.next::<Uuid>();
    let payload = OrderPlaced {
        order_id: order_id.to_string(),
        user_id: user_id.map(String::from),
        product_ids: product_ids.iter().map(ToString::to_string).collect(),
        placed_at_micros: placed_at.timestamp_micros(),
        ..Default::default()
    };
    Event::new(names::ORDER_PLACED, order_id, &payload)
}

fn user_deleted(user_id: UserId) -> Event {
    let payload = UserDeleted { user_id: user_id.to_string(), clerk_id: "user_x".to_owned() };
    Event::new(names::USER_DELETED, user_id.as_uuid(), &payload)
}

/// Another service's outbox, published.
struct Others {
    database: TestDatabase,
}

impl Others {
    async fn start() -> Self {
        Self { database: TestDatabase::new("cart").await }
    }

    async fn say(&self, cart: &CartTest, events: &[Event]) {
        let conn = self.database.conn().await;
        events::write(&conn, events).await.unwrap();
        self.publish(cart).await;
    }

    async fn say_again(&self, cart: &CartTest) {
        self.database.conn().await.batch_execute("UPDATE outbox SET sent_at = NULL").await.unwrap();
        self.publish(cart).await;
    }

    async fn publish(&self, cart: &CartTest) {
        let stop = CancellationToken::new();
        let relay = Relay::new("others", self.database.pool(), cart.broker.as_ref().unwrap().broker());
        let sent = async {
            eventually(SOON, async || count(&self.database, "outbox WHERE sent_at IS NULL").await == 0).await;
            stop.cancel();
        };
        let (ended, ()) = futures::future::join(relay.run(stop.clone()), sent).await;
        ended.unwrap();
    }
}

async fn count(database: &TestDatabase, rows: &str) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        rows: i64,
    }
    let query = diesel::sql_query(format!("SELECT count(*) AS rows FROM {rows}"));
    query.get_result::<Row>(&mut database.conn().await).await.unwrap().rows
}

#[tokio::test(flavor = "multi_thread")]
async fn ordered_products_leave_the_cart_unless_changed_after_the_order() {
    let cart = CartTest::start_with_broker().await;
    let others = Others::start().await;
    let (buyer, other) = (cart.buyer(), cart.buyer());
    let placed_at = Clock::system().now();
    let [ordered, changed_later, kept] = [(); 3].map(|()| Ids.next::<ProductId>());
    buyer.line(ordered).written_at(placed_at).quantity(2).insert().await;
    buyer.line(changed_later).written_at(placed_at + TimeDelta::microseconds(1)).insert().await;
    buyer.line(kept).written_at(placed_at - TimeDelta::hours(1)).insert().await;
    other.line(ordered).written_at(placed_at - TimeDelta::hours(1)).insert().await;

    let events = [
        order_placed(None, &[kept], placed_at),
        order_placed(Some(buyer.account.user_id), &[ordered, changed_later], placed_at),
    ];
    others.say(&cart, &events).await;
    eventually(SOON, async || count(&cart.database, "inbox").await == 2).await;
    let mut products: Vec<_> = buyer.quantities().await.into_iter().map(|(product_id, _)| product_id).collect();
    products.sort();
    assert_eq!(products, [changed_later.to_string(), kept.to_string()]);
    assert_eq!(other.count().await, 1);
    assert!(cart.counts_are_right().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_told_twice_clears_once() {
    let cart = CartTest::start_with_broker().await;
    let others = Others::start().await;
    let buyer = cart.buyer();
    let product: ProductId = Ids.next();
    let placed_at = Clock::system().now() + TimeDelta::hours(1);
    let order = order_placed(Some(buyer.account.user_id), &[product], placed_at);
    buyer.line(product).insert().await;
    others.say(&cart, std::slice::from_ref(&order)).await;
    eventually(SOON, async || buyer.count().await == 0).await;

    buyer.line(product).insert().await;
    others.say_again(&cart).await;
    let later = Ids.next();
    buyer.line(later).insert().await;
    others.say(&cart, &[order_placed(Some(buyer.account.user_id), &[later], placed_at)]).await;
    eventually(SOON, async || buyer.count().await == 1).await;
    assert_eq!(buyer.quantities().await, [(product.to_string(), 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_account_leaves_no_cart_and_no_answers() {
    let cart = CartTest::start_with_broker().await;
    let others = Others::start().await;
    let product = cart.catalog.sell(1_000, 10, 1);
    let (gone, other) = (cart.buyer(), cart.buyer());
    gone.add_with(product.id, 2, Some("key-gone")).await.unwrap();
    other.add_with(product.id, 2, Some("key-stay")).await.unwrap();
    others.say(&cart, &[user_deleted(gone.account.user_id)]).await;
    eventually(SOON, async || gone.count().await == 0).await;
    assert_eq!(count(&cart.database, "answers WHERE answer IS NOT NULL").await, 1);
    assert_eq!(count(&cart.database, "carts WHERE gone_at IS NULL").await, 1);
    assert_eq!(reason(gone.add_with(product.id, 2, Some("key-gone")).await).as_str(), "IDEMPOTENCY_KEY_REUSED");
    assert!(other.add_with(product.id, 2, Some("key-stay")).await.unwrap().replayed);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cart_of_a_deleted_account_stays_empty() {
    let cart = CartTest::start_with_broker().await;
    let others = Others::start().await;
    let products: Vec<_> = (0..30).map(|_| cart.catalog.sell(1_000, 10, 1).id).collect();
    let (gone, never) = (cart.buyer(), cart.buyer());
    // Its token is good somewhere for a while: it adds and merges while the deletion is told.
    let deletions = [user_deleted(gone.account.user_id), user_deleted(never.account.user_id)];
    let told = others.say(&cart, &deletions);
    let adding = futures::future::join_all(products.iter().map(|product| gone.add(*product, 1)));
    futures::join!(told, adding);
    eventually(SOON, async || count(&cart.database, "carts WHERE gone_at IS NOT NULL").await == 2).await;
    for buyer in [&gone, &never] {
        assert_eq!(reason(buyer.add(products[0], 1).await).as_str(), "UNAUTHORIZED");
        assert_eq!(reason(buyer.merge([(products[1], 1)]).await).as_str(), "UNAUTHORIZED");
    }
    assert_eq!(count(&cart.database, "cart_items").await, 0);
    assert_eq!(count(&cart.database, "carts WHERE lines <> 0").await, 0);
}
