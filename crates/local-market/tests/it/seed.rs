//! Filling the market: in full, and never twice, however often it is begun.

use std::time::Duration;

use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use local_market::demo::{CheckoutLine, Market, OrderStatus, ProductState};
use local_market::seed;
use local_s3::LocalS3;
use service_runtime::{Environment, Process};
use standalone::Standalone;
use test_support::{SECRET, TestBroker, TestDatabase, TestRedis, eventually};

const LONG: Duration = Duration::from_secs(20);
/// Everybody has an account and a face before there are goods.
const PEOPLE_FIRST: Duration = Duration::from_secs(90);
const SERVICES: [&str; 6] = ["identity", "catalog", "cart", "ordering", "reels", "media"];

/// All services on private databases, with the public port closed.
struct Services {
    databases: Vec<TestDatabase>,
    process: Process,
    running: Standalone,
    _broker: TestBroker,
    _redis: TestRedis,
    bucket: LocalS3,
}

impl Services {
    async fn start() -> Self {
        let mut databases = Vec::new();
        for service in SERVICES {
            databases.push(TestDatabase::new(service).await);
        }
        let (broker, redis) = (TestBroker::new(), TestRedis::new());
        let mut variables = vec![
            ("GATEWAY_ADDR".to_owned(), "127.0.0.1:0".to_owned()),
            ("STANDALONE_PRIVATE_ADDR".to_owned(), "127.0.0.1:0".to_owned()),
            ("GATEWAY_CLERK_ISSUER".to_owned(), "http://127.0.0.1:1".to_owned()),
            ("ORDERING_TRACKING_SECRETS".to_owned(), SECRET.to_owned()),
            // The seeder's sellers sell all the same.
            ("IDENTITY_SELLER_APPROVAL".to_owned(), "manual".to_owned()),
        ];
        let bucket = LocalS3::temporary().unwrap();
        for (name, value) in [
            ("MEDIA_S3_ENDPOINT", bucket.endpoint()),
            ("MEDIA_PUBLIC_URL", bucket.public_url()),
            ("GATEWAY_MEDIA_PUBLIC_URL", bucket.public_url()),
            ("MEDIA_S3_BUCKET", bucket.options().bucket.clone()),
            ("MEDIA_S3_ACCESS_KEY", bucket.options().access_key.clone()),
            ("MEDIA_S3_SECRET_KEY", bucket.options().secret_key.clone()),
        ] {
            variables.push((name.to_owned(), value));
        }
        for (service, database) in SERVICES.iter().zip(&databases) {
            variables.push((format!("{}_DATABASE_URL", service.to_uppercase()), database.url().to_owned()));
            variables.push((format!("{}_GRPC_ADDR", service.to_uppercase()), "127.0.0.1:0".to_owned()));
        }
        for name in SERVICES.into_iter().chain(["gateway"]).map(str::to_uppercase) {
            variables.push((format!("{name}_RABBITMQ_URL"), broker.url().to_owned()));
            variables.push((format!("{name}_RABBITMQ_PREFIX"), broker.prefix().to_owned()));
            variables.push((format!("{name}_REDIS_URL"), redis.url().to_owned()));
            variables.push((format!("{name}_REDIS_PREFIX"), redis.prefix().to_owned()));
            variables.push((format!("{name}_ACCESS_TOKEN_SECRETS"), SECRET.to_owned()));
        }
        let environment: Environment = variables.into_iter().collect();
        let config = standalone::Config::from_env(&environment).unwrap();
        let process = Process::default();
        let running = Box::pin(Standalone::start_closed(config, &process)).await.unwrap();
        Self { databases, process, running, _broker: broker, _redis: redis, bucket }
    }

    async fn seed(&self, market: &Market) {
        seed::seed(&self.running.config, &self.process, market, &|_| {}).await.unwrap();
    }

    async fn count(&self, service: &str, what: &str) -> i64 {
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = BigInt)]
            count: i64,
        }
        let place = SERVICES.iter().position(|name| *name == service).unwrap();
        let query = diesel::sql_query(format!("SELECT count(*) AS count FROM {what}"));
        query.get_result::<Row>(&mut self.databases[place].conn().await).await.unwrap().count
    }

    /// Everything that seeding writes and that must not be there twice.
    async fn counts(&self) -> Vec<i64> {
        let mut counts = Vec::new();
        for (service, what) in [
            ("identity", "users"),
            ("catalog", "products"),
            ("catalog", "product_images"),
            ("ordering", "stock"),
            ("ordering", "orders"),
            ("ordering", "order_items"),
            ("ordering", "order_history"),
            ("ordering", "stock_ledger"),
            ("reels", "reels"),
            ("reels", "reel_likes"),
            ("reels", "reel_comments"),
        ] {
            counts.push(self.count(service, what).await);
        }
        counts
    }

    async fn end(self) {
        self.process.lifecycle.drain(&self.process.readiness, Duration::ZERO).await;
        assert_eq!(self.process.lifecycle.failure(), None);
    }
}

/// The first checkouts, and no more products than they need.
fn small_market(checkouts: usize) -> Market {
    let mut market = Market::new();
    market.checkouts.truncate(checkouts);
    let mut wanted: Vec<usize> =
        market.checkouts.iter().flat_map(|checkout| checkout.lines.iter().map(|line| line.product)).collect();
    wanted.sort_unstable();
    wanted.dedup();
    market.products = wanted.iter().map(|product| market.products[*product].clone()).collect();
    let place = |line: CheckoutLine| CheckoutLine { product: wanted.binary_search(&line.product).unwrap(), ..line };
    for checkout in &mut market.checkouts {
        checkout.lines = checkout.lines.iter().copied().map(place).collect();
    }
    // Of what is left and on sale, each with a reel.
    let on_sale = |product: usize| market.products[product].state == ProductState::Active;
    let shown: Vec<usize> = (0..market.products.len()).filter(|product| on_sale(*product)).collect();
    market.reels.truncate(shown.len());
    for (reel, product) in market.reels.iter_mut().zip(shown) {
        reel.product = product;
    }
    market
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seeding_twice_doubles_nothing() {
    let services = Services::start().await;
    let market = small_market(14);
    // Interrupted in the midst of its calls, first among the products and then among the orders.
    for what in ["products", "orders"] {
        let service = if what == "orders" { "ordering" } else { "catalog" };
        let begun = async || services.count(service, what).await >= 5;
        tokio::select! {
            () = services.seed(&market) => {}
            () = eventually(PEOPLE_FIRST, begun) => {}
        }
    }
    services.seed(&market).await;

    let counts = services.counts().await;
    assert_eq!(counts[1], i64::try_from(market.products.len()).unwrap());
    let orders: usize = market.checkouts.iter().map(|checkout| checkout.outcomes.len()).sum();
    assert_eq!(counts[4], i64::try_from(orders).unwrap());
    for status in OrderStatus::ALL {
        let wanted =
            market.checkouts.iter().flat_map(|checkout| &checkout.outcomes).filter(|is| **is == status).count();
        let found = services.count("ordering", &format!("orders WHERE status = '{}'", status.as_str())).await;
        assert_eq!(found, i64::try_from(wanted).unwrap(), "{}", status.as_str());
        assert!(wanted > 0, "no checkout ends {}", status.as_str());
    }

    services.seed(&market).await;
    assert_eq!(services.counts().await, counts);
    // Each picture that is shown is a file of its own making, and has its thumbnail soon.
    let shown = "(SELECT DISTINCT image_url FROM product_images) AS shown";
    let pictures = services.count("catalog", shown).await;
    assert!(pictures > 0 && services.bucket.keys().len() as i64 >= 2 * pictures);
    let without = "product_images WHERE thumbnail_url IS NULL";
    eventually(LONG, async || services.count("catalog", without).await == 0).await;
    assert_eq!(services.count("reels", "reels WHERE NOT is_public").await, 0);
    services.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sold_is_off_the_shelf_and_what_came_back_is_on_it() {
    let services = Services::start().await;
    let market = small_market(14);
    services.seed(&market).await;

    let mut left: i64 = market.products.iter().map(|product| product.stock).sum();
    for checkout in &market.checkouts {
        let mut shops: Vec<usize> = Vec::new();
        for line in &checkout.lines {
            let shop = market.products[line.product].seller;
            if !shops.contains(&shop) {
                shops.push(shop);
            }
            let outcome = checkout.outcomes[shops.iter().position(|known| *known == shop).unwrap()];
            if !matches!(outcome, OrderStatus::Cancelled | OrderStatus::Returned) {
                left -= line.quantity;
            }
        }
    }
    let shown = async || services.count("catalog", "(SELECT generate_series(1, free) FROM shown_stock) AS unit").await;
    eventually(LONG, async || shown().await == left).await;
    services.end().await;
}
