use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::harness::{Caller, Cluster, Plan};

const ROUNDS: i64 = 120;
const FOLLOWS: Duration = Duration::from_secs(1);

/// What was written to one product, and when that was answered; prices only grow.
struct History {
    product: String,
    answered: Mutex<Vec<(i64, Instant)>>,
    done: AtomicBool,
}

impl History {
    /// The newest price that everybody must have heard of by then.
    fn known_at(&self, moment: Instant) -> i64 {
        let answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.iter().filter(|(_, at)| *at <= moment).map(|(price, _)| *price).max().unwrap_or_default()
    }

    async fn write(&self, seller: &Caller) {
        for price in 2_001..=2_000 + ROUNDS {
            seller.patch(&format!("/products/{}", self.product), json!({ "price": price })).await.expect(200);
            self.answered.lock().unwrap_or_else(PoisonError::into_inner).push((price, Instant::now()));
        }
        self.done.store(true, Ordering::SeqCst);
    }

    /// Reads until the writer is done; an answer is never older than `lag` at the moment of the question.
    async fn read(&self, reader: &Caller, path: &str, lag: Duration) {
        let mut newest = 0;
        let mut reads = 0;
        loop {
            let last = self.done.load(Ordering::SeqCst);
            let asked = Instant::now();
            let wanted = asked.checked_sub(lag).map_or(0, |moment| self.known_at(moment));
            let body = reader.get(path).await.expect(200).body;
            let price = self.price(&body);
            assert!(price >= wanted, "{path}: {price} is older than {wanted}, read {reads}");
            assert!(price >= newest, "{path}: {price} after {newest}, read {reads}");
            newest = price;
            reads += 1;
            if last {
                assert!(reads > ROUNDS / 4, "{reads} reads only");
                return;
            }
        }
    }

    fn price(&self, body: &Value) -> i64 {
        let find = |rows: &Vec<Value>| rows.iter().find(|row| row["id"] == self.product.as_str()).cloned();
        let row = body["data"].as_array().map_or(Some(body.clone()), find);
        row.and_then(|row| row["price"].as_i64()).unwrap_or_else(|| panic!("the product is not in {body:#}"))
    }
}

async fn race(cluster: &Cluster, seller: &Caller, product: &str) {
    let history = History { product: product.to_owned(), answered: Mutex::default(), done: AtomicBool::new(false) };
    let here = cluster.guest();
    let there = cluster.through("other gateway", &here);
    let detail = format!("/products/{product}");
    let readers = [
        (&here, detail.as_str(), Duration::ZERO),
        (&here, detail.as_str(), Duration::ZERO),
        (&here, "/products", Duration::ZERO),
        (&there, detail.as_str(), FOLLOWS),
        (&there, "/products?category=home", FOLLOWS),
    ];
    let reading = join_all(readers.map(|(reader, path, lag)| history.read(reader, path, lag)));
    tokio::join!(reading, history.write(seller));
    // In the end all show the last one, and keep it.
    let last = 2_000 + ROUNDS;
    crate::harness::eventually(FOLLOWS, async || history.price(&there.get(&detail).await.expect(200).body) == last)
        .await;
    for (reader, path, _) in readers {
        assert_eq!(history.price(&reader.get(path).await.expect(200).body), last, "{path}");
    }
}

#[tokio::test]
async fn a_stale_fill_never_overwrites_a_newer_one() {
    let cluster = Plan::new().and("other gateway").start().await;
    let shop = cluster.shop(10).await;
    for (seller, product) in shop.sellers.iter().zip(&shop.products) {
        seller.patch(&format!("/products/{product}"), json!({ "price": 2_000 })).await.expect(200);
        race(&cluster, seller, product).await;
    }
}
