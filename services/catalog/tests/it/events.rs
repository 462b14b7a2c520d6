//! What catalog hears of accounts, from the real broker.

use access_token::Account;
use commerce_types::ProductId;
use database::Pool;
use diesel_async::AsyncPgConnection;
use events::{Event, Relay, names};
use protocol::catalog::v1::{
    ListProductsByIdRequest, ListProductsRequest, ProductPublished, ProductRemoved, RemovalReason,
};
use protocol::identity::v1::{AccountState, UserChanged, UserDeleted, UserRegistered};
use service_runtime::Ids;
use test_support::{TestDatabase, eventually, seller};
use tokio_util::sync::CancellationToken;

use crate::harness::{CatalogTest, SOON, reason};
use crate::publish_product::{publish, state};

/// Says it as another service would: through an outbox and relay of its own.
pub(crate) async fn say(catalog: &CatalogTest, said: &[Event]) {
    let elsewhere = TestDatabase::new("catalog").await;
    let conn: &mut AsyncPgConnection = &mut elsewhere.conn().await;
    ::events::write(conn, said).await.unwrap();
    let relay =
        Relay::new("elsewhere", Pool::new(elsewhere.config()).unwrap(), catalog.broker.as_ref().unwrap().broker());
    let stop = CancellationToken::new();
    let sent = async {
        eventually(SOON, async || {
            let rows = test_support::outbox::list(conn).await;
            rows.iter().all(|row| row.sent_at.is_some())
        })
        .await;
        stop.cancel();
    };
    let (relayed, ()) = tokio::join!(relay.run(stop.clone()), sent);
    relayed.unwrap();
}

fn changed(state: AccountState) -> Event {
    let message = UserChanged { account: Some(state), clerk_id: "user_1".to_owned() };
    Event::new(names::USER_CHANGED, Ids.next(), &message)
}

async fn on_sale(catalog: &CatalogTest) -> u64 {
    catalog.as_guest().list_products(ListProductsRequest::default()).await.unwrap().total
}

#[tokio::test]
async fn a_seller_that_is_switched_off_takes_its_products_off_sale_and_back() {
    let expected = [names::PRODUCT_REMOVED, names::PRODUCT_PUBLISHED];
    let catalog = CatalogTest::start_with_broker().await.expecting(expected);
    let owner = seller();
    for status in ["active", "active", "draft"] {
        catalog.insert(|product| product.seller(&owner).status(status)).await;
    }
    catalog.insert(|product| product).await;
    assert_eq!(on_sale(&catalog).await, 3);

    say(&catalog, &[changed(AccountState { is_active: false, ..state(&owner, 2) })]).await;
    eventually(SOON, async || on_sale(&catalog).await == 1).await;
    let removed: Vec<ProductRemoved> = catalog.said(names::PRODUCT_REMOVED).await;
    assert_eq!(removed.len(), 2);
    assert!(removed.iter().all(|removed| removed.reason() == RemovalReason::OffSale));

    // What is older than what is known changes nothing.
    say(&catalog, &[changed(state(&owner, 1)), changed(state(&owner, 3))]).await;
    eventually(SOON, async || on_sale(&catalog).await == 3).await;
    assert_eq!(catalog.said::<ProductPublished>(names::PRODUCT_PUBLISHED).await.len(), 2);
}

#[tokio::test]
async fn the_products_show_their_seller_as_it_is_now() {
    let catalog = CatalogTest::start_with_broker().await;
    let mut owner = seller();
    let id = catalog.insert(|product| product.seller(&owner)).await;
    owner.full_name = "Nouvelle enseigne".to_owned();
    owner.is_verified = true;
    let registered = UserRegistered { account: Some(state(&owner, 1)) };
    say(&catalog, &[Event::new(names::USER_REGISTERED, Ids.next(), &registered), changed(state(&owner, 2))]).await;
    eventually(SOON, async || shown_seller(&catalog, id).await == ("Nouvelle enseigne".to_owned(), true)).await;
}

async fn shown_seller(catalog: &CatalogTest, id: ProductId) -> (String, bool) {
    let request = ListProductsByIdRequest { ids: vec![id.to_string()] };
    let product = catalog.as_guest().list_products_by_id(request).await.unwrap().products.pop().unwrap();
    let seller = product.seller.unwrap();
    (seller.full_name, seller.is_verified)
}

#[tokio::test]
async fn the_products_of_a_deleted_account_are_deleted_and_nothing_revives_it() {
    let catalog = CatalogTest::start_with_broker().await.expecting([names::PRODUCT_REMOVED]);
    let owner = Account { full_name: "Boutique Planted".to_owned(), ..seller() };
    catalog.insert(|product| product.seller(&owner)).await;
    catalog.insert(|product| product.seller(&owner).status("draft")).await;
    let deleted = UserDeleted { user_id: owner.user_id.to_string(), clerk_id: "user_1".to_owned() };
    let deleted = Event::new(names::USER_DELETED, owner.user_id.into(), &deleted);
    let other = seller();
    let late = changed(state(&owner, 9));
    say(&catalog, &[deleted, late, changed(state(&other, 1))]).await;

    eventually(SOON, async || on_sale(&catalog).await == 0).await;
    let removed: Vec<ProductRemoved> = catalog.said(names::PRODUCT_REMOVED).await;
    assert_eq!(removed.len(), 2);
    assert!(removed.iter().all(|removed| removed.reason() == RemovalReason::Deleted));

    // Its token is good somewhere for a while.
    assert_eq!(reason(publish(&catalog, &owner, |_| {}).await), "UNAUTHORIZED");
    let dump = test_support::dump(&mut catalog.conn().await).await;
    assert!(dump.contains("Deleted user") && !dump.contains(&owner.full_name), "{dump}");
}
