//! `Suggest`.

use protocol::catalog::v1::suggestion::What;
use protocol::catalog::v1::{ListCategoriesRequest, SuggestRequest, Suggestion};

use crate::harness::CatalogTest;

async fn suggest(catalog: &CatalogTest, query: &str, limit: u32) -> Vec<Suggestion> {
    let request = SuggestRequest { query: query.to_owned(), limit };
    catalog.as_guest().suggest(request).await.unwrap().suggestions
}

/// Kind and text.
fn texts(suggestions: &[Suggestion]) -> Vec<(&str, &str)> {
    suggestions
        .iter()
        .map(|suggestion| match suggestion.what.as_ref().unwrap() {
            What::Product(product) => ("product", product.name.as_str()),
            What::Brand(name) => ("brand", name.as_str()),
            What::Category(category) => ("category", category.name.as_str()),
        })
        .collect()
}

#[tokio::test]
async fn beginnings_of_words_go_first_and_kinds_take_turns() {
    let catalog = CatalogTest::start().await;
    catalog.insert(|product| product.name("Appareil photo").age(50)).await;
    catalog.insert(|product| product.name("Eau de Parfum").brand("Parisienne").age(40)).await;
    catalog.insert(|product| product.name("Parapluie").brand("PARISIENNE").age(30)).await;
    catalog.insert(|product| product.name("Parasol").brand("Parisienne").status("draft")).await;
    catalog.insert(|product| product.name("Savon").brand("Separa").description("comme un parfum").age(20)).await;
    let expected = [
        ("product", "Parapluie"),
        ("brand", "PARISIENNE"),
        ("category", "Parfums"),
        ("product", "Eau de Parfum"),
        ("product", "Appareil photo"),
        ("brand", "Separa"),
    ];
    assert_eq!(texts(&suggest(&catalog, "PÀR", 10).await), expected);
    assert_eq!(texts(&suggest(&catalog, "par", 3).await), expected[..3]);
    assert_eq!(texts(&suggest(&catalog, "par eau", 8).await), [("product", "Eau de Parfum")]);
    assert_eq!(texts(&suggest(&catalog, "photo app", 8).await), [("product", "Appareil photo")]);
}

#[tokio::test]
async fn each_kind_tells_how_it_is_reached() {
    let catalog = CatalogTest::start().await;
    let picture = "https://pictures.example.com/1.jpg";
    let id = catalog.insert(|product| product.name("عطر العود").brand("عطور الشرق").images(&[picture])).await;
    let all = suggest(&catalog, "عِط", 8).await;
    assert_eq!(texts(&all), [("product", "عطر العود"), ("brand", "عطور الشرق"), ("category", "عطور")]);
    let Some(What::Product(product)) = &all[0].what else { panic!("{all:?}") };
    let shown = (product.id.as_str(), product.slug.as_str(), product.image_url.as_deref());
    assert_eq!(shown, (id.to_string().as_str(), format!("slug-{id}").as_str(), Some(picture)));
    let Some(What::Category(category)) = &all[2].what else { panic!("{all:?}") };
    let known = catalog.as_guest().list_categories(ListCategoriesRequest {}).await.unwrap().categories;
    assert_eq!((category.slug.as_str(), &category.id), ("perfume", &known[0].id));
}

#[tokio::test]
async fn what_is_common_and_what_is_rare_are_both_found() {
    let catalog = CatalogTest::start().await;
    for n in 0..25 {
        catalog.insert(|product| product.name(&format!("Lampe numéro {n}")).age(n)).await;
    }
    let rare = catalog.insert(|product| product.name("Lampadaire").age(1_000)).await;
    let newest: Vec<String> = (0..10).map(|n| format!("Lampe numéro {n}")).collect();
    let all = suggest(&catalog, "lampe", 10).await;
    assert_eq!(texts(&all).into_iter().map(|(_, text)| text).collect::<Vec<_>>(), newest);
    let Some(What::Product(product)) = &suggest(&catalog, "lampad", 8).await[0].what else { panic!("a product") };
    assert_eq!(product.id, rare.to_string());
}

#[tokio::test]
async fn signs_have_no_meaning() {
    let catalog = CatalogTest::start().await;
    catalog.insert(|product| product.name("Coton 100%").brand("A|B")).await;
    for query in ["%", "_", "'", ":*", "!", "()", "&", "|", "\\", "\u{200b}"] {
        assert!(suggest(&catalog, query, 8).await.is_empty(), "{query}");
    }
    assert_eq!(texts(&suggest(&catalog, "100%:*", 8).await), [("product", "Coton 100%")]);
    assert_eq!(texts(&suggest(&catalog, "a|b", 8).await), [("brand", "A|B")]);
}

#[tokio::test]
async fn what_was_looked_up_is_kept_for_a_while_but_not_without_redis() {
    let kept = CatalogTest::start().await;
    let away = CatalogTest::start_with(None, |config| {
        config.redis_url = "redis://127.0.0.1:1".to_owned();
        config.suggestions_kept = std::time::Duration::ZERO;
    })
    .await;
    for (catalog, expected) in [(&kept, 1), (&away, 2)] {
        for name in ["Lampe", "Lampion"] {
            catalog.insert(|product| product.name(name)).await;
            suggest(catalog, "lamp", 8).await;
        }
        assert_eq!(suggest(catalog, "lamp", 8).await.len(), expected);
    }
}
