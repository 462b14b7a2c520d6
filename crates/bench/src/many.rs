//! Every list of a market that has grown: 100,000 products, 1,000,000 orders, 200,000 users.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio_postgres::{Client, NoTls};

use crate::market::Market;
use crate::table::Row;

/// Of the databases, which are dropped afterwards.
const PREFIX: &str = "zst_many_";
const SERVICES: [&str; 5] = ["identity", "catalog", "cart", "ordering", "reels"];
/// The tables that grow; reading one of them from end to end is a defect.
const LARGE: [&str; 6] = ["users", "audit", "products", "product_words", "orders", "order_items"];
/// How often each list is read; an order may be looked up ten times a minute.
const READS: u64 = 9;
/// Reads before that: every connection of a pool has prepared the statements then.
const FIRST: u64 = 12;
const LIMIT: Duration = Duration::from_millis(10);

/// One reader after the other, through the public port: the time of a whole request, in which its queries are a part.
pub(crate) async fn lists() -> Result<Row> {
    drop_databases().await?;
    let market = Market::start_on(PREFIX).await?;
    let measured = measure(&market).await;
    market.stop().await?;
    drop_databases().await?;
    measured
}

async fn measure(market: &Market) -> Result<Row> {
    let people = People::of(market).await?;
    let [identity, catalog, ordering] = [connect("identity"), connect("catalog"), connect("ordering")];
    let (identity, catalog, ordering) = (identity.await?, catalog.await?, ordering.await?);
    catalog.batch_execute(include_str!("search-goods.sql")).await?;
    identity.batch_execute(include_str!("many-users.sql")).await?;
    let orders = include_str!("many-orders.sql");
    let orders = orders.replace("$buyer$", &format!("'{}'", people.buyer.id));
    ordering.batch_execute(&orders.replace("$seller$", &format!("'{}'", people.seller.id))).await?;
    let databases = [identity, catalog, ordering];
    for database in &databases {
        database.batch_execute("VACUUM ANALYZE").await?;
    }
    // They read everything, a minute after the start.
    market.self_checks_are_done(SERVICES.len()).await?;
    let scans = scans(&databases).await?;
    let mut times = Vec::new();
    let mut broken = Vec::new();
    for (who, list) in people.lists() {
        match time(market, who, &list).await {
            Ok(time) => times.push((time, list)),
            Err(error) => broken.push(format!("{error:#}")),
        }
    }
    // Sessions tell what they did a second later.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let mut read_whole = 0;
    for (table, after) in self::scans(&databases).await? {
        let more = after - scans.get(&table).copied().unwrap_or_default();
        if more > 0 {
            crate::say(&format!("{table} was read from end to end {more} times"));
        }
        read_whole += more;
    }
    times.sort();
    let slow = times.iter().filter(|(time, _)| *time >= LIMIT);
    for (time, list) in slow.clone() {
        crate::say(&format!("{:.1} ms: {list}", time.as_secs_f64() * 1_000.0));
    }
    ensure!(broken.is_empty(), "{broken:?}");
    let (worst, list) = times.last().context("no list")?;
    Ok(Row {
        path: "every list of 100,000 products, 1,000,000 orders, 200,000 users, the whole request",
        measured: format!(
            "{} of {} lists < 10 ms (p50 of each), worst {:.1} ms: `{}`; {read_whole} large tables read from end to end",
            times.len() - slow.count(),
            times.len(),
            worst.as_secs_f64() * 1_000.0,
            list.replace("{n}", "…"),
        ),
        limit: String::new(),
        must: "< 10 ms, by indexes",
        goal: "",
        reached: *worst < LIMIT && read_whole == 0,
    })
}

/// The median of some reads; what the edge would keep is read once.
async fn time(market: &Market, token: Option<&str>, list: &str) -> Result<Duration> {
    let mut times = Vec::new();
    let reads = if token.is_none() && !list.contains("{n}") { 1 } else { READS };
    let first = if reads == 1 || list.contains("/track/") { 0 } else { FIRST };
    for number in 10..10 + first + reads {
        let path = list.replace("{n}", &number.to_string());
        let started = Instant::now();
        market.get(&path, token).await.with_context(|| path.clone())?;
        if number >= 10 + first {
            times.push(started.elapsed());
        }
    }
    times.sort();
    Ok(times[times.len() / 2])
}

/// How often each large table was read from end to end so far.
async fn scans(databases: &[Client]) -> Result<BTreeMap<String, i64>> {
    let mut scans = BTreeMap::new();
    for database in databases {
        let query = "SELECT relname::text, coalesce(seq_scan, 0) FROM pg_stat_user_tables WHERE relname = ANY ($1)";
        for row in database.query(query, &[&LARGE.as_slice()]).await? {
            *scans.entry(row.get(0)).or_default() += row.get::<_, i64>(1);
        }
    }
    Ok(scans)
}

struct Person {
    id: String,
    token: String,
}

struct People {
    buyer: Person,
    seller: Person,
    admin: Person,
}

impl People {
    async fn of(market: &Market) -> Result<Self> {
        let person = async |name| {
            let token = market.token(name).await?;
            let me = market.get("/auth/me", Some(&token)).await?;
            anyhow::Ok(Person { id: me["id"].as_str().context("no id")?.to_owned(), token })
        };
        let [buyer, seller, admin] = ["demo-customer", "demo-grossiste", "demo-admin"].map(person);
        Ok(Self { buyer: buyer.await?, seller: seller.await?, admin: admin.await? })
    }

    /// Who reads what. `{n}` is another number each time, so that no list comes from a cache.
    fn lists(&self) -> Vec<(Option<&str>, String)> {
        let seller = &self.seller.id;
        let guests = [
            "/products?min_price={n}".to_owned(),
            "/products?page=20&limit=100&min_price={n}".to_owned(),
            "/products?category=home&min_price={n}".to_owned(),
            "/products?min_price=25{n}4&max_price=60{n}3".to_owned(),
            "/products?in_stock=true&min_price={n}".to_owned(),
            "/products?sort_by=price&sort_order=asc&min_price={n}".to_owned(),
            "/products?brand=eau&min_price={n}".to_owned(),
            "/products?seller_category=grossiste&min_price={n}&max_price=40000".to_owned(),
            format!("/products?seller_id={seller}&min_price={{n}}"),
            "/products/search?q=eau{n}".to_owned(),
            "/products/suggest?q=p{n}".to_owned(),
            "/sellers?page={n}".to_owned(),
            "/sellers?search=benali&page={n}".to_owned(),
            "/sellers?wilaya=alger&sort_by=full_name&sort_order=asc&page={n}".to_owned(),
            "/sellers?seller_category=grossiste&page={n}".to_owned(),
            "/categories".to_owned(),
            "/brands?page={n}".to_owned(),
            "/brands?search=eau&page={n}".to_owned(),
            "/guest/orders/track/05000000{n}?order_number=ZST-1600000000-00000000{n}".to_owned(),
        ];
        let buyers = ["/orders", "/orders?page=40&limit=20", "/orders?status=delivered"];
        let sellers = [
            "/seller/orders",
            "/seller/orders?status=pending",
            "/seller/orders?search=amina%20benali",
            "/seller/orders?page=100",
            "/seller/products",
        ];
        let admins = [
            "/admin/users",
            "/admin/users?search=amina%20benali",
            "/admin/users?search=buyer1234",
            "/admin/users?role=seller&approval=pending",
            "/admin/users?is_verified=true&page=50",
            "/admin/users?sort_by=full_name&sort_order=asc",
            "/admin/users?deleted=true",
            "/admin/orders",
            "/admin/orders?status=pending",
            "/admin/orders?payment_status=paid&page=50",
            "/admin/orders?search=nadia%20kaci",
            "/admin/orders?search=ZST-1600000000-0000000077",
            "/admin/audit",
            "/admin/audit?action=product.changed",
            "/admin/audit?target_type=order&page=50",
        ];
        let of_seller = format!("/admin/orders?seller_id={seller}");
        let mut all: Vec<(Option<&str>, String)> = guests.into_iter().map(|list| (None, list)).collect();
        for (person, lists) in [(&self.buyer, buyers.as_slice()), (&self.seller, &sellers), (&self.admin, &admins)] {
            all.extend(lists.iter().map(|list| (Some(person.token.as_str()), (*list).to_owned())));
        }
        all.push((Some(&self.admin.token), of_seller));
        all
    }
}

async fn connect(service: &str) -> Result<Client> {
    connect_to(&format!("{PREFIX}{service}")).await
}

/// A database of the server under measurement.
pub(crate) async fn connect_to(database: &str) -> Result<Client> {
    let url = std::env::vars().find_map(|(name, value)| (name == "ZST_POSTGRES_URL").then_some(value));
    let mut config: tokio_postgres::Config = url.context("ZST_POSTGRES_URL is not set: run `make bench`")?.parse()?;
    let (client, connection) = config.dbname(database).connect(NoTls).await?;
    tokio::task::spawn_local(connection);
    Ok(client)
}

async fn drop_databases() -> Result<()> {
    let server = connect_to("postgres").await?;
    for service in SERVICES {
        server.batch_execute(&format!("DROP DATABASE IF EXISTS {PREFIX}{service} WITH (FORCE)")).await?;
    }
    Ok(())
}
