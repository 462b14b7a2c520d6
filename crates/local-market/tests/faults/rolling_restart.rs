//! A new release, one process after the other, under load (reliability.md, P1).

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::balancer::Balancer;
use crate::harness::databases::{SERVICES, execute, number};
use crate::harness::{Caller, Cluster, LONG, Plan, Shop, eventually};

const REQUESTS: usize = 5_000;
const CALLERS: usize = 8;
/// Of each caller: 320 requests a second of all together, unless the machine is slower.
const PACE: Duration = Duration::from_millis(25);
const OTHERS: [&str; 5] = ["other identity", "other catalog", "other cart", "other ordering", "other gateway"];

/// What was asked so far, and what went wrong.
#[derive(Default)]
struct Tally {
    sent: AtomicUsize,
    orders: AtomicUsize,
    restarted: AtomicBool,
    failures: Mutex<Vec<String>>,
}

#[tokio::test]
async fn of_five_thousand_requests_none_fails_while_every_process_is_replaced() {
    let plan = OTHERS.into_iter().fold(Plan::new(), Plan::and).with("DRAIN_PAUSE", "500ms");
    let cluster = plan.start().await;
    let shop = cluster.shop(REQUESTS as i64).await;
    let balancer = Balancer::new(&cluster);
    let tally = Tally::default();
    let mut buyers = Vec::new();
    for _ in 0..CALLERS {
        buyers.push(cluster.customer().await);
    }
    let work = async {
        let callers = join_all(buyers.iter().map(|buyer| keep_asking(&balancer, buyer, &shop, &tally)));
        tokio::join!(callers, restart_all(&cluster, &tally));
    };
    tokio::select! {
        () = work => {}
        never = balancer.watch() => match never {},
    }
    let failures = tally.failures.into_inner().unwrap();
    let sent = tally.sent.into_inner();
    assert!(failures.is_empty(), "{} of {sent} failed:\n{}", failures.len(), failures.join("\n"));
    assert!(sent >= REQUESTS);
    // Nothing was done twice either.
    cluster.sold(&shop, tally.orders.into_inner() as i64, 1).await;
}

/// Longer than everything else that a process has to end.
const SLOW: &str =
    "CREATE FUNCTION be_slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.8); RETURN NULL; END $$;
    CREATE TRIGGER slow BEFORE INSERT OR UPDATE ON";
const SLEEPING: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";

#[tokio::test]
async fn what_is_under_way_is_answered_before_a_process_ends() {
    let cluster = Plan::new().start().await;
    let shop = cluster.shop(50).await;
    let (buyer, seller) = (cluster.customer().await, &shop.sellers[0]);
    let product = format!("/products/{}", shop.products[0]);
    let line = json!({ "product_id": shop.products[0], "quantity": 1 });
    for (service, table) in
        [("identity", "users"), ("catalog", "products"), ("cart", "cart_items"), ("ordering", "orders")]
    {
        let slow = format!("{SLOW} {table} FOR EACH STATEMENT EXECUTE FUNCTION be_slow()");
        execute(cluster.databases.of(service).unwrap(), &slow).await;
    }
    let text = json!({ "description": "Cuivre martelé" });
    let requests: [(&str, &str, &Caller, Method, &str, Value); 5] = [
        ("identity", "identity", &buyer, Method::PATCH, "/users/me", json!({ "bio": "Collectionneuse" })),
        ("catalog", "catalog", seller, Method::PATCH, &product, text),
        ("cart", "cart", &buyer, Method::POST, "/cart/items", line),
        ("ordering", "ordering", &buyer, Method::POST, "/orders", shop.checkout(1)),
        ("gateway", "ordering", &buyer, Method::POST, "/orders", shop.checkout(1)),
    ];
    for (ending, slow, caller, method, path, body) in requests {
        let database = cluster.databases.of(slow).unwrap();
        let end = async {
            eventually(LONG, async || number(database, SLEEPING).await > 0).await;
            cluster.signal(ending, "TERM");
            cluster.ends(ending).await
        };
        let (reply, status) = tokio::join!(caller.try_send(method, path, Some(body.to_string())), end);
        let reply = reply.unwrap_or_else(|error| panic!("{ending}: {error}"));
        assert!(reply.status < 300, "{ending}: {} {}", reply.status, reply.body);
        assert!(status.success(), "{ending} ended with {status}");
        cluster.start(ending).await;
    }
}

/// Each is told to end, and is there again before the next one goes.
async fn restart_all(cluster: &Cluster, tally: &Tally) {
    for name in SERVICES.into_iter().chain(["gateway"]).chain(OTHERS) {
        cluster.signal(name, "TERM");
        let status = cluster.ends(name).await;
        assert!(status.success(), "{name} ended with {status}");
        cluster.start(name).await;
    }
    tally.restarted.store(true, Ordering::Relaxed);
}

/// Asks at its pace until everything has been replaced, and enough was asked.
async fn keep_asking(balancer: &Balancer<'_>, buyer: &Caller, shop: &Shop, tally: &Tally) {
    let product = &shop.products[0];
    let guest = buyer.with_token(None);
    let detail = format!("/products/{product}");
    let line = json!({ "product_id": product, "quantity": 1 });
    let profile = json!({ "bio": "Collectionneuse de théières" });
    let order = shop.checkout(1);
    let requests: [(&Caller, Method, &str, Option<&Value>); 10] = [
        (buyer, Method::GET, "/products?in_stock=true", None),
        (&guest, Method::POST, "/orders", Some(&order)),
        (buyer, Method::GET, &detail, None),
        (buyer, Method::POST, "/cart/items", Some(&line)),
        (buyer, Method::GET, "/cart", None),
        (buyer, Method::DELETE, "/cart", None),
        (buyer, Method::PATCH, "/users/me", Some(&profile)),
        (&guest, Method::GET, "/sellers", None),
        (buyer, Method::GET, "/products/search?q=cuivre", None),
        (buyer, Method::GET, "/orders", None),
    ];
    let mut pace = tokio::time::interval(PACE);
    for (caller, method, path, body) in requests.into_iter().cycle() {
        if tally.restarted.load(Ordering::Relaxed) && tally.sent.load(Ordering::Relaxed) >= REQUESTS {
            return;
        }
        pace.tick().await;
        tally.sent.fetch_add(1, Ordering::Relaxed);
        match balancer.send(caller, method.clone(), path, body).await {
            Ok(reply) if reply.status < 300 => {
                tally.orders.fetch_add(usize::from(path == "/orders" && method == Method::POST), Ordering::Relaxed);
            }
            Ok(reply) => tally.fail(format!("{method} {path}: {} {}", reply.status, reply.body)),
            Err(error) => tally.fail(format!("{method} {path}: {error}")),
        }
    }
}

impl Tally {
    fn fail(&self, what: String) {
        self.failures.lock().unwrap().push(what);
    }
}
