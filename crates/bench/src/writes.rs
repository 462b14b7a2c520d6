//! Carts and checkouts, and the goods they are made of.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::client::request;
use crate::load::{Requests, closed, open};
use crate::market::{Market, Product};
use crate::table::Row;

const BUYERS: usize = 200;
/// Goods of the measurement's own: plenty of stock, no minimum.
const PLENTY: i64 = 9_000_000;

/// What the loads buy, and who buys.
pub(crate) struct Goods {
    pub(crate) categories: Vec<String>,
    /// Of several sellers in turn: neighbours belong to different ones.
    products: Vec<Product>,
    buyers: Vec<String>,
}

/// Lists products by sellers of its own until the market has `count`, and signs the buyers in.
pub(crate) async fn fill(market: &Market, count: usize) -> Result<Goods> {
    let existing = market.products().await?;
    let mut categories: Vec<String> = existing.iter().map(|product| product.category.clone()).collect();
    categories.sort();
    categories.dedup();
    let mut sellers = Vec::new();
    for number in 0..20 {
        let token = market.token(&format!("bench-seller-{number}")).await?;
        let role = json!({"role": "seller", "seller_category": "grossiste"});
        market.post("/auth/sync-role", &token, &role).await?;
        sellers.push(token);
    }
    let missing = count.saturating_sub(existing.len()).max(1_000);
    let products: Vec<Product> = stream::iter(0..missing)
        .map(|number| {
            let (seller, category) = (&sellers[number % sellers.len()], &categories[number % categories.len()]);
            async move {
                let body = json!({
                    "name": format!("Article de mesure {number} قطعة"), "category": category, "stock": PLENTY,
                    "price": 500 + (number * 7_919) % 90_000, "description": "Pour mesurer la vitesse du marché.",
                });
                let made = market.post("/products", seller, &body).await?;
                let text = |name: &str| made[name].as_str().unwrap_or_default().to_owned();
                anyhow::Ok(Product { id: text("id"), category: text("category") })
            }
        })
        .buffered(16)
        .try_collect()
        .await?;
    let buyers = stream::iter(0..BUYERS)
        .map(|number| async move {
            let token = market.token(&format!("bench-buyer-{number}")).await?;
            market.get("/auth/me", Some(&token)).await?;
            anyhow::Ok(token)
        })
        .buffered(8)
        .try_collect()
        .await?;
    Ok(Goods { categories, products, buyers })
}

impl Goods {
    fn buyer(&self, number: u64) -> &str {
        &self.buyers[number as usize % self.buyers.len()]
    }

    /// Two products of two sellers, others for the next checkout.
    fn pair(&self, number: u64) -> [&Product; 2] {
        let at = number as usize * 2;
        [&self.products[at % self.products.len()], &self.products[(at + 1) % self.products.len()]]
    }

    /// Checkouts of two lines at two sellers, of another buyer each.
    pub(crate) fn checkouts(&self) -> Requests {
        let all: Vec<Vec<u8>> = (0..1_000)
            .map(|number| request("POST", "/api/v1/orders", Some(self.buyer(number)), Some(&order(&self.pair(number)))))
            .collect();
        Arc::new(move |number| all[number as usize % all.len()].clone())
    }
}

/// One line more in one of two hundred carts.
pub(crate) async fn add_to_cart(market: &Market, goods: &Goods) -> Result<Row> {
    let all: Vec<Vec<u8>> = (0..10_000_u64)
        .map(|number| {
            let product = &goods.products[number as usize / BUYERS % 50];
            let body = json!({"product_id": product.id, "quantity": 1}).to_string();
            request("POST", "/api/v1/cart/items", Some(goods.buyer(number)), Some(&body))
        })
        .collect();
    let adds: Requests = Arc::new(move |number| all[number as usize % all.len()].clone());
    let outcome = closed(&market.address(), 64, Duration::from_secs(10), adds).await?;
    ensure!(outcome.bad() == 0, "{:?} {:?}", outcome.statuses, outcome.complaint);
    for buyer in &goods.buyers {
        empty_cart(market, buyer).await?;
    }
    Ok(Row {
        path: "add to cart",
        measured: format!("{:.0} / s, p99 {} ms", outcome.rate(), outcome.percentile(0.99).as_millis()),
        limit: String::new(),
        must: "2,000 / s",
        goal: "3,000 / s",
        reached: outcome.rate() >= 2_000.0,
    })
}

/// 400 checkouts a second for a minute, arriving whatever the server does, and all that follows from them.
pub(crate) async fn checkout(market: &Market, goods: &Goods) -> Result<Row> {
    const RATE: u32 = 400;
    for (number, buyer) in goods.buyers.iter().enumerate() {
        for product in goods.pair(number as u64) {
            market.post("/cart/items", buyer, &json!({"product_id": product.id, "quantity": 1})).await?;
        }
    }
    let probe = goods.pair(0)[0].clone();
    let before = stock(market, &probe).await?;
    let outcome = open(&market.address(), 512, RATE, Duration::from_secs(60), goods.checkouts()).await?;
    let ended = Instant::now();
    let taken = (0..outcome.good()).filter(|number| goods.pair(number % 1_000)[0].id == probe.id).count();
    let taken = i64::try_from(taken)?;
    let settled = settle(market, goods, &probe, before, taken, ended).await?;
    let p99 = outcome.percentile(0.99).as_millis();
    let pgbench = pgbench().await?;
    let rate = outcome.rate();
    Ok(Row {
        path: "checkout of two lines at two sellers, 400 / s arriving for 60 s",
        measured: format!(
            "{rate:.0} / s, {} refused, p50 {} ms, p99 {p99} ms, all effects after {:.1} s",
            outcome.bad(),
            outcome.percentile(0.5).as_millis(),
            settled.as_secs_f64()
        ),
        limit: format!("{pgbench:.0} / s pgbench, its SQL alone"),
        must: "400 / s, p99 < 200 ms, effects ≤ 10 s",
        goal: "800 / s",
        reached: outcome.bad() == 0 && rate >= 395.0 && p99 < 200 && settled.as_secs() < 10,
    })
}

/// As many as it takes.
pub(crate) async fn checkout_at_full_speed(market: &Market, goods: &Goods) -> Result<Row> {
    let outcome = closed(&market.address(), 32, Duration::from_secs(20), goods.checkouts()).await?;
    Ok(Row {
        path: "the same, 32 buyers without pause",
        measured: format!("{:.0} / s, {} refused", outcome.rate(), outcome.bad()),
        limit: String::new(),
        must: "400 / s",
        goal: "800 / s",
        reached: outcome.bad() == 0 && outcome.rate() >= 400.0,
    })
}

/// Everybody wants the same.
pub(crate) async fn hot_product(market: &Market, goods: &Goods) -> Result<Row> {
    let hot = [&goods.products[7]];
    let all: Vec<Vec<u8>> = (0..BUYERS as u64)
        .map(|number| request("POST", "/api/v1/orders", Some(goods.buyer(number)), Some(&order(&hot))))
        .collect();
    let checkouts: Requests = Arc::new(move |number| all[number as usize % all.len()].clone());
    let outcome = closed(&market.address(), 64, Duration::from_secs(15), checkouts).await?;
    Ok(Row {
        path: "one hot product bought by everybody",
        measured: format!("{:.0} / s, {} refused {:?}", outcome.rate(), outcome.bad(), outcome.complaint),
        limit: String::new(),
        must: "400 / s without a wrong refusal",
        goal: "800 / s",
        reached: outcome.bad() == 0 && outcome.rate() >= 400.0,
    })
}

/// Until the stock on show is right and the carts are empty; how long that took after the last checkout.
async fn settle(
    market: &Market,
    goods: &Goods,
    probe: &Product,
    before: i64,
    taken: i64,
    ended: Instant,
) -> Result<Duration> {
    loop {
        let shown = stock(market, probe).await?;
        let mut full = 0;
        for buyer in &goods.buyers {
            full += u32::from(market.get("/cart/count", Some(buyer)).await?["count"] != 0);
        }
        if shown == before - taken && full == 0 {
            return Ok(ended.elapsed());
        }
        ensure!(
            ended.elapsed() < Duration::from_secs(60),
            "not settled after a minute: {shown} shown of {before} - {taken}, {full} carts not empty"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn stock(market: &Market, product: &Product) -> Result<i64> {
    market.get(&format!("/products/{}", product.id), None).await?["stock"].as_i64().context("no stock")
}

async fn empty_cart(market: &Market, buyer: &str) -> Result<()> {
    let http = reqwest::Client::new();
    let url = format!("http://{}/api/v1/cart", market.address());
    http.delete(url).bearer_auth(buyer).send().await?.error_for_status()?;
    Ok(())
}

fn order(products: &[&Product]) -> String {
    let items: Vec<Value> = products.iter().map(|product| json!({"product_id": product.id, "quantity": 1})).collect();
    json!({
        "customer_name": "Mesure Vitesse", "customer_phone": "0555123456", "payment_method": "cod", "items": items,
        "shipping_address": "12 rue Didouche Mourad, Alger Centre", "customer_wilaya": "Alger",
    })
    .to_string()
}

/// Transactions a second of the order's SQL alone, without any service.
async fn pgbench() -> Result<f64> {
    let url = std::env::vars().find_map(|(name, value)| (name == "ZST_POSTGRES_URL").then_some(value));
    let url = url.context("ZST_POSTGRES_URL is not set: run `make bench`")?;
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await?;
    let connection = tokio::task::spawn_local(connection);
    client.batch_execute(include_str!("checkout-tables.sql")).await?;
    let script = std::env::temp_dir().join(format!("zst-checkout-{}.sql", std::process::id()));
    std::fs::write(&script, include_str!("checkout.sql"))?;
    let output = Command::new(find_pgbench()?)
        .args(["-n", "-M", "prepared", "-c", "16", "-j", "2", "-T", "15", "-f"])
        .args([script.as_os_str(), url.as_ref()])
        .output()
        .await?;
    std::fs::remove_file(script)?;
    client.batch_execute("DROP SCHEMA bench CASCADE").await?;
    connection.abort();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let tps = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    tps.with_context(|| format!("pgbench said {text} {}", String::from_utf8_lossy(&output.stderr)))
}

fn find_pgbench() -> Result<std::path::PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").context("PostgreSQL is not installed here")?;
    let mut found: Vec<_> =
        versions.flatten().map(|entry| entry.path().join("bin/pgbench")).filter(|path| path.exists()).collect();
    found.sort();
    found.pop().context("pgbench is not installed: apt-get install postgresql-contrib")
}
