//! Search in `ListProducts`: what is found, and in which order.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use commerce_types::ProductId;
use protocol::catalog::v1::{ListProductsRequest, ListProductsResponse, ProductFilter, ProductSort};
use protocol::types::v1::Page;

use crate::harness::CatalogTest;

fn sought(words: &str, sort: ProductSort) -> ListProductsRequest {
    ListProductsRequest {
        filter: Some(ProductFilter { search: Some(words.to_owned()), ..ProductFilter::default() }),
        sort: sort.into(),
        ..ListProductsRequest::default()
    }
}

pub(crate) async fn search(catalog: &CatalogTest, words: &str) -> ListProductsResponse {
    catalog.as_guest().list_products(sought(words, ProductSort::Relevance)).await.unwrap()
}

fn ids(list: &ListProductsResponse) -> Vec<ProductId> {
    list.products.iter().map(|product| product.id.parse().unwrap()).collect()
}

#[tokio::test]
async fn relevance_is_by_kind_of_match_then_field_then_age() {
    let catalog = CatalogTest::start().await;
    let inside_brand = catalog.insert(|product| product.name("Savon").brand("Prolait")).await;
    let inside_name = catalog.insert(|product| product.name("Allaitement facile")).await;
    let begins_description = catalog.insert(|product| product.description("des laitages frais")).await;
    let begins_brand = catalog.insert(|product| product.brand("Laiterie")).await;
    let begins_name = catalog.insert(|product| product.name("Laitière en verre")).await;
    let in_description = catalog.insert(|product| product.description("au lait de chèvre")).await;
    let in_brand = catalog.insert(|product| product.brand("Lait")).await;
    let old_in_name = catalog.insert(|product| product.name("Lait corporel").age(100)).await;
    let in_name = catalog.insert(|product| product.name("Savon au LAIT")).await;
    // Inside a word of the description is not looked.
    catalog.insert(|product| product.description("contient du petitlait")).await;

    let list = search(&catalog, "lait").await;
    let expected = [
        in_name,
        old_in_name,
        in_brand,
        in_description,
        begins_name,
        begins_brand,
        begins_description,
        inside_name,
        inside_brand,
    ];
    assert_eq!(ids(&list), expected);
    assert_eq!(list.total, 9);

    let mut page = sought("lait", ProductSort::Relevance);
    page.page = Some(Page { number: 2, limit: 4 });
    let page = catalog.as_guest().list_products(page).await.unwrap();
    assert_eq!((ids(&page), page.total), (expected[4..8].to_vec(), 9));
}

#[tokio::test]
async fn every_word_must_be_found_somewhere() {
    let catalog = CatalogTest::start().await;
    let both = catalog.insert(|product| product.name("Crème visage").brand("Nivéa")).await;
    let spread = catalog.insert(|product| product.name("Gel").brand("Nivea").description("pour le visage")).await;
    catalog.insert(|product| product.name("Crème mains").brand("Nivea")).await;

    assert_eq!(ids(&search(&catalog, "nivea VISAGE").await), [both, spread]);
    assert_eq!(search(&catalog, "visage nivea parfum").await.total, 0);
    assert_eq!(search(&catalog, "iv").await.total, 0, "two letters are not looked for inside words");
    assert_eq!(search(&catalog, "ive").await.total, 3);
}

#[tokio::test]
async fn both_scripts_are_folded_on_both_sides() {
    let catalog = CatalogTest::start().await;
    let arabic = catalog.insert(|product| product.name("قَهْوَة أصيلة ١٢٣")).await;
    let french = catalog.insert(|product| product.name("Façade à l'été")).await;

    for words in ["قهوه", "اصيله", "أصيلة", "123", "قهو"] {
        assert_eq!(ids(&search(&catalog, words).await), [arabic], "{words}");
    }
    for words in ["facade", "FAÇADE", "ete", "l'ete", "fac a"] {
        assert_eq!(ids(&search(&catalog, words).await), [french], "{words}");
    }
}

#[tokio::test]
async fn signs_have_no_meaning() {
    let catalog = CatalogTest::start().await;
    let hundred = catalog.insert(|product| product.name("Coton 100% bio")).await;
    catalog.insert(|product| product.name("Autre chose")).await;

    for words in ["%", "_", "'", "''", "&", "a & | !", ":*", "\\", "\u{200b}"] {
        let found = search(&catalog, words).await.total;
        assert!(found <= 1, "{words} found {found}");
    }
    for words in ["%", "_", "!", "(|)", "<->"] {
        assert_eq!(search(&catalog, words).await.total, 0, "{words}");
    }
    for words in ["100%", "cot:*", "'coton'", "coton & bio"] {
        assert_eq!(search(&catalog, words).await.total, 1, "{words}");
    }
    assert_eq!(search(&catalog, "co%on").await.total, 0);
    assert_eq!(ids(&search(&catalog, "(100)").await), [hundred]);
}

#[tokio::test]
async fn a_search_goes_with_filters_and_other_orders() {
    let catalog = CatalogTest::start().await;
    let dear = catalog.insert(|product| product.name("Parfum rose").price(900)).await;
    let cheap = catalog.insert(|product| product.name("Rose").price(100)).await;
    catalog.insert(|product| product.name("Rose").category("garden")).await;

    let mut request = sought("rose", ProductSort::Price);
    request.filter.as_mut().unwrap().category = Some("home".to_owned());
    let list = catalog.as_guest().list_products(request).await.unwrap();
    assert_eq!((ids(&list), list.total), (vec![dear, cheap], 2));
}

#[tokio::test]
async fn what_is_published_changed_and_deleted_is_found_as_it_is_now() {
    let catalog = CatalogTest::start().await.expecting([
        events::names::PRODUCT_PUBLISHED,
        events::names::PRODUCT_CHANGED,
        events::names::PRODUCT_REMOVED,
    ]);
    let seller = test_support::seller();
    let written = crate::publish_product::publish(&catalog, &seller, |request| {
        request.name = "Tapis berbère".to_owned();
        request.description = Some("x".repeat(2_000));
    });
    let product = written.await.unwrap().product.unwrap();
    assert_eq!(search(&catalog, "tapis").await.total, 1);
    assert_eq!(search(&catalog, "erber").await.total, 1);

    crate::change_product::change(&catalog, &seller, &product.id, |changes| {
        changes.name = Some("Coussin kabyle".to_owned());
    })
    .await
    .unwrap();
    assert_eq!((search(&catalog, "tapis").await.total, search(&catalog, "coussin").await.total), (0, 1));
    assert_eq!(search(&catalog, "erber").await.total, 0, "the vocabulary still knows the word");

    let delete = protocol::catalog::v1::DeleteProductRequest { id: product.id, expected_version: None };
    catalog.as_account(&seller).delete_product(delete).await.unwrap();
    assert_eq!(search(&catalog, "coussin").await.total, 0);
}

#[tokio::test]
async fn a_typo_comes_after_everything_else() {
    let catalog = CatalogTest::start().await;
    let typo_in_brand = catalog.insert(|product| product.name("Gel").brand("Salon")).await;
    let old_typo_in_name = catalog.insert(|product| product.name("Salon de thé").age(60)).await;
    let typo_in_name = catalog.insert(|product| product.name("Table de salon")).await;
    let inside_name = catalog.insert(|product| product.name("Porte-presavon")).await;
    let begins_description = catalog.insert(|product| product.description("une savonnette")).await;
    let in_description = catalog.insert(|product| product.description("au savon noir")).await;
    let in_brand = catalog.insert(|product| product.name("Gel").brand("Savon")).await;
    let in_name = catalog.insert(|product| product.name("Savon")).await;
    catalog.insert(|product| product.description("pour le salon")).await;
    let expected = [
        in_name,
        in_brand,
        in_description,
        begins_description,
        inside_name,
        typo_in_name,
        old_typo_in_name,
        typo_in_brand,
    ];
    let list = search(&catalog, "savon").await;
    assert_eq!((ids(&list), list.total), (expected.to_vec(), 8));
}

#[tokio::test]
async fn pages_of_equally_relevant_products_neither_repeat_nor_skip() {
    let catalog = CatalogTest::start().await;
    let seller = test_support::seller();
    for n in 0..23 {
        let name = ["Savon noir", "Savonnette", "Salon d'été", "Presavon"][n % 4];
        catalog.insert(|product| product.name(name).seller(&seller).age(5)).await;
    }
    catalog.database_execute("UPDATE products SET created_at = '2026-01-01'").await;
    catalog.database_execute("UPDATE product_words SET created_at = '2026-01-01'").await;
    for filter in [ProductFilter::default(), ProductFilter { in_stock: Some(true), ..ProductFilter::default() }] {
        let request = |number, limit| {
            let mut request = sought("savon", ProductSort::Relevance);
            request.filter = Some(ProductFilter { search: Some("savon".to_owned()), ..filter.clone() });
            request.page = Some(Page { number, limit });
            request
        };
        let whole = ids(&catalog.as_guest().list_products(request(1, 100)).await.unwrap());
        assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), 23);
        let mut pages = Vec::new();
        for number in 1..=6 {
            let page = catalog.as_guest().list_products(request(number, 4)).await.unwrap();
            assert_eq!(page.total, 23);
            pages.extend(ids(&page));
        }
        assert_eq!(pages, whole);
        let beyond = catalog.as_guest().list_products(request(9, 4)).await.unwrap();
        assert_eq!((beyond.products.len(), beyond.total), (0, 23));
    }
}

#[tokio::test]
async fn what_goes_off_sale_is_not_found_and_what_comes_back_is() {
    let catalog = CatalogTest::start().await;
    let owner = test_support::seller();
    for status in ["active", "draft", "archived"] {
        catalog.insert(|product| product.name("Tapis").seller(&owner).status(status)).await;
    }
    catalog.insert(|product| product.name("Tapis").seller_off()).await;
    assert_eq!(search(&catalog, "tapis").await.total, 1);
    for (may_sell, total) in [(false, 0), (true, 1)] {
        let sql = format!("UPDATE products SET seller_may_sell = {may_sell} WHERE seller_id = '{}'", owner.user_id);
        catalog.database_execute(&sql).await;
        assert_eq!(search(&catalog, "tapis").await.total, total);
    }
    // The seller finds all of its own.
    let request = protocol::catalog::v1::ListOwnProductsRequest {
        filter: Some(ProductFilter { search: Some("tapiz".to_owned()), ..ProductFilter::default() }),
        sort: ProductSort::Relevance.into(),
        ..Default::default()
    };
    assert_eq!(catalog.as_account(&owner).list_own_products(request).await.unwrap().total, 3);
}

/// Made of few letters, so that words are near each other.
fn random_word(random: &mut impl rand::Rng, letters: &[char]) -> String {
    (0..random.random_range(4..9)).map(|_| letters[random.random_range(0..letters.len())]).collect()
}

fn edited(random: &mut impl rand::Rng, word: &str, letters: &[char]) -> String {
    let mut word: Vec<char> = word.chars().collect();
    let letter = letters[random.random_range(0..letters.len())];
    let place = random.random_range(0..word.len());
    match random.random_range(0..3) {
        0 => word[place] = letter,
        1 => drop(word.remove(place)),
        _ => word.insert(place, letter),
    }
    word.into_iter().collect()
}

fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[other.len()]
}

/// One edit finds the word, two do not, and of all words exactly those are found that the rule names.
#[tokio::test]
async fn random_words_are_found_by_the_rule_and_by_nothing_else() {
    use rand::SeedableRng;

    let catalog = CatalogTest::start().await;
    let mut random = rand::rngs::StdRng::seed_from_u64(20_261_127);
    for letters in [['a', 'e', 'n', 'r'], ['ا', 'ل', 'م', 'ي']] {
        let mut words = BTreeMap::new();
        while words.len() < 60 {
            let word = random_word(&mut random, &letters);
            if let Entry::Vacant(place) = words.entry(word) {
                let id = catalog.insert(|product| product.name(place.key())).await;
                place.insert(id);
            }
        }
        let known: Vec<&String> = words.keys().collect();
        for round in 0..200 {
            let word = known[round % known.len()];
            let once = edited(&mut random, word, &letters);
            let query = if round % 2 == 0 { once } else { edited(&mut random, &once, &letters) };
            let wanted: BTreeSet<ProductId> = words
                .iter()
                .filter(|(word, _)| {
                    let is_near = query.chars().count() >= 5 && distance(word, &query) == 1;
                    let is_inside = word.contains(&query) && (query.chars().count() >= 3 || word.starts_with(&query));
                    is_near || is_inside
                })
                .map(|(_, id)| *id)
                .collect();
            let mut request = sought(&query, ProductSort::Relevance);
            request.page = Some(Page { number: 1, limit: 100 });
            let list = catalog.as_guest().list_products(request).await.unwrap();
            let found: BTreeSet<ProductId> = ids(&list).into_iter().collect();
            assert_eq!((&found, list.total), (&wanted, wanted.len() as u64), "{query}, {word} edited");
        }
    }
}
