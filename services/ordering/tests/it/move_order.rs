//! The status machine, step by step, with all that goes with a step.

use events::names::{ORDER_PLACED, ORDER_STATUS_CHANGED, ORDERING_ADMIN_ACTION, STOCK_CHANGED};
use protocol::ordering::v1::*;
use protocol::types::v1::AdminAction;
use serde_json::json;
use service_error::Reason;
use test_support::{admin, customer, pending_seller, seller};

use crate::builders::{basket, one_of};
use crate::harness::{OrderingTest, reason, refusal};

use OrderStatus::{Cancelled, Confirmed, Delivered, Pending, Processing, Returned, Shipped};

async fn selling() -> OrderingTest {
    OrderingTest::start().await.expecting([ORDER_PLACED, STOCK_CHANGED, ORDER_STATUS_CHANGED])
}

const ALL: [OrderStatus; 7] = [Pending, Confirmed, Processing, Shipped, Delivered, Cancelled, Returned];

const ALLOWED: [(OrderStatus, OrderStatus); 9] = [
    (Pending, Confirmed),
    (Pending, Cancelled),
    (Confirmed, Processing),
    (Confirmed, Cancelled),
    (Processing, Shipped),
    (Processing, Cancelled),
    (Shipped, Delivered),
    (Shipped, Returned),
    (Delivered, Returned),
];

#[tokio::test]
async fn every_pair_of_states() {
    let ordering = selling().await;
    let product = ordering.product().stock(1_000).insert().await;
    let buyer = customer();
    for from in ALL {
        let mut id = String::new();
        for to in ALL {
            if id.is_empty() {
                id = ordering.place(&buyer, one_of(&product)).await.unwrap().order().id.clone();
                ordering.bring_to(&product.seller, &id, from).await;
            }
            let answer = ordering.move_to(&product.seller, &id, to).await;
            if ALLOWED.contains(&(from, to)) {
                assert_eq!(answer.unwrap().order.unwrap().status(), to);
                id.clear();
                continue;
            }
            let refused = answer.unwrap_err();
            assert_eq!(refused.reason, Reason::InvalidStatusTransition, "{from:?} to {to:?}");
            let allowed: Vec<_> = ALLOWED.iter().filter(|pair| pair.0 == from).map(|pair| word(pair.1)).collect();
            assert_eq!(refused.details[0].extra["from"], json!(word(from)));
            assert_eq!(refused.details[0].extra["to"], json!(word(to)));
            assert_eq!(refused.details[0].extra["allowed"], json!(allowed));
        }
    }
    ordering.assert_ledger_adds_up().await;
}

fn word(status: OrderStatus) -> String {
    status.as_str_name().trim_start_matches("ORDER_STATUS_").to_lowercase()
}

#[tokio::test]
async fn a_delivered_order_is_paid_and_a_returned_one_refunded() {
    let ordering = selling().await;
    let product = ordering.product().stock(5).insert().await;
    let buyer = customer();
    let bought = ordering.place(&buyer, basket(&[(&product, 5)])).await.unwrap();
    let id = &bought.order().id;
    ordering.bring_to(&product.seller, id, Shipped).await;
    let delivered = ordering.move_to(&product.seller, id, Delivered).await.unwrap();
    assert_eq!(delivered.order.unwrap().payment_status(), PaymentStatus::Paid);
    assert!(delivered.flipped_product_ids.is_empty());
    assert_eq!(ordering.free(&product.id).await, 0);

    let returned = ordering.move_to(&product.seller, id, Returned).await.unwrap();
    assert_eq!(returned.flipped_product_ids, std::slice::from_ref(&product.id));
    let order = returned.order.unwrap();
    assert_eq!(order.payment_status(), PaymentStatus::Refunded);
    assert_eq!(ordering.order(&buyer, id).await.unwrap(), order);
    assert_eq!(ordering.free(&product.id).await, 5);
    let shown = ordering.catalog.shown();
    assert_eq!(shown.iter().map(|shown| shown.free).collect::<Vec<_>>(), [0, 5]);

    let history = ordering.history(&buyer, id).await;
    let steps: Vec<_> = history.iter().map(|entry| (entry.to_status(), entry.payment_status())).collect();
    use PaymentStatus as Is;
    let expected = [
        (Pending, Is::Pending),
        (Confirmed, Is::Pending),
        (Processing, Is::Pending),
        (Shipped, Is::Pending),
        (Delivered, Is::Paid),
        (Returned, Is::Refunded),
    ];
    assert_eq!(steps, expected);
    assert!(history[1..].iter().all(|entry| entry.actor() == Actor::Seller));
    let events: Vec<OrderStatusChanged> = ordering.events(ORDER_STATUS_CHANGED).await;
    assert_eq!(events.iter().map(|event| event.version).collect::<Vec<_>>(), [2, 3, 4, 5, 6]);
    assert_eq!((events[4].from_status(), events[4].to_status()), (Delivered, Returned));
    assert_eq!(events[4].payment_status(), PaymentStatus::Refunded);
    let brief = events[4].order.as_ref().unwrap();
    assert_eq!((brief.status(), brief.payment_status()), (Returned, PaymentStatus::Refunded));
    ordering.assert_ledger_adds_up().await;
}

#[tokio::test]
async fn what_the_seller_took_off_sale_stays_off_sale() {
    let ordering = selling().await;
    let product = ordering.product().stock(1).insert().await;
    let bought = ordering.place(&customer(), one_of(&product)).await.unwrap();
    ordering.execute("UPDATE stock SET switched_on = false").await;
    let cancelled = ordering.move_to(&product.seller, &bought.order().id, Cancelled).await.unwrap();
    assert!(cancelled.flipped_product_ids.is_empty());
    assert_eq!(ordering.free(&product.id).await, 1);
    assert_eq!(ordering.count("SELECT count(*) FROM stock WHERE switched_on").await, 0);
}

#[tokio::test]
async fn a_step_carries_number_day_and_note() {
    let ordering = selling().await;
    let product = ordering.product().insert().await;
    let buyer = customer();
    let id = ordering.place(&buyer, one_of(&product)).await.unwrap().order().id.clone();
    let delivery_at = prost_types::Timestamp { seconds: 1_800_000_000, nanos: 0 };
    let request = MoveOrderRequest {
        id: id.clone(),
        status: Confirmed.into(),
        tracking_number: Some(" YAL-123 ".to_owned()),
        delivery_at: Some(delivery_at),
        note: Some("Demain matin".to_owned()),
    };
    let moved = ordering.client.clone().move_order(ordering.by(&product.seller, request.clone())).await.unwrap();
    let order = moved.into_inner().order.unwrap();
    assert_eq!(order.tracking_number.as_deref(), Some("YAL-123"));
    assert_eq!(order.delivery_at, Some(delivery_at));
    // A later step without them leaves them alone.
    let order = ordering.move_to(&product.seller, &id, Processing).await.unwrap().order.unwrap();
    assert_eq!((order.tracking_number.as_deref(), order.delivery_at), (Some("YAL-123"), Some(delivery_at)));
    assert_eq!(ordering.history(&buyer, &id).await[1].note.as_deref(), Some("Demain matin"));
    let long = MoveOrderRequest { status: Shipped.into(), note: Some("x".repeat(501)), ..request };
    let refused = ordering.client.clone().move_order(ordering.by(&product.seller, long)).await.map_err(refusal);
    assert_eq!(reason(refused), Reason::ValidationError);
}

#[tokio::test]
async fn an_admin_may_and_is_recorded() {
    let ordering = selling().await.expecting([ORDERING_ADMIN_ACTION]);
    let product = ordering.product().insert().await;
    let (buyer, admin) = (customer(), admin());
    let id = ordering.place(&buyer, one_of(&product)).await.unwrap().order().id.clone();
    ordering.move_to(&admin, &id, Confirmed).await.unwrap();
    ordering.move_to(&product.seller, &id, Processing).await.unwrap();
    let history = ordering.history(&buyer, &id).await;
    assert_eq!((history[1].actor(), history[2].actor()), (Actor::Admin, Actor::Seller));
    let [action] = &ordering.events::<AdminAction>(ORDERING_ADMIN_ACTION).await[..] else { panic!("one action") };
    assert_eq!(action.actor_id, admin.user_id.to_string());
    assert_eq!((&*action.action, &*action.target_type, &action.target_id), ("order.status_changed", "order", &id));
    assert_eq!(action.changes, r#"{"status":{"from":"pending","to":"confirmed"}}"#);
    assert!(!action.request_id.is_empty());
}

#[tokio::test]
async fn nobody_else_moves_an_order() {
    let ordering = selling().await;
    let product = ordering.product().insert().await;
    let buyer = customer();
    let id = ordering.place(&buyer, one_of(&product)).await.unwrap().order().id.clone();
    assert_eq!(reason(ordering.move_to(&buyer, &id, Confirmed).await), Reason::Forbidden);
    assert_eq!(reason(ordering.move_to(&test_support::guest(), &id, Confirmed).await), Reason::Unauthorized);
    assert_eq!(reason(ordering.move_to(&pending_seller(), &id, Confirmed).await), Reason::SellerNotApproved);
    assert_eq!(reason(ordering.move_to(&seller(), &id, Confirmed).await), Reason::OrderNotFound);
    assert_eq!(ordering.order(&buyer, &id).await.unwrap().status(), Pending);
}
