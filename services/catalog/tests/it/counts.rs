//! How many products a list says that there are, which is kept and not counted: exact at every moment.

use catalog::Catalog;
use database::totals::Totals;
use futures::future::join_all;
use protocol::catalog::v1::{ListBrandsRequest, ListProductsRequest, ProductFilter};
use protocol::types::v1::{Money, Page, SellerCategory};
use service_runtime::Service;

use crate::harness::CatalogTest;

/// As catalog keeps them.
const COUNTS: [Totals; 2] = [
    Totals { table: "price_counts", sort: "category, seller_category, price_step", total: "products" },
    Totals { table: "brand_counts", sort: "brand_folded, brand, category", total: "products" },
];
/// What is on sale changes in each of these ways, or is only looked at.
const CHANGES: [&str; 8] = [
    "price = price * 3",
    "category = 'food'",
    "brand = 'Zeta', brand_folded = 'zeta'",
    "brand = NULL, brand_folded = NULL",
    "status = 'archived'",
    "seller_may_sell = false",
    "deleted_at = now()",
    "viewers_count = viewers_count + 1",
];

async fn change(catalog: &CatalogTest, number: usize) {
    let price = [99, 100, 123_456, 129_999, 130_000, 9_999_999][number % 6];
    let id = catalog.insert(|product| product.price(price).brand(["Nivéa", "nivea", "Ifri"][number % 3])).await;
    let change = CHANGES[number % CHANGES.len()];
    catalog.database_execute(&format!("UPDATE products SET {change} WHERE id = '{id}'")).await;
    if number.is_multiple_of(11) {
        catalog.database_execute(&format!("DELETE FROM products WHERE id = '{id}'")).await;
    }
}

async fn fold(catalog: &CatalogTest) {
    let mut conn = catalog.conn().await;
    for totals in COUNTS {
        totals.fold(&mut conn).await.unwrap();
    }
}

/// Each list beside the condition that it stands for.
fn lists() -> Vec<(String, ProductFilter)> {
    let none = ProductFilter::default;
    let tier = Some(SellerCategory::Grossiste.into());
    let mut lists = vec![
        ("category = 'food'".to_owned(), ProductFilter { category: Some("food".to_owned()), ..none() }),
        (
            "seller_category = 'grossiste' AND category = 'home'".to_owned(),
            ProductFilter { seller_category: tier, category: Some("home".to_owned()), ..none() },
        ),
        (
            "id IN (SELECT product_id FROM shown_stock WHERE in_stock) AND price >= 100".to_owned(),
            ProductFilter { in_stock: Some(true), min_price: money(Some(100)), ..none() },
        ),
    ];
    let bounds =
        [None, Some(0), Some(99), Some(100), Some(101), Some(123_456), Some(129_999), Some(130_000), Some(9_999_999)];
    for (least, most) in bounds.iter().flat_map(|&least| bounds.map(|most| (least, most))) {
        if least.zip(most).is_none_or(|(least, most)| least <= most) {
            let condition = format!("price BETWEEN {} AND {}", least.unwrap_or(0), most.unwrap_or(9_999_999_999));
            lists.push((condition, ProductFilter { min_price: money(least), max_price: money(most), ..none() }));
        }
    }
    lists
}

fn money(centimes: Option<i64>) -> Option<Money> {
    centimes.map(|centimes| Money { centimes, currency: "DZD".to_owned() })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_say_how_many_there_are_while_products_come_change_and_are_folded() {
    let catalog = CatalogTest::start_with_broker().await;
    let changes = join_all((0..96).map(|number| change(&catalog, number)));
    let folds = async {
        for _ in 0..20 {
            tokio::join!(fold(&catalog), fold(&catalog));
        }
    };
    tokio::join!(changes, folds);
    for _ in 0..2 {
        let mut seen = 0;
        for (condition, filter) in lists() {
            let page = Some(Page { number: 1, limit: 1 });
            let request = ListProductsRequest { filter: Some(filter), page, ..Default::default() };
            let said = catalog.as_guest().list_products(request).await.unwrap().total;
            let there =
                catalog.database.number(&format!("SELECT count(*) FROM products WHERE on_sale AND {condition}")).await;
            assert_eq!(i64::try_from(said).unwrap(), there, "{condition}");
            seen += there;
        }
        assert!(seen > 500, "{seen}");
        fold(&catalog).await;
    }
    let brands = ListBrandsRequest { page: Some(Page { number: 1, limit: 10 }), ..Default::default() };
    for brand in catalog.as_guest().list_brands(brands).await.unwrap().brands {
        let folded = brand.name.to_lowercase().replace('é', "e");
        let there = format!("SELECT count(*) FROM products WHERE on_sale AND brand_folded = '{folded}'");
        assert_eq!(brand.products_count, catalog.database.number(&there).await, "{}", brand.name);
    }
    let rows = catalog.database.number("SELECT count(*) FROM price_counts").await;
    let sorts =
        "SELECT count(*) FROM (SELECT FROM products WHERE on_sale GROUP BY category, price_step(price)) AS sorts";
    assert_eq!(rows, catalog.database.number(sorts).await, "one row of each sort is left");
    let report = Catalog::check(&catalog.config).await.unwrap();
    assert_eq!(report.findings(), 0, "{report}");
}

#[tokio::test]
async fn a_count_that_is_wrong_is_told() {
    let catalog = CatalogTest::start_with_broker().await;
    catalog.insert(|product| product.brand("Ifri")).await;
    for (table, told) in [("price_counts", "1 ranges of prices"), ("brand_counts", "1 spellings of brands")] {
        catalog.database_execute(&format!("UPDATE {table} SET products = products + 1")).await;
        let report = Catalog::check(&catalog.config).await.unwrap();
        assert!(report.to_string().contains(told), "{report}");
    }
}

/// What PostgreSQL and catalog call a step of prices.
#[tokio::test]
async fn a_price_is_rounded_down_to_two_digits() {
    let catalog = CatalogTest::start().await;
    for (price, step) in
        [(0, 0), (9, 9), (99, 99), (100, 100), (123_456, 120_000), (9_999_999_999_i64, 9_900_000_000_i64)]
    {
        assert_eq!(catalog.database.number(&format!("SELECT price_step({price})")).await, step, "{price}");
    }
}
