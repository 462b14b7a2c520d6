//! Number and phone together open a redacted view; everything else is one answer.

use events::names::{ORDER_PLACED, ORDER_STATUS_CHANGED, STOCK_CHANGED};
use protocol::ordering::v1::*;
use service_error::{Reason, ServiceError};
use test_support::{customer, guest};

use crate::builders::one_of;
use crate::harness::{OrderingTest, refusal};

async fn selling() -> OrderingTest {
    OrderingTest::start().await.expecting([ORDER_PLACED, STOCK_CHANGED, ORDER_STATUS_CHANGED])
}

async fn track(ordering: &OrderingTest, phone: &str, order_number: &str) -> Result<Order, ServiceError> {
    let request = TrackOrderRequest { phone: phone.to_owned(), order_number: order_number.to_owned() };
    let answer = ordering.client.clone().track_order(ordering.by(&guest(), request)).await;
    answer.map(tonic::Response::into_inner).map_err(refusal)
}

#[tokio::test]
async fn every_spelling_of_the_pair_opens_it() {
    let ordering = selling().await;
    let soap = ordering.product().insert().await;
    let bought = ordering.place(&guest(), one_of(&soap)).await.unwrap();
    let number = bought.order().order_number.clone();
    let spellings = [
        number.clone(),
        number.to_lowercase(),
        format!("  {}  ", number.replace('-', " - ")),
        number.replace('1', "l").replace('0', "o"),
        number.replace('1', "I"),
    ];
    for spelling in &spellings {
        let order = track(&ordering, "0555 12-34.56", spelling).await.unwrap();
        assert_eq!(order.order_number, number);
    }
    assert!(track(&ordering, "002130555123456", &number).await.is_ok());
}

#[tokio::test]
async fn nothing_personal_is_shown() {
    let ordering = selling().await;
    let soap = ordering.product().insert().await;
    let buyer = customer();
    let request = PlaceOrderRequest {
        customer_email: Some("amina@example.dz".to_owned()),
        customer_commune: Some("Akbou".to_owned()),
        notes: Some("code 1234".to_owned()),
        ..one_of(&soap)
    };
    let bought = ordering.place(&buyer, request).await.unwrap();
    ordering.bring_to(&soap.seller, &bought.order().id, OrderStatus::Confirmed).await;
    let shown = track(&ordering, "0555123456", &bought.order().order_number).await.unwrap();
    let order = ordering.order(&buyer, &bought.order().id).await.unwrap();
    let redacted = Order {
        id: String::new(),
        checkout_id: None,
        user: None,
        user_id: None,
        customer_name: String::new(),
        customer_email: None,
        customer_phone: None,
        customer_wilaya: None,
        customer_commune: None,
        shipping_address: None,
        notes: None,
        items: order
            .items
            .iter()
            .map(|item| OrderItem { id: String::new(), product_id: None, ..item.clone() })
            .collect(),
        history: shown.history.clone(),
        ..order
    };
    assert_eq!(shown, redacted);
    assert_eq!(
        shown.history.iter().map(HistoryEntry::to_status).collect::<Vec<_>>(),
        [OrderStatus::Pending, OrderStatus::Confirmed]
    );
    assert!(shown.seller.is_some());
}

#[tokio::test]
async fn whatever_is_wrong_the_answer_is_the_same() {
    let ordering = selling().await;
    let soap = ordering.product().insert().await;
    let bought = ordering.place(&guest(), one_of(&soap)).await.unwrap();
    let number = &bought.order().order_number;
    let wiped = ordering.place(&guest(), one_of(&soap)).await.unwrap().order().order_number.clone();
    ordering
        .execute(&format!(
            "UPDATE orders SET wiped_at = now(), customer_phone = NULL, customer_email = NULL, customer_commune = NULL, \
             shipping_address = NULL, notes = NULL WHERE order_number = '{wiped}'"
        ))
        .await;
    let long = "9".repeat(10_000);
    let wrong = [
        ("0555123457", number.as_str()),
        ("0555123456", "ZST-1764000000-0000000000"),
        ("not a phone", number),
        ("+213555123456' OR '1'='1", number),
        ("0555123456", "ZST-%"),
        ("0555123456", ""),
        ("0555123456", "\0"),
        ("\0", number),
        ("0555123456", &long),
        ("0555123456", &wiped),
    ];
    for (phone, number) in wrong {
        let refused = track(&ordering, phone, number).await.unwrap_err();
        assert_eq!(refused.reason, Reason::OrderNotFound, "{phone} {number:.20}");
        assert_eq!(refused.message, Reason::OrderNotFound.message());
        assert!(refused.details.is_empty());
    }
}
