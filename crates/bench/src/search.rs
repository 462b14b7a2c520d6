//! Search and suggestions among a hundred thousand products, at the pace of people who type: no query is asked twice, so
//! that the edge cache answers none.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio_postgres::{Client, NoTls};

use crate::client::request;
use crate::load::{Outcome, Requests, open};
use crate::market::Market;
use crate::table::Row;

const CONNECTIONS: usize = 32;
const TIME: Duration = Duration::from_secs(15);
/// Words below it are each in hundreds of names, words above the other in a few.
const COMMON: i32 = 300;
const RARE: i32 = 30_000;

/// The products are there while both are measured, and gone afterwards.
pub(crate) async fn among_many(market: &Market) -> Result<[Row; 2]> {
    let url = std::env::vars().find_map(|(name, value)| (name == "ZST_POSTGRES_URL").then_some(value));
    let url = url.context("ZST_POSTGRES_URL is not set: run `make bench`")?;
    let mut config: tokio_postgres::Config = url.parse()?;
    let (client, connection) = config.dbname("zst_catalog").connect(NoTls).await?;
    let connection = tokio::task::spawn_local(connection);
    client.batch_execute(include_str!("search-goods-away.sql")).await?;
    client.batch_execute(include_str!("search-goods.sql")).await?;
    client.batch_execute("VACUUM ANALYZE").await?;
    let measured = measure(market, &client).await;
    client.batch_execute(include_str!("search-goods-away.sql")).await?;
    client.batch_execute("VACUUM ANALYZE").await?;
    connection.abort();
    measured
}

async fn measure(market: &Market, client: &Client) -> Result<[Row; 2]> {
    let names = names(client).await?;
    let mut searches = searches(&names).map(|query| format!("/api/v1/products/search?q={}", encoded(&query)));
    let [relaxed, busy] = [at(market, 20, &mut searches).await?, at(market, 50, &mut searches).await?];
    let search = Row {
        path: "search of two words (rare, common, Arabic, a typo) among 100,000 products, every one a cache miss",
        measured: format!("{} at 20 / s, {} at 50 / s", told(&relaxed), told(&busy)),
        limit: String::new(),
        must: "p95 < 80 ms at 20 / s",
        goal: "p95 < 30 ms at 50 / s",
        reached: relaxed.percentile(0.95) < Duration::from_millis(80),
    };
    let mut typed = typed(&names).map(|query| format!("/api/v1/products/suggest?q={}", encoded(&query)));
    let [relaxed, busy] = [at(market, 50, &mut typed).await?, at(market, 100, &mut typed).await?];
    let suggestions = Row {
        path: "suggestions after each letter of words that are typed, the same products",
        measured: format!("{} at 50 / s, {} at 100 / s", told(&relaxed), told(&busy)),
        limit: String::new(),
        must: "p95 < 20 ms at 50 / s",
        goal: "p95 < 10 ms at 100 / s",
        reached: relaxed.percentile(0.95) < Duration::from_millis(20),
    };
    Ok([search, suggestions])
}

/// So many requests a second, each of them once.
async fn at(market: &Market, rate: u32, targets: &mut impl Iterator<Item = String>) -> Result<Outcome> {
    let count = (f64::from(rate) * TIME.as_secs_f64()) as usize;
    let all: Vec<Vec<u8>> = targets.take(count).map(|target| request("GET", &target, None, None)).collect();
    ensure!(all.len() == count, "there are only {} queries", all.len());
    let requests: Requests = Arc::new(move |number| all[number as usize % all.len()].clone());
    let outcome = open(&market.address(), CONNECTIONS, rate, TIME, requests).await?;
    ensure!(outcome.bad() == 0, "{:?} {:?}", outcome.statuses, outcome.complaint);
    Ok(outcome)
}

fn told(outcome: &Outcome) -> String {
    let [half, most] = [0.5, 0.95].map(|share| outcome.percentile(share).as_secs_f64() * 1_000.0);
    format!("p50 {half:.1} ms, p95 {most:.1} ms")
}

/// The words of a product's name, each with its number: the smaller, the more common.
type Name = Vec<(i32, String)>;

async fn names(client: &Client) -> Result<Vec<Name>> {
    let query = "SELECT array_agg(words.n ORDER BY words.n), array_agg(word ORDER BY words.n) \
        FROM bench_goods AS goods JOIN bench_words AS words ON word = ANY (name) \
        WHERE goods.n % 5 = 0 GROUP BY goods.n ORDER BY md5(goods.n::text)";
    let name = |row: tokio_postgres::Row| {
        let (numbers, words): (Vec<i32>, Vec<String>) = (row.get(0), row.get(1));
        numbers.into_iter().zip(words).collect()
    };
    Ok(client.query(query, &[]).await?.into_iter().map(name).collect())
}

/// Two words of one name, of each kind in turn.
fn searches(names: &[Name]) -> impl Iterator<Item = String> {
    let is_arabic = |number: i32| number % 3 == 0;
    let pair = |name: &Name, is_meant: &dyn Fn(i32) -> bool| {
        let mut words = name.iter().filter(|(number, _)| is_meant(*number)).map(|(_, word)| word.clone());
        Some((words.next()?, words.next()?))
    };
    let mut kinds: [Vec<String>; 4] = Default::default();
    let mut asked = HashSet::new();
    for name in names {
        let pairs = [
            pair(name, &|number| number >= RARE && !is_arabic(number)),
            pair(name, &|number| number < COMMON),
            pair(name, &is_arabic),
            pair(name, &|number| number >= COMMON).map(|(one, other)| (one, misspelt(&other))),
        ];
        for (kind, pair) in kinds.iter_mut().zip(pairs) {
            let query = pair.map(|(one, other)| format!("{one} {other}"));
            kind.extend(query.filter(|query| asked.insert(query.clone())));
        }
    }
    let rounds = kinds.iter().map(Vec::len).min().unwrap_or_default();
    (0..rounds).flat_map(move |round| [0, 1, 2, 3].map(|kind| kinds[kind][round].clone()))
}

/// With another letter in the middle.
fn misspelt(word: &str) -> String {
    let middle = word.chars().count() / 2;
    let other = if word.is_ascii() { 'w' } else { 'ض' };
    word.chars().enumerate().map(|(place, letter)| if place == middle { other } else { letter }).collect()
}

/// What is in the field after each of the first six letters.
fn typed(names: &[Name]) -> impl Iterator<Item = String> {
    let words = names.iter().filter_map(|name| name.last()).map(|(_, word)| word.clone());
    let ends = |word: String| (1..=6).map(move |length| word.chars().take(length).collect());
    words.flat_map(ends)
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
