use diesel_async::SimpleAsyncConnection;
use events::{Queue, dead_letters};
use lapin::options::{BasicPublishOptions, QueueDeleteOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use serde_json::json;

use crate::harness::{Cluster, LONG, Plan, RECOVERED, checkout, eventually, unique};

async fn channel(cluster: &Cluster) -> (Connection, Channel) {
    let connection = Connection::connect(cluster.broker.url(), ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    (connection, channel)
}

/// As an order that was placed looks, with a payload that means nothing.
fn garbage() -> BasicProperties {
    let mut headers = FieldTable::default();
    headers.insert("aggregate-id".into(), AMQPValue::LongString(uuid::Uuid::nil().to_string().into()));
    headers.insert("written-at-us".into(), AMQPValue::LongLongInt(1));
    BasicProperties::default()
        .with_message_id("0192f6a2-0000-7000-8000-000000000001".into())
        .with_type("ordering.order_placed.v1".into())
        .with_headers(headers)
}

#[tokio::test]
async fn a_poison_event_stands_alone_and_is_replayed_by_its_command() {
    let cluster = Plan::new().start().await;
    let shop = cluster.shop(100).await;
    let buyers = [cluster.customer().await, cluster.customer().await, cluster.customer().await];
    for buyer in &buyers {
        cluster.fill_cart(buyer, &shop).await;
    }
    // The database refuses the effect for the second buyer.
    let poison = format!(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'as told'; END $$; \
         CREATE TRIGGER poison BEFORE DELETE ON cart_items FOR EACH ROW WHEN (OLD.user_id = '{}') EXECUTE FUNCTION refuse()",
        buyers[1].id
    );
    cluster.databases.cart.conn().await.batch_execute(&poison).await.unwrap();
    // All in one batch.
    cluster.signal("cart", "STOP");
    let (connection, channel) = channel(&cluster).await;
    for (place, buyer) in buyers.iter().enumerate() {
        buyer.with_key(&unique("beside-poison")).post("/orders", shop.checkout(1)).await.expect(201);
        if place == 0 {
            let queue = cluster.broker.topology().queue(Queue::Cart);
            let options = BasicPublishOptions::default();
            channel.basic_publish("".into(), queue.into(), options, b"\xff\xff\xff", garbage()).await.unwrap();
        }
    }
    cluster.everything_is_said().await;
    cluster.signal("cart", "CONT");

    cluster.cart_is_cleared(&buyers[0]).await;
    cluster.cart_is_cleared(&buyers[2]).await;
    // Both orders of the second buyer, and what means nothing.
    let dead = async || dead_letters::depth(&cluster.broker, Queue::Cart).await.unwrap();
    eventually(LONG, async || dead().await == 3).await;
    assert_eq!(buyers[1].get("/cart/count").await.body["count"], 2);

    cluster.databases.cart.conn().await.batch_execute("DROP TRIGGER poison ON cart_items").await.unwrap();
    let replayed = cluster.run("cart", &["replay-dlq"], &[]).await;
    assert!(replayed.status.success() && replayed.stdout.starts_with(b"3 "), "{replayed:?}");
    cluster.cart_is_cleared(&buyers[1]).await;
    eventually(LONG, async || dead().await == 1).await;
    cluster.sold(&shop, 3, 1).await;
    connection.close(200, "bye".into()).await.unwrap();
}

#[tokio::test]
async fn a_consumer_killed_between_effect_and_acknowledgement_applies_once() {
    let cluster = Plan::new().start().await;
    let shop = cluster.shop(50).await;
    let buyer = cluster.customer().await;
    for (round, instance) in (1_i64..).zip(["cart", "catalog"]) {
        cluster.fill_cart(&buyer, &shop).await;
        cluster.everything_is_heard().await;
        cluster.kill(instance);
        cluster.start_armed(instance, "consumer_after_commit_before_ack").await;
        let (_accepted, status) =
            tokio::join!(async { buyer.post("/orders", shop.checkout(1)).await.expect(201) }, cluster.ends(instance));
        assert!(!status.success(), "the crash point did not kill {instance}");
        cluster.start(instance).await;
        cluster.everything_is_heard().await;
        cluster.cart_is_cleared(&buyer).await;
        cluster.sold(&shop, round, 1).await;
    }
}

#[tokio::test]
async fn of_two_relays_one_works_and_the_other_takes_over() {
    let cluster = Plan::new().and("other ordering").start().await;
    let shop = cluster.shop(100).await;
    let buyer = cluster.customer().await;
    for _ in 0..10 {
        buyer.post("/orders", shop.checkout(1)).await.expect(201);
    }
    cluster.everything_is_heard().await;

    // Whoever is asked dies after the commit; nobody starts it again.
    cluster.fill_cart(&buyer, &shop).await;
    let both = ["ordering", "other ordering"];
    for ordering in both {
        cluster.kill(ordering);
        cluster.start_armed(ordering, "checkout_after_commit").await;
    }
    let body = shop.checkout(1).to_string();
    let _cut_off = buyer.try_send(reqwest::Method::POST, "/orders", Some(body)).await;
    eventually(LONG, async || both.iter().filter(|ordering| cluster.is_running(ordering)).count() == 1).await;
    cluster.everything_is_heard().await;
    cluster.cart_is_cleared(&buyer).await;
    cluster.sold(&shop, 11, 1).await;
}

#[tokio::test]
async fn a_cancel_right_behind_its_order_never_overtakes_it() {
    let cluster = Plan::new().start().await;
    let seller = cluster.seller().await;
    let product =
        seller.post("/products", crate::harness::new_product(json!({ "stock": 2 }))).await.expect(201).text("id");
    let buyer = cluster.customer().await;
    for _ in 0..15 {
        let placed = buyer.post("/orders", checkout(&[(&product, 2)])).await.expect(201);
        let order = placed.body["orders"][0]["id"].as_str().unwrap();
        buyer.post(&format!("/orders/{order}/cancel"), json!({})).await.expect(200);
    }
    cluster.everything_is_heard().await;
    cluster.shows(&product, 2, RECOVERED).await;
    let shown = async || buyer.get(&format!("/products/{product}")).await.expect(200).body;
    eventually(RECOVERED, async || shown().await["stock"] == 2).await;
    assert_eq!(shown().await["in_stock"], true);
    let steps = "SELECT count(*) FROM stock_ledger WHERE reason IN ('sale', 'return')";
    assert_eq!(crate::harness::databases::number(&cluster.databases.ordering, steps).await, 30);
}

#[tokio::test]
async fn a_gateway_whose_stream_was_lost_forgets_what_it_kept() {
    let cluster = Plan::new().and("other gateway").start().await;
    let shop = cluster.shop(5).await;
    let path = format!("/products/{}", shop.products[0]);
    let reader = cluster.through("other gateway", &cluster.guest());
    assert_eq!(reader.get(&path).await.expect(200).body["price"], 1000);

    let (connection, channel) = channel(&cluster).await;
    let live = cluster.broker.topology().live();
    channel.queue_delete(live.into(), QueueDeleteOptions::default()).await.unwrap();
    shop.sellers[0].patch(&path, json!({ "price": 1500 })).await.expect(200);
    eventually(RECOVERED, async || reader.get(&path).await.expect(200).body["price"] == 1500).await;
    connection.close(200, "bye".into()).await.unwrap();
}
