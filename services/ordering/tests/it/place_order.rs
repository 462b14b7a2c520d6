//! What a checkout does, and when it refuses.

use std::time::Duration;

use chrono::TimeDelta;
use commerce_types::Money;
use diesel_async::SimpleAsyncConnection;
use events::names::{ORDER_PLACED, STOCK_CHANGED};
use protocol::ordering::v1::*;
use serde_json::json;
use service_error::Reason;
use test_support::{admin, customer, eventually, guest, service};

use crate::builders::{Product, basket, one_of};
use crate::harness::{OrderingTest, public, reason};

const SOON: Duration = Duration::from_secs(10);

async fn selling() -> OrderingTest {
    OrderingTest::start().await.expecting([ORDER_PLACED, STOCK_CHANGED])
}

fn centimes(money: &Option<protocol::types::v1::Money>) -> i64 {
    money.as_ref().unwrap().centimes
}

#[tokio::test]
async fn one_order_per_seller_at_the_prices_of_the_server() {
    let ordering = selling().await;
    let soap = ordering.product().price(120).insert().await;
    let oil = ordering.product().price(990).stock(3).insert().await;
    let comb = ordering.product().of(&soap.seller).price(45).insert().await;
    let buyer = customer();

    let request = PlaceOrderRequest {
        customer_wilaya: "bejaia".to_owned(),
        customer_commune: Some("Akbou".to_owned()),
        customer_email: Some("amina@example.dz".to_owned()),
        notes: Some("Appelez avant".to_owned()),
        expected_total: Some(Money::from_dinars(120 * 2 + 45 + 990 * 2 + 1_000).unwrap().into()),
        ..basket(&[(&oil, 1), (&soap, 2), (&oil, 1), (&comb, 1)])
    };
    let bought = ordering.place(&buyer, request).await.unwrap();

    let [first, second] = &bought.checkout.orders[..] else { panic!("two sellers, two orders") };
    assert_eq!(first.seller.as_ref().unwrap().id, oil.seller.user_id.to_string());
    assert_eq!(first.items.len(), 1);
    assert_eq!((first.items[0].quantity, centimes(&first.items[0].price)), (2, 99_000));
    assert_eq!(
        second.items.iter().map(|item| item.product_id.clone().unwrap()).collect::<Vec<_>>(),
        [&*soap.id, &comb.id]
    );
    assert_eq!(
        (centimes(&second.subtotal), centimes(&second.shipping_cost), centimes(&second.total)),
        (28_500, 50_000, 78_500)
    );
    assert_eq!(centimes(&bought.checkout.total), centimes(&first.total) + centimes(&second.total));
    assert_eq!(first.customer_wilaya.as_deref(), Some("Béjaïa"));
    assert_eq!(first.user_id.as_deref(), Some(&*buyer.user_id.to_string()));
    assert_eq!(first.status(), OrderStatus::Pending);
    assert_eq!(first.payment_status(), PaymentStatus::Pending);
    assert_eq!(first.delivery_type(), DeliveryType::Home);
    assert!(!bought.replayed && bought.tracking_token.is_none() && bought.flipped.is_empty());

    // What was answered is what is read afterwards, to the last member.
    for order in &bought.checkout.orders {
        assert_eq!(ordering.order(&buyer, &order.id).await.unwrap(), *order);
    }
    assert_eq!(ordering.free(&oil.id).await, 1);
    assert_eq!(ordering.free(&soap.id).await, 8);
    let history = ordering.history(&buyer, &first.id).await;
    assert_eq!(history.len(), 1);
    assert_eq!(
        (history[0].from_status, history[0].to_status(), history[0].actor()),
        (None, OrderStatus::Pending, Actor::Customer)
    );
    ordering.assert_ledger_adds_up().await;
}

#[tokio::test]
async fn events_say_what_was_placed_and_what_is_left() {
    let ordering = selling().await;
    let (soap, oil) = (ordering.product().insert().await, ordering.product().stock(1).insert().await);
    let buyer = customer();
    let bought = ordering.place(&buyer, basket(&[(&soap, 2), (&oil, 1)])).await.unwrap();

    let placed: Vec<OrderPlaced> = ordering.events(ORDER_PLACED).await;
    assert_eq!(placed.len(), 2);
    for (event, order) in placed.iter().zip(&bought.checkout.orders) {
        assert_eq!((&event.order_id, &event.order_number), (&order.id, &order.order_number));
        assert_eq!(event.user_id, order.user_id);
        assert_eq!(event.checkout_id.as_ref(), Some(&bought.checkout.id));
        assert_eq!((event.total_centimes, event.items_count), (centimes(&order.total), 1));
        let brief = event.order.as_ref().unwrap();
        assert_eq!((&brief.id, &brief.order_number), (&order.id, &order.order_number));
        assert_eq!((brief.total_centimes, brief.items_count), (centimes(&order.total), 1));
        assert_eq!((brief.status, brief.payment_method), (order.status, order.payment_method));
        let created_at = order.created_at.unwrap();
        assert_eq!(event.placed_at_micros, created_at.seconds * 1_000_000 + i64::from(created_at.nanos / 1_000));
    }
    let [changed] = &ordering.events::<StockChanged>(STOCK_CHANGED).await[..] else { panic!("one per transaction") };
    let mut left: Vec<_> =
        changed.stock.iter().map(|left| (left.product_id.clone(), left.free, left.version)).collect();
    left.sort();
    let mut expected = vec![(soap.id.clone(), 8, 2), (oil.id.clone(), 0, 2)];
    expected.sort();
    assert_eq!(left, expected);
}

#[tokio::test]
async fn the_last_unit_is_told_to_catalog_before_the_answer() {
    let ordering = selling().await;
    let (soap, oil) = (ordering.product().stock(2).insert().await, ordering.product().insert().await);
    let bought = ordering.place(&customer(), basket(&[(&soap, 2), (&oil, 1)])).await.unwrap();
    assert_eq!(bought.flipped, std::slice::from_ref(&soap.id));
    let [shown] = &ordering.catalog.shown()[..] else { panic!("only what flipped is told") };
    assert_eq!((&shown.product_id, shown.free, shown.switched_on, shown.version), (&soap.id, 0, true, 2));
}

#[tokio::test]
async fn a_guest_gets_a_token_that_opens_its_orders_for_180_days() {
    let ordering = selling().await;
    let soap = ordering.product().insert().await;
    let bought = ordering.place(&guest(), one_of(&soap)).await.unwrap();
    let token = bought.tracking_token.clone().unwrap();
    assert_eq!(token.len(), 43);
    assert_eq!(bought.order().user_id, None);
    let ask = |token: &str| {
        let request = GetOrderRequest { id: bought.order().id.clone(), tracking_token: Some(token.to_owned()) };
        let (mut client, request) = (ordering.client.clone(), ordering.by(&guest(), request));
        async move { client.get_order(request).await.map(tonic::Response::into_inner).map_err(crate::harness::refusal) }
    };
    assert_eq!(ask(&token).await.unwrap(), *bought.order());
    assert_eq!(reason(ask(&token.replace(|_| true, "A")).await), Reason::OrderNotFound);
    assert_eq!(reason(ordering.order(&guest(), &bought.order().id).await), Reason::Unauthorized);
    ordering.advance(TimeDelta::days(180));
    assert_eq!(reason(ask(&token).await), Reason::OrderNotFound);
}

#[tokio::test]
async fn refusals_come_in_order_name_every_product_and_leave_nothing() {
    let ordering = OrderingTest::start().await;
    let gone = ordering.product().insert().await;
    ordering.catalog.take_off_sale(&gone.id);
    let few = ordering.product().minimum(5).insert().await;
    let short = ordering.product().stock(3).insert().await;
    let off = ordering.product().switched_off().insert().await;
    let buyer = customer();
    let refused = |lines: Vec<(Product, i32)>, expected: i64| {
        let lines: Vec<_> = lines.iter().map(|(product, quantity)| (product, *quantity)).collect();
        let expected_total = Some(Money::from_dinars(expected).unwrap().into());
        let request = PlaceOrderRequest { expected_total, ..basket(&lines) };
        let (ordering, buyer) = (&ordering, &buyer);
        async move { ordering.place(buyer, request).await.unwrap_err() }
    };

    let all = vec![(short.clone(), 4), (few.clone(), 4), (gone.clone(), 1), (off.clone(), 1)];
    let error = refused(all, 1).await;
    assert_eq!(error.reason, Reason::ProductNotFound);
    assert_eq!(error.details.len(), 1);
    assert_eq!(error.details[0].field, "items[2].product_id");
    assert_eq!(error.details[0].extra["product_id"], json!(gone.id));

    let error = refused(vec![(short.clone(), 4), (few.clone(), 4), (off.clone(), 1)], 1).await;
    assert_eq!(error.reason, Reason::MinOrderQuantity);
    assert_eq!(error.details[0].field, "items[1].quantity");
    assert_eq!(error.details[0].extra["min_order_quantity"], json!(5));

    let error = refused(vec![(short.clone(), 2), (off.clone(), 1), (short.clone(), 2)], 1).await;
    assert_eq!(error.reason, Reason::OutOfStock);
    let named: Vec<_> =
        error.details.iter().map(|detail| (&*detail.field, detail.extra["available"].clone())).collect();
    assert_eq!(named, [("items[0].quantity", json!(3)), ("items[1].quantity", json!(0))]);

    let error = refused(vec![(short.clone(), 3)], 1).await;
    assert_eq!(error.reason, Reason::PriceChanged);
    assert_eq!(error.details[0].extra["total"], json!(3_500));
    assert_eq!(error.details[0].extra["expected_total"], json!(1));

    assert_eq!(ordering.count("SELECT count(*) FROM orders").await, 0);
    assert_eq!(ordering.free(&short.id).await, 3);
}

#[tokio::test]
async fn bad_fields_are_named_before_anything_is_asked() {
    let ordering = OrderingTest::start().await;
    let soap = ordering.product().insert().await;
    let bad = PlaceOrderRequest {
        customer_name: "ab".to_owned(),
        customer_phone: "021123456".to_owned(),
        ..basket(&[(&soap, 0)])
    };
    let error = ordering.place(&customer(), bad).await.unwrap_err();
    assert_eq!(error.reason, Reason::ValidationError);
    let fields: Vec<_> = error.details.iter().map(|detail| &*detail.field).collect();
    assert_eq!(fields, ["customer_name", "customer_phone", "items[0].quantity"]);

    let nowhere = PlaceOrderRequest { customer_wilaya: "Atlantis".to_owned(), ..one_of(&soap) };
    let error = ordering.place(&customer(), nowhere).await.unwrap_err();
    assert_eq!((error.reason, &*error.details[0].field), (Reason::ValidationError, "customer_wilaya"));
    assert_eq!(reason(ordering.place(&customer(), basket(&[])).await), Reason::ValidationError);
    assert_eq!(ordering.catalog.asked(), 0);
}

#[tokio::test]
async fn a_total_above_the_limit_is_refused() {
    let ordering = OrderingTest::start().await;
    let dear = ordering.product().price(99_999_999).stock(10_000_000).insert().await;
    let lines: Vec<_> = (0..2).map(|_| (&dear, 100_000)).collect();
    assert_eq!(reason(ordering.place(&customer(), basket(&lines)).await), Reason::ValidationError);
}

#[tokio::test]
async fn without_catalog_a_checkout_is_unavailable_and_works_again_with_it() {
    let ordering = selling().await;
    let soap = ordering.product().insert().await;
    ordering.catalog.be_away(true);
    assert_eq!(reason(ordering.place(&customer(), one_of(&soap)).await), Reason::Unavailable);
    ordering.catalog.be_away(false);
    ordering.place(&customer(), one_of(&soap)).await.unwrap();
}

#[tokio::test]
async fn catalog_is_asked_in_the_name_of_the_buyer() {
    let ordering = selling().await;
    let soap = ordering.product().insert().await;
    let buyer = customer();
    ordering.place(&buyer, one_of(&soap)).await.unwrap();
    let token = ordering.catalog.tokens().pop().unwrap();
    let caller = ordering.tokens.access_tokens().verify(token.strip_prefix("Bearer ").unwrap()).unwrap();
    assert_eq!(caller.user_id(), Some(buyer.user_id));
}

#[tokio::test]
async fn admins_and_sellers_buy_like_everybody_but_services_do_not() {
    let ordering = selling().await;
    let soap = ordering.product().insert().await;
    assert_eq!(ordering.place(&admin(), one_of(&soap)).await.unwrap().order().customer_name, "Amina Haddad");
    let own = ordering.place(&soap.seller, one_of(&soap)).await.unwrap();
    let seller = protocol::types::v1::PublicUser::from(public(&soap.seller));
    assert_eq!(own.order().user, Some(seller.clone()));
    assert_eq!(own.order().seller, Some(seller));
    assert_eq!(reason(ordering.place(&service("cart"), one_of(&soap)).await), Reason::Forbidden);
}

#[tokio::test]
async fn the_fee_is_that_of_the_wilaya_and_the_way_of_delivery() {
    let ordering = selling().await;
    ordering.execute("UPDATE wilayas SET home_fee = 80000, office_fee = 35050 WHERE code = 16").await;
    let soap = ordering.product().insert().await;
    let buyer = customer();
    let home = ordering.place(&buyer, one_of(&soap)).await.unwrap();
    assert_eq!(centimes(&home.order().shipping_cost), 80_000);
    let request = PlaceOrderRequest { delivery_type: DeliveryType::Office.into(), ..one_of(&soap) };
    let office = ordering.place(&buyer, request).await.unwrap();
    assert_eq!(centimes(&office.order().total), 135_050);
}

#[tokio::test]
async fn a_caller_that_hangs_up_does_not_cancel_its_checkout() {
    let ordering = selling().await;
    let soap = ordering.product().insert().await;
    let mut holder = ordering.conn().await;
    let hold = format!("BEGIN; SELECT free FROM stock WHERE product_id = '{}' FOR UPDATE", soap.id);
    holder.batch_execute(&hold).await.unwrap();
    let waits = async || ordering.count("SELECT count(*) FROM pg_locks WHERE NOT granted").await > 0;
    let buyer = customer();
    tokio::select! {
        answered = ordering.place(&buyer, one_of(&soap)) => panic!("answered {answered:?} while the stock was locked"),
        () = eventually(SOON, waits) => {}
    }
    assert_eq!(ordering.count("SELECT count(*) FROM orders").await, 0);
    holder.batch_execute("COMMIT").await.unwrap();
    eventually(SOON, async || ordering.count("SELECT count(*) FROM orders").await == 1).await;
    assert_eq!(ordering.free(&soap.id).await, 9);
}
