//! What reels does with what it hears.

use access_token::{Account, Caller};
use events::{Event, Relay, names};
use protocol::catalog::v1 as catalog;
use protocol::identity::v1::UserDeleted;
use protocol::reels::v1::{ReelPublished, ReelRemoval, ReelRemoved, ReelUnliked};
use service_error::Reason;
use test_support::{TestDatabase, customer, dump, eventually, outbox};
use tokio_util::sync::CancellationToken;

use crate::builders::Made;
use crate::harness::{ReelsTest, SOON, reason};

/// Another service's outbox, published.
struct Others {
    database: TestDatabase,
}

impl Others {
    async fn start() -> Self {
        Self { database: TestDatabase::new("cart").await }
    }

    async fn say(&self, reels: &ReelsTest, said: &[Event]) {
        events::write(&self.database.conn().await, said).await.unwrap();
        let stop = CancellationToken::new();
        let relay = Relay::new("others", self.database.pool(), reels.broker.as_ref().unwrap().broker());
        let sent = async {
            let unsent = "SELECT count(*) FROM outbox WHERE sent_at IS NULL";
            eventually(SOON, async || self.database.number(unsent).await == 0).await;
            stop.cancel();
        };
        let (ended, ()) = futures::future::join(relay.run(stop.clone()), sent).await;
        ended.unwrap();
    }
}

fn fact(reel: Made, name: &str, version: i64) -> Option<catalog::ProductFact> {
    Some(catalog::ProductFact {
        id: reel.product_id.to_string(),
        seller_id: reel.seller_id.to_string(),
        slug: "tapis".to_owned(),
        name: name.to_owned(),
        price_centimes: 300_000,
        original_price_centimes: Some(350_000),
        category: "home".to_owned(),
        version,
        ..Default::default()
    })
}

fn removed(reel: Made, version: i64, reason: catalog::RemovalReason) -> Event {
    let payload = catalog::ProductRemoved { product: fact(reel, "Tapis", version), reason: reason.into() };
    Event::new(names::PRODUCT_REMOVED, reel.product_id.into(), &payload)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reel_comes_and_goes_with_its_product() {
    let (reels, others) = (ReelsTest::start_with_broker().await, Others::start().await);
    let (reel, stays) = (reels.made().await, reels.made().await);
    let public = async |reel| reels.get(&Caller::GUEST, reel).await;
    others.say(&reels, &[removed(reel, 1, catalog::RemovalReason::OffSale)]).await;
    eventually(SOON, async || public(reel).await.is_err()).await;
    assert!(public(stays).await.is_ok());

    let payload = catalog::ProductPublished { product: fact(reel, "Tapis neuf", 2) };
    let published = Event::new(names::PRODUCT_PUBLISHED, reel.product_id.into(), &payload);
    let stock = catalog::Shown {
        product_id: reel.product_id.to_string(),
        in_stock: false,
        stock_version: 5,
        ..Default::default()
    };
    let stock = catalog::StockShown { products: vec![stock] };
    others.say(&reels, &[published, Event::new(names::STOCK_SHOWN, reel.product_id.into(), &stock)]).await;
    let product = async || public(reel).await.ok().and_then(|reel| reel.product);
    eventually(SOON, async || product().await.is_some_and(|product| !product.in_stock)).await;
    let product = product().await.unwrap();
    assert_eq!((product.name.as_str(), product.price.unwrap().centimes), ("Tapis neuf", 300_000));
    // What is older than what is known changes nothing.
    let payload = catalog::ProductChanged { product: fact(reel, "Vieux", 1), category_before: String::new() };
    others.say(&reels, &[Event::new(names::PRODUCT_CHANGED, reel.product_id.into(), &payload)]).await;

    others.say(&reels, &[removed(reel, 3, catalog::RemovalReason::Deleted)]).await;
    let rows = format!("SELECT count(*) FROM reels WHERE id = '{}'", reel.id);
    eventually(SOON, async || reels.number(&rows).await == 0).await;
    let seller = Caller::Account(Account { user_id: reel.seller_id, ..test_support::seller() });
    assert_eq!(reason(reels.get(&seller, reel).await), Reason::ReelNotFound);
    let old = "SELECT count(*) FROM products WHERE name = 'Vieux'";
    assert_eq!(reels.number(old).await, 0);

    let mut conn = reels.database.conn().await;
    let gone: Vec<ReelRemoved> = outbox::messages(&mut conn, names::REEL_REMOVED).await;
    let reasons: Vec<ReelRemoval> = gone.iter().map(ReelRemoved::reason).collect();
    assert_eq!(reasons, [ReelRemoval::Hidden, ReelRemoval::Deleted]);
    let back: Vec<ReelPublished> = outbox::messages(&mut conn, names::REEL_PUBLISHED).await;
    assert!(back.len() == 1 && back[0].reel.as_ref().unwrap().public);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_a_deleted_account() {
    let (reels, others) = (ReelsTest::start_with_broker().await, Others::start().await);
    let (reel, other) = (reels.made().await, reels.made().await);
    let gone = Account { full_name: "Plantée Disparue".to_owned(), user_id: reel.seller_id, ..test_support::seller() };
    let stays = customer();
    for who in [&gone, &stays] {
        reels.set_like(who, other, true).await.unwrap();
        reels.comment(who, other, "Parole plantée", Some(&format!("key-of-{}", who.user_id))).await.unwrap();
    }
    reels.set_like(&stays, reel, true).await.unwrap();

    let payload = UserDeleted { user_id: gone.user_id.to_string(), clerk_id: "user_x".to_owned() };
    others.say(&reels, &[Event::new(names::USER_DELETED, gone.user_id.into(), &payload)]).await;
    eventually(SOON, async || reels.number("SELECT count(*) FROM reels").await == 1).await;
    assert_eq!(reels.number("SELECT likes FROM reel_counts").await, 1);
    assert_eq!(reels.number("SELECT comments FROM reel_counts").await, 1);
    assert_eq!(reels.miscounted().await, 0);
    assert_eq!(reason(reels.set_like(&gone, other, true).await), Reason::Unauthorized);
    assert_eq!(reason(reels.comment(&gone, other, "x", None).await), Reason::Unauthorized);

    let mut conn = reels.database.conn().await;
    let unliked: Vec<ReelUnliked> = outbox::messages(&mut conn, names::REEL_UNLIKED).await;
    assert_eq!((unliked.len(), unliked[0].likes_count), (1, 1));
    let left = dump(&mut conn).await;
    assert!(!left.contains("Disparue"), "the name is left");
    let said = left.lines().filter(|line| line.contains("Parole plantée") && line.contains(&gone.user_id.to_string()));
    assert_eq!(said.count(), 0, "a comment is left");
}
