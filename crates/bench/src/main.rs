//! Measures the paths that users feel, each side by side with its limit from the same run, and prints one table.
//!
//! Servers, databases and load share one machine, so the ratios mean more than the figures: reads are compared with a bare
//! actix-web handler that answers the same bytes from memory, checkout with pgbench doing one two-seller order's SQL, events
//! with bare socketioxide that emits the same one, pictures with sharp.
//! Everything goes to the loopback address and ends by itself. `bench idle reads live reels files browse writes
//! overload search lists` measures these groups alone; `bench soak` takes half an hour and is done only when it is named.

mod apart;
mod bare;
mod browse;
mod client;
mod live;
mod load;
mod many;
mod market;
mod media;
mod overload;
mod reads;
mod reels;
mod search;
mod soak;
mod socket;
mod table;
mod writes;

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::market::Market;
use crate::reels::Viewers;
use crate::table::{Row, Table};
use crate::writes::Goods;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [role, file] if role.starts_with("bare-") => bare::serve(role, file.as_ref()),
        [role, photo] if role == "picture" => media::make_and_measure(photo.as_ref()),
        _ => actix_web::rt::System::new().block_on(report(&Wanted(arguments))),
    }
}

async fn report(wanted: &Wanted) -> Result<()> {
    let mut table = Table::default();
    let result = measure(&mut table, wanted).await;
    println(&table.to_string());
    result?;
    anyhow::ensure!(table.all_reached(), "a figure was not reached");
    Ok(())
}

/// The groups of rows that were named; all, if none was.
struct Wanted(Vec<String>);

impl Wanted {
    /// What takes too long to be done unasked.
    fn names(&self, group: &str) -> bool {
        self.0.iter().any(|name| name == group)
    }

    fn has(&self, group: &str) -> bool {
        self.0.is_empty() || self.names(group)
    }
}

async fn measure(table: &mut Table, wanted: &Wanted) -> Result<()> {
    say("Starting and filling the market");
    Market::start().await?.stop().await?;
    let started = Instant::now();
    let market = Market::start().await?;
    let cold_start = started.elapsed();
    let result = on_one_market(&market, cold_start, table, wanted).await;
    market.stop().await?;
    result?;
    if wanted.has("lists") {
        say("Lists of a market that has grown: filling it takes some minutes");
        table.0.push(many::lists().await?);
    }
    Ok(())
}

async fn on_one_market(market: &Market, cold_start: Duration, table: &mut Table, wanted: &Wanted) -> Result<()> {
    if wanted.has("idle") {
        table.0.push(started_in(cold_start));
        table.0.push(idle(market.resident_megabytes().await?));
        say("A process for each service");
        table.0.push(apart::resident().await?);
    }
    if wanted.has("reads") {
        say("Reads from the edge cache");
        table.0.push(reads::cached_list(market).await?);
        table.0.push(reads::cached_detail(market).await?);
    }
    if ["live", "reels", "soak"].iter().any(|group| wanted.has(group)) {
        let viewers = Viewers::sign_in(market).await?;
        if wanted.has("live") {
            say("Connecting 5,000 sockets");
            table.0.extend(live::crowd(market, &viewers).await?);
        }
        if wanted.names("soak") {
            say("Half an hour of coming and going");
            table.0.push(soak::soak(market, &viewers).await?);
        }
        if wanted.has("reels") {
            say("Filling up to 10,000 reels");
            table.0.extend(reels::among_many(market, &viewers).await?);
        }
    }
    if wanted.has("files") {
        say("Pictures beside sharp");
        table.0.extend(media::pictures().await?);
        table.0.extend(media::uploads(market).await?);
    }
    if ["browse", "writes", "overload"].iter().any(|group| wanted.has(group)) {
        say("Filling up to 10,000 products");
        let goods = writes::fill(market, 10_000).await?;
        among_goods(market, &goods, table, wanted).await?;
    }
    if wanted.has("search") {
        say("Search and suggestions among 100,000 products");
        table.0.extend(search::among_many(market).await?);
    }
    Ok(())
}

async fn among_goods(market: &Market, goods: &Goods, table: &mut Table, wanted: &Wanted) -> Result<()> {
    if wanted.has("browse") {
        say("Browsing");
        table.0.push(browse::hits(market).await?);
    }
    if wanted.has("writes") {
        say("Reads that miss every cache");
        table.0.push(reads::missed_list(market, goods).await?);
        say("Carts");
        table.0.push(writes::add_to_cart(market, goods).await?);
        say("Checkouts, a minute");
        table.0.push(writes::checkout(market, goods).await?);
        table.0.push(writes::checkout_at_full_speed(market, goods).await?);
        say("One hot product");
        table.0.push(writes::hot_product(market, goods).await?);
    }
    if wanted.has("overload") {
        say("Three times as many checkouts as it can take");
        table.0.push(overload::shed(market, goods).await?);
    }
    Ok(())
}

fn started_in(time: Duration) -> Row {
    Row {
        path: "cold start, migrated databases (with the local stand-ins)",
        measured: format!("{:.2} s", time.as_secs_f64()),
        limit: String::new(),
        must: "2 s",
        goal: "1 s",
        reached: time.as_secs_f64() < 2.0,
    }
}

fn idle(megabytes: f64) -> Row {
    Row {
        path: "resident memory, idle, all services (with the local stand-ins)",
        measured: format!("{megabytes:.0} MB"),
        limit: String::new(),
        must: "100 MB",
        goal: "60 MB",
        reached: megabytes <= 100.0,
    }
}

/// Progress goes to standard error, the table to standard output.
pub(crate) fn say(step: &str) {
    use std::io::Write;
    let _closed = writeln!(std::io::stderr(), "bench: {step} …");
}

pub(crate) fn println(text: &str) {
    use std::io::Write;
    let _closed = writeln!(std::io::stdout(), "\n{text}");
}
