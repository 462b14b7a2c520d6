//! What ordering hears, and that what it says arrives, with the real broker.

use std::time::Duration;

use access_token::Account;
use diesel_async::AsyncPgConnection;
use events::names::{ORDER_PLACED, ORDER_STATUS_CHANGED, STOCK_CHANGED, USER_CHANGED, USER_DELETED, USER_REGISTERED};
use events::{Event, Relay};
use protocol::identity::v1::{AccountState, UserChanged, UserDeleted, UserRegistered};
use protocol::ordering::v1::*;
use protocol::types::v1::Page;
use service_error::Reason;
use test_support::{TestDatabase, customer, eventually};
use tokio_util::sync::CancellationToken;

use crate::builders::{keyed, one_of};
use crate::harness::{OrderingTest, reason};

const SOON: Duration = Duration::from_secs(20);

async fn selling() -> OrderingTest {
    OrderingTest::start_with_broker().await.expecting([ORDER_PLACED, STOCK_CHANGED, ORDER_STATUS_CHANGED])
}

/// Identity's end of the broker: an outbox in a database of its own, and a relay.
struct Identity {
    database: TestDatabase,
    stop: CancellationToken,
}

impl Identity {
    #[expect(clippy::disallowed_methods, reason = "not a task of the service under test")]
    async fn beside(ordering: &OrderingTest) -> Self {
        let database = TestDatabase::new("ordering").await;
        let stop = CancellationToken::new();
        let relay = Relay::new("identity", database.pool(), ordering.broker.as_ref().unwrap().broker());
        tokio::task::spawn(relay.run(stop.clone()));
        Self { database, stop }
    }

    async fn say(&self, events: &[Event]) {
        let conn: AsyncPgConnection = self.database.conn().await;
        events::write(&conn, events).await.unwrap();
    }
}

impl Drop for Identity {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn state(account: &Account, name: &str, version: i64) -> Option<AccountState> {
    let user = protocol::types::v1::PublicUser { full_name: name.to_owned(), ..account.public_user().into() };
    Some(AccountState { user: Some(user), version, is_active: true, ..Default::default() })
}

fn changed(account: &Account, name: &str, version: i64) -> Event {
    let payload = UserChanged { account: state(account, name, version), clerk_id: String::new() };
    Event::new(USER_CHANGED, account.user_id.as_uuid(), &payload)
}

fn deleted(account: &Account) -> Event {
    let payload = UserDeleted { user_id: account.user_id.to_string(), clerk_id: String::new() };
    Event::new(USER_DELETED, account.user_id.as_uuid(), &payload)
}

async fn seller_name(ordering: &OrderingTest, by: &Account, id: &str) -> String {
    ordering.order(by, id).await.unwrap().seller.unwrap().full_name
}

#[tokio::test]
async fn copies_of_accounts_follow_identity_and_the_newer_version_wins() {
    let ordering = selling().await;
    let identity = Identity::beside(&ordering).await;
    let soap = ordering.product().insert().await;
    let (buyer, seller) = (customer(), &soap.seller);
    let id = ordering.place(&buyer, one_of(&soap)).await.unwrap().order().id.clone();
    assert_eq!(seller_name(&ordering, &buyer, &id).await, seller.full_name);

    let registered = UserRegistered { account: state(seller, "Boutique Nour", 1) };
    identity
        .say(&[Event::new(USER_REGISTERED, seller.user_id.as_uuid(), &registered), changed(seller, "Nour 3", 3)])
        .await;
    eventually(SOON, async || seller_name(&ordering, &buyer, &id).await == "Nour 3").await;
    // Older news, then something to wait for.
    identity.say(&[changed(seller, "Nour 2", 2), changed(&buyer, "Amina B.", 5)]).await;
    eventually(SOON, async || ordering.order(&buyer, &id).await.unwrap().user.unwrap().full_name == "Amina B.").await;
    assert_eq!(seller_name(&ordering, &buyer, &id).await, "Nour 3");
    // A token of before does not take it back either.
    ordering.place(&buyer, one_of(&soap)).await.unwrap();
    assert_eq!(ordering.order(&buyer, &id).await.unwrap().user.unwrap().full_name, "Amina B.");
}

#[tokio::test]
async fn a_deleted_buyer_is_forgotten_now_and_as_its_orders_finish() {
    let ordering = selling().await;
    let identity = Identity::beside(&ordering).await;
    let soap = ordering.product().insert().await;
    let buyer = customer();
    let keyed = keyed(&PlaceOrderRequest { notes: Some("code 1234".to_owned()), ..one_of(&soap) }, "key-00001", "body");
    let finished = ordering.place(&buyer, keyed.clone()).await.unwrap().order().id.clone();
    ordering.bring_to(&soap.seller, &finished, OrderStatus::Delivered).await;
    let open = ordering.place(&buyer, one_of(&soap)).await.unwrap().order().id.clone();

    identity.say(&[deleted(&buyer)]).await;
    eventually(SOON, async || ordering.count("SELECT count(*) FROM orders WHERE wiped_at IS NOT NULL").await == 1)
        .await;
    let of = |id: &str| {
        let (ordering, seller, id) = (&ordering, &soap.seller, id.to_owned());
        async move { ordering.order(seller, &id).await.unwrap() }
    };
    let wiped = of(&finished).await;
    assert_eq!(wiped.customer_name, "Deleted user");
    assert_eq!((wiped.customer_phone, wiped.shipping_address, wiped.notes, wiped.user), (None, None, None, None));
    assert_eq!(wiped.customer_wilaya.as_deref(), Some("Alger"));
    assert_eq!(wiped.user_id, Some(buyer.user_id.to_string()));
    assert_eq!(wiped.items.len(), 1);
    assert_eq!(reason(ordering.place(&buyer, keyed).await), Reason::IdempotencyKeyReused);

    // What is still on its way needs its address; when it arrives, that goes too.
    assert_eq!(of(&open).await.customer_phone.as_deref(), Some("+213555123456"));
    ordering.bring_to(&soap.seller, &open, OrderStatus::Shipped).await;
    let arrived = ordering.move_to(&soap.seller, &open, OrderStatus::Delivered).await.unwrap().order.unwrap();
    assert_eq!(
        (arrived.customer_name.as_str(), &arrived.customer_phone, &arrived.user),
        ("Deleted user", &None, &None)
    );
    assert_eq!(of(&open).await, arrived);
    let found = ListSellerOrdersRequest {
        search: Some("Amina".to_owned()),
        page: Some(Page { number: 1, limit: 20 }),
        ..Default::default()
    };
    let found = ordering.client.clone().list_seller_orders(ordering.by(&soap.seller, found)).await.unwrap();
    assert_eq!(found.into_inner().total, 0);

    // Final: no event brings it back.
    identity.say(&[changed(&buyer, "Amina again", 9), changed(&soap.seller, "Seen", 1)]).await;
    eventually(SOON, async || of(&open).await.seller.unwrap().full_name == "Seen").await;
    assert_eq!(of(&open).await.user, None);
}

#[tokio::test]
async fn a_checkout_beside_the_deletion_leaves_no_answer() {
    let ordering = selling().await;
    let identity = Identity::beside(&ordering).await;
    let soap = ordering.product().stock(100).insert().await;
    let buyer = customer();
    // Its token is good somewhere for a while.
    let orders = (0..40).map(|n| {
        let order = keyed(&one_of(&soap), &format!("key-{n:05}"), "body");
        ordering.place(&buyer, order)
    });
    let told = [deleted(&buyer)];
    let (placed, ()) = futures::join!(futures::future::join_all(orders), identity.say(&told));
    eventually(SOON, async || ordering.count("SELECT count(*) FROM accounts WHERE deleted_at IS NOT NULL").await == 1)
        .await;
    for refused in placed.iter().filter_map(|placed| placed.as_ref().err()) {
        assert_eq!(refused.reason, Reason::Unauthorized);
    }
    assert_eq!(ordering.count("SELECT count(*) FROM answers WHERE answer IS NOT NULL").await, 0);
    assert_eq!(reason(ordering.place(&buyer, one_of(&soap)).await), Reason::Unauthorized);
    let taken = placed.iter().filter(|placed| placed.is_ok()).count();
    assert_eq!(ordering.count("SELECT count(*) FROM orders").await, i64::try_from(taken).unwrap());
    assert_eq!(ordering.free(&soap.id).await, 100 - i64::try_from(taken).unwrap());
}

#[tokio::test]
async fn what_is_said_reaches_the_broker() {
    let ordering = selling().await;
    let soap = ordering.product().insert().await;
    ordering.place(&customer(), one_of(&soap)).await.unwrap();
    eventually(SOON, async || ordering.count("SELECT count(*) FROM outbox WHERE sent_at IS NULL").await == 0).await;
    assert_eq!(ordering.count("SELECT count(*) FROM outbox").await, 2);
}
