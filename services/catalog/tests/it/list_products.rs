//! `ListProducts` and `ListOwnProducts`.

use commerce_types::{Money, ProductId};
use protocol::catalog::v1::{
    ListOwnProductsRequest, ListProductsRequest, ListProductsResponse, OwnProducts, ProductFilter, ProductSort,
};
use protocol::types::v1::{Page, SortOrder};
use test_support::{admin, customer, pending_seller, seller};

use crate::harness::{CatalogTest, reason};

fn ids(list: &ListProductsResponse) -> Vec<ProductId> {
    list.products.iter().map(|product| product.id.parse().unwrap()).collect()
}

fn by(filter: ProductFilter) -> ListProductsRequest {
    ListProductsRequest { filter: Some(filter), ..ListProductsRequest::default() }
}

fn dinars(dinars: i64) -> Option<protocol::types::v1::Money> {
    Some(Money::from_dinars(dinars).unwrap().into())
}

#[tokio::test]
async fn only_what_is_on_sale_is_listed_newest_first() {
    let catalog = CatalogTest::start().await;
    let old = catalog.insert(|product| product.age(60)).await;
    let new = catalog.insert(|product| product.stock(0)).await;
    catalog.insert(|product| product.status("draft")).await;
    catalog.insert(|product| product.status("archived")).await;
    catalog.insert(|product| product.seller_off()).await;

    let list = catalog.as_guest().list_products(ListProductsRequest::default()).await.unwrap();
    assert_eq!((ids(&list), list.total), (vec![new, old], 2));
    assert!(list.products.iter().all(|product| product.stock_version.is_none()));
}

#[tokio::test]
async fn each_filter_narrows_and_all_of_them_together() {
    let catalog = CatalogTest::start().await;
    let owner = seller();
    let wanted =
        catalog.insert(|product| product.seller(&owner).category("perfume").brand("Nédjma").price(250_000)).await;
    catalog.insert(|product| product.category("perfume").brand("nedjma").price(250_000).stock(0)).await;
    catalog.insert(|product| product.category("perfume").price(900_000)).await;
    catalog.insert(|product| product.category("home").price(250_000)).await;

    let guest = catalog.as_guest();
    let count = async |filter: ProductFilter| guest.list_products(by(filter)).await.unwrap().total;
    let none = ProductFilter::default;
    assert_eq!(count(ProductFilter { category: Some("perfume".to_owned()), ..none() }).await, 3);
    assert_eq!(count(ProductFilter { brand: Some("NEDJMA".to_owned()), ..none() }).await, 2);
    assert_eq!(count(ProductFilter { in_stock: Some(false), ..none() }).await, 1);
    assert_eq!(count(ProductFilter { in_stock: Some(true), ..none() }).await, 3);
    assert_eq!(count(ProductFilter { min_price: dinars(2_500), max_price: dinars(2_500), ..none() }).await, 3);
    assert_eq!(count(ProductFilter { seller_id: Some(owner.user_id.to_string()), ..none() }).await, 1);
    let stranger = Some("0192f6a2-7c1e-7b3a-9f00-0123456789ab".to_owned());
    assert_eq!(count(ProductFilter { seller_id: stranger, ..none() }).await, 0);
    let all = ProductFilter {
        category: Some("perfume".to_owned()),
        brand: Some("Nedjma".to_owned()),
        min_price: dinars(1_000),
        max_price: dinars(3_000),
        in_stock: Some(true),
        ..none()
    };
    assert_eq!(ids(&guest.list_products(by(all)).await.unwrap()), [wanted]);
}

#[tokio::test]
async fn orders_are_total_and_pages_neither_repeat_nor_skip() {
    let catalog = CatalogTest::start().await;
    for n in 0..7 {
        catalog.insert(|product| product.name(["Éponge", "eau", "Zeste"][n % 3]).price(100 * (n as i64 % 2))).await;
    }
    for sort in [ProductSort::CreatedAt, ProductSort::Price, ProductSort::Name, ProductSort::Rating] {
        for order in [SortOrder::Ascending, SortOrder::Descending] {
            let request = |number, limit| ListProductsRequest {
                sort: sort.into(),
                order: order.into(),
                page: Some(Page { number, limit }),
                filter: None,
            };
            let whole = ids(&catalog.as_guest().list_products(request(1, 100)).await.unwrap());
            let mut pages = Vec::new();
            for number in 1..=4 {
                let page = catalog.as_guest().list_products(request(number, 2)).await.unwrap();
                assert_eq!(page.total, 7);
                pages.extend(ids(&page));
            }
            assert_eq!(pages, whole, "{sort:?} {order:?}");
            let beyond = catalog.as_guest().list_products(request(5, 2)).await.unwrap();
            assert_eq!((beyond.products.len(), beyond.total), (0, 7));
        }
    }
    let by_name = ListProductsRequest {
        sort: ProductSort::Name.into(),
        order: SortOrder::Ascending.into(),
        ..ListProductsRequest::default()
    };
    let names: Vec<String> =
        catalog.as_guest().list_products(by_name).await.unwrap().products.into_iter().map(|it| it.name).collect();
    assert_eq!(names, ["eau", "eau", "Éponge", "Éponge", "Éponge", "Zeste", "Zeste"]);
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused() {
    let catalog = CatalogTest::start().await;
    for category in ["spaceships", "home\0", "Home", ""] {
        let unknown = by(ProductFilter { category: Some(category.to_owned()), ..ProductFilter::default() });
        let answer = catalog.as_guest().list_products(unknown).await.unwrap_err();
        assert_eq!((answer.reason.as_str(), answer.details[0].field.as_str()), ("VALIDATION_ERROR", "category"));
    }

    let crossed = ProductFilter { min_price: dinars(2), max_price: dinars(1), ..ProductFilter::default() };
    assert_eq!(reason(catalog.as_guest().list_products(by(crossed)).await), "VALIDATION_ERROR");
    let relevance = ListProductsRequest { sort: ProductSort::Relevance.into(), ..ListProductsRequest::default() };
    assert_eq!(reason(catalog.as_guest().list_products(relevance).await), "VALIDATION_ERROR");
}

#[tokio::test]
async fn a_seller_lists_its_own_by_state() {
    let catalog = CatalogTest::start().await;
    let owner = seller();
    let draft = catalog.insert(|product| product.seller(&owner).status("draft")).await;
    let archived = catalog.insert(|product| product.seller(&owner).status("archived")).await;
    let sold_out = catalog.insert(|product| product.seller(&owner).stock(0)).await;
    let off = catalog.insert(|product| product.seller(&owner).switched_off()).await;
    let active = catalog.insert(|product| product.seller(&owner)).await;
    catalog.insert(|product| product).await;

    let cases = [
        (OwnProducts::Unspecified, vec![active, off, sold_out, archived, draft]),
        (OwnProducts::Draft, vec![draft]),
        (OwnProducts::Archived, vec![archived]),
        (OwnProducts::Active, vec![active]),
        (OwnProducts::OutOfStock, vec![off, sold_out]),
    ];
    for (own, expected) in cases {
        let request = ListOwnProductsRequest { own: own.into(), ..ListOwnProductsRequest::default() };
        let list = catalog.as_account(&owner).list_own_products(request).await.unwrap();
        assert_eq!((ids(&list), list.total), (expected.clone(), expected.len() as u64), "{own:?}");
        assert!(list.products.iter().all(|product| product.stock_version == Some(1)));
    }
}

#[tokio::test]
async fn own_products_are_for_approved_sellers_and_admins() {
    let catalog = CatalogTest::start().await;
    let list = async |account| catalog.as_account(&account).list_own_products(ListOwnProductsRequest::default()).await;
    assert_eq!(reason(list(customer()).await), "FORBIDDEN");
    assert_eq!(reason(list(pending_seller()).await), "SELLER_NOT_APPROVED");
    assert_eq!(list(admin()).await.unwrap().total, 0);
    let guest = catalog.as_guest().list_own_products(ListOwnProductsRequest::default()).await;
    assert_eq!(reason(guest), "UNAUTHORIZED");
}
