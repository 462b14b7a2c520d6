//! The plans of every query over many rows, on a filled market: indexes alone, never a whole table.

use std::time::{Duration, Instant};

use commerce_types::{Folded, Money, UserId};
use diesel::sql_types::{Array, Text};
use diesel_async::SimpleAsyncConnection;
use test_support::TestDatabase;
use uuid::Uuid;

use super::*;
use crate::domain::listing::Page;
use crate::domain::search::query_words;
use crate::store::{brands, suggestions, words};

/// Ten thousand products on sale in twenty categories, of a hundred sellers and a thousand brands, one in ten sold out,
/// with names of thirty thousand words.
const MARKET: &str = include_str!("market.sql");

struct Explained<'a>(Box<dyn QueryFragment<Pg> + Send + 'a>);

impl QueryFragment<Pg> for Explained<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("EXPLAIN ");
        self.0.walk_ast(out)
    }
}

impl QueryId for Explained<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Explained<'_> {
    type SqlType = Text;
}

async fn market() -> (TestDatabase, AsyncPgConnection) {
    let database = TestDatabase::new("catalog").await;
    let mut config = database.config();
    config.statement_timeout = Duration::ZERO;
    let mut conn = database::connect(&config).await.unwrap();
    conn.batch_execute(MARKET).await.unwrap();
    conn.batch_execute("VACUUM ANALYZE").await.unwrap();
    (database, conn)
}

fn listing(sort: ProductSort, direction: Direction, filter: ProductFilter) -> Listing {
    Listing { scope: Scope::OnSale, filter, sort, direction, page: Page { number: 1, limit: 20 } }
}

/// Plans by what they are of.
struct Plans<'a> {
    conn: &'a mut AsyncPgConnection,
    seen: Vec<(String, String)>,
}

impl Plans<'_> {
    async fn of<'a>(&mut self, name: String, query: impl QueryFragment<Pg> + Send + 'a) {
        let lines: Vec<String> = Explained(Box::new(query)).load(self.conn).await.unwrap();
        self.seen.push((name, lines.join("\n")));
    }

    /// The page and the total of a list.
    async fn of_list(&mut self, listing: &Listing, sought: &[SoughtWord]) {
        let page = sorted(matching(listing, sought), listing).select(products::id).limit(20);
        self.of(format!("{listing:?}"), page).await;
        let parts = Parts::of(listing, sought.is_empty());
        self.of(format!("total of {listing:?}"), parts.query(listing, sought)).await;
    }

    #[track_caller]
    fn read_no_whole_table(&self) {
        for (name, plan) in &self.seen {
            for table in ["products", "product_words", "vocabulary", "brands"] {
                assert!(!plan.contains(&format!("Seq Scan on {table}")), "{name}\n{plan}");
            }
        }
    }

    #[track_caller]
    fn use_index(&self, index: &str) {
        for (name, plan) in &self.seen {
            assert!(plan.contains(index), "{name}\n{plan}");
        }
    }
}

async fn seek(conn: &mut AsyncPgConnection, query: &str) -> Vec<SoughtWord> {
    words::seek(conn, query_words(query)).await.unwrap()
}

#[tokio::test]
async fn no_query_reads_a_whole_table() {
    let (_database, mut conn) = market().await;
    lists(&mut conn).await;
    searches(&mut conn).await;
    others(&mut conn).await;
}

async fn lists(conn: &mut AsyncPgConnection) {
    let none = ProductFilter::default;
    let seller_id = UserId::from(Uuid::from_u128(1));
    let filters = [
        none(),
        ProductFilter { category: Some("home".to_owned()), ..none() },
        ProductFilter { seller_id: Some(seller_id), ..none() },
        ProductFilter { brand: Some(Folded::new("marque7")), ..none() },
        ProductFilter {
            min_price: Money::from_dinars(1_000).ok(),
            max_price: Money::from_dinars(2_000).ok(),
            ..none()
        },
        ProductFilter { in_stock: Some(false), ..none() },
        ProductFilter { in_stock: Some(true), category: Some("home".to_owned()), ..none() },
    ];
    let sorts = [ProductSort::CreatedAt, ProductSort::Price, ProductSort::Name, ProductSort::Rating];
    let mut plans = Plans { conn, seen: Vec::new() };
    for (filter, sort) in filters.iter().flat_map(|filter| sorts.map(|sort| (filter, sort))) {
        for direction in [Direction::Ascending, Direction::Descending] {
            plans.of_list(&listing(sort, direction, filter.clone()), &[]).await;
        }
    }
    plans.read_no_whole_table();

    plans.seen.clear();
    for own in [OwnProducts::All, OwnProducts::Draft, OwnProducts::Active, OwnProducts::OutOfStock] {
        let newest = listing(ProductSort::CreatedAt, Direction::Descending, none());
        plans.of_list(&Listing { scope: Scope::Own(seller_id, own), ..newest }, &[]).await;
    }
    plans.use_index("products_seller");
}

/// A whole word, a beginning, an inside, a typo, two words, Arabic.
const QUERIES: [&str; 7] =
    ["dibababa", "necreb", "rebab", "dibababo", "dibababa necrebaba", "الحببب", "الحببت crebababa"];

async fn searches(conn: &mut AsyncPgConnection) {
    let none = ProductFilter::default;
    let filters = [
        none(),
        ProductFilter { category: Some("home".to_owned()), ..none() },
        ProductFilter { brand: Some(Folded::new("marque7")), ..none() },
        ProductFilter { in_stock: Some(true), max_price: Money::from_dinars(9_000).ok(), ..none() },
    ];
    for query in QUERIES {
        let sought = seek(conn, query).await;
        let mut plans = Plans { conn, seen: Vec::new() };
        for filter in &filters {
            let filter = ProductFilter { search: Some(query.to_owned()), ..filter.clone() };
            let relevant = listing(ProductSort::Relevance, Direction::Descending, filter.clone());
            plans.of(format!("{relevant:?}"), ranked(&relevant, &sought)).await;
            plans.of_list(&listing(ProductSort::Price, Direction::Ascending, filter), &sought).await;
        }
        plans.read_no_whole_table();
        let own = Scope::Own(UserId::from(Uuid::from_u128(1)), OwnProducts::All);
        let own = Listing { scope: own, ..listing(ProductSort::Relevance, Direction::Descending, none()) };
        plans.of(format!("{own:?}"), ranked(&own, &sought)).await;
        plans.read_no_whole_table();
    }
}

async fn others(conn: &mut AsyncPgConnection) {
    let mut plans = Plans { conn, seen: Vec::new() };
    let near = diesel::sql_query(words::NEAR).bind::<Array<Text>, _>(vec!["dibababo", "الحببت"]);
    plans.of("words that are near".to_owned(), near).await;
    plans.use_index("vocabulary_typos");

    plans.seen.clear();
    for (name, words) in [("common", "'+ba':*"), ("rare", "'+necreb':*"), ("inside", "('+rebab':* | '-rebab':*A)")] {
        for query in [suggestions::AMONG_NEWEST, suggestions::AMONG_ALL] {
            let query = diesel::sql_query(query).bind::<Text, _>(words).bind::<BigInt, _>(10);
            plans.of(format!("suggestions, {name}"), query).await;
        }
    }
    for (category, words) in
        [(None, None), (Some("home"), None), (None, Some("'marque7':*")), (Some("home"), Some("'-que':*"))]
    {
        let narrowed = brands::Narrowed { category, words };
        plans.of(format!("{narrowed:?}"), narrowed.counted(20, 0)).await;
    }
    let of_category = || products::table.filter(products::category.eq("home"));
    plans.of("in use".to_owned(), of_category().filter(products::deleted_at.is_null()).count()).await;
    plans.of("on sale".to_owned(), of_category().filter(products::on_sale).count()).await;
    plans.read_no_whole_table();
}

/// The list that is measured: by category and price range, newest first, with its exact total.
#[tokio::test]
async fn a_category_with_a_price_range_is_cheap() {
    let (_database, mut conn) = market().await;
    let filter = ProductFilter {
        category: Some("home".to_owned()),
        min_price: Money::from_dinars(10_000).ok(),
        max_price: Money::from_dinars(40_000).ok(),
        ..ProductFilter::default()
    };
    let listing = listing(ProductSort::CreatedAt, Direction::Descending, filter);
    let mut plans = Plans { conn: &mut conn, seen: Vec::new() };
    plans.of("total".to_owned(), matching(&listing, &[]).count()).await;
    plans.use_index("Index Only Scan");

    let mut best = Duration::MAX;
    for _ in 0..50 {
        let began = Instant::now();
        let found = page(&mut conn, &listing, &[]).await.unwrap();
        let shown = crate::store::shown::list(&mut conn, &found.ids).await.unwrap();
        best = best.min(began.elapsed());
        assert_eq!((shown.len(), found.total), (20, 302));
    }
    eprintln!("page, total and products in {best:?}");
}
