//! How much of what people look at comes from the edge cache, while goods change under their eyes.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::client::request;
use crate::load::{Outcome, Requests, open};
use crate::market::{Market, Product};
use crate::table::Row;

const PRODUCTS: usize = 2_000;
/// Five thousand people who look at something every five seconds.
const RATE: u32 = 1_000;
const CONNECTIONS: usize = 64;
const WARM: Duration = Duration::from_secs(20);
const TIME: Duration = Duration::from_secs(30);

/// Details by Zipf's law over two thousand products, lists of their categories likewise; a product in demand changes
/// every second.
pub(crate) async fn hits(market: &Market) -> Result<Row> {
    let seller = market.token("bench-writer").await?;
    let mut products = market.products().await?;
    products.truncate(PRODUCTS - 20);
    let own = goods_of(market, &seller, &products).await?;
    // The seller's are spread over all ranks of demand.
    let step = PRODUCTS / own.len();
    for (number, product) in own.iter().enumerate() {
        products.insert((number * step).min(products.len()), product.clone());
    }
    ensure!(products.len() == PRODUCTS, "only {} products", products.len());
    let requests = traffic(&products);
    browse(market, WARM, &requests).await?;
    let before = counted(market).await?;
    let writes = async {
        for number in 0..TIME.as_secs() {
            let product = &own[number as usize % own.len()];
            let path = format!("/products/{}", product.id);
            market.patch(&path, &seller, &json!({ "price": 1_000 + number })).await?;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        anyhow::Ok(())
    };
    let (outcome, wrote) = tokio::join!(browse(market, TIME, &requests), writes);
    let (outcome, ()) = (outcome?, wrote?);
    let after = counted(market).await?;
    let [hits, misses] = [after[0] - before[0], after[1] - before[1]];
    let share = hits / (hits + misses);
    Ok(Row {
        path: "cache hits of 1,000 page views a second, Zipf over 2,000 products, a change every second",
        measured: format!("{:.1} %, p99 {:.1} ms", share * 100.0, outcome.percentile(0.99).as_secs_f64() * 1_000.0),
        limit: String::new(),
        must: "80 %",
        goal: "95 %",
        reached: share >= 0.8,
    })
}

/// Twenty goods that the measurement may change.
async fn goods_of(market: &Market, seller: &str, products: &[Product]) -> Result<Vec<Product>> {
    market.post("/auth/sync-role", seller, &json!({ "role": "seller", "seller_category": "grossiste" })).await?;
    let mut own = Vec::new();
    for number in 0..20 {
        let category = &products[number * 7].category;
        let body = json!({ "name": format!("Article qui change {number}"), "category": category, "stock": 1_000,
            "price": 900 });
        let made = market.post("/products", seller, &body).await?;
        let id = made["id"].as_str().context("no id")?.to_owned();
        own.push(Product { id, category: category.clone() });
    }
    Ok(own)
}

async fn browse(market: &Market, time: Duration, requests: &Requests) -> Result<Outcome> {
    let outcome = open(&market.address(), CONNECTIONS, RATE, time, requests.clone()).await?;
    ensure!(outcome.bad() == 0, "{:?} {:?}", outcome.statuses, outcome.complaint);
    Ok(outcome)
}

/// Of ten page views six are details, three lists of a category, one the market's first page.
fn traffic(products: &[Product]) -> Requests {
    let details: Vec<Vec<u8>> = products
        .iter()
        .map(|product| request("GET", &format!("/api/v1/products/{}", product.id), None, None))
        .collect();
    let lists: Vec<Vec<u8>> = products
        .iter()
        .map(|product| request("GET", &format!("/api/v1/products?category={}", product.category), None, None))
        .collect();
    let first = request("GET", "/api/v1/products", None, None);
    let ranks = Zipf::new(products.len());
    Arc::new(move |number| match number % 10 {
        0 => first.clone(),
        1..=3 => lists[ranks.draw(number)].clone(),
        _ => details[ranks.draw(number)].clone(),
    })
}

/// Ranks by Zipf's law: the n-th is wanted 1/n as often as the first.
struct Zipf {
    /// Below which share of all wishes each rank ends.
    ends: Vec<f64>,
}

impl Zipf {
    fn new(ranks: usize) -> Self {
        let mut sum = 0.0;
        let mut ends: Vec<f64> = (1..=ranks)
            .map(|rank| {
                sum += 1.0 / rank as f64;
                sum
            })
            .collect();
        ends.iter_mut().for_each(|end| *end /= sum);
        Self { ends }
    }

    /// The rank of the n-th wish, the same in every run.
    fn draw(&self, number: u64) -> usize {
        // Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014): SplitMix64.
        let mut mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let share = ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64;
        self.ends.partition_point(|end| *end < share).min(self.ends.len() - 1)
    }
}

/// Hits and misses of the edge cache so far.
async fn counted(market: &Market) -> Result<[f64; 2]> {
    let metrics = market.metrics().await?;
    let value = |result: &str| {
        let name = format!("gateway_cache_requests_total{{result=\"{result}\"}}");
        let line = metrics.lines().find_map(|line| line.strip_prefix(&name));
        line.with_context(|| format!("no {name}"))?.trim().parse::<f64>().context("no figure")
    };
    Ok([value("hit")?, value("miss")?])
}
