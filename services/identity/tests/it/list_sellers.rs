use access_token::Caller;
use commerce_types::{Approval, Role, SellerCategory};
use protocol::identity::v1::{ListSellersRequest, SellerSort};
use protocol::types::v1 as types;

use crate::harness::IdentityTest;

fn all() -> ListSellersRequest {
    ListSellersRequest { page: Some(types::Page { number: 1, limit: 20 }), ..Default::default() }
}

async fn names(identity: &IdentityTest, message: ListSellersRequest) -> (Vec<String>, u64) {
    let request = identity.by_caller(&Caller::GUEST, message);
    let answer = identity.client.clone().list_sellers(request).await.unwrap().into_inner();
    (answer.sellers.into_iter().map(|seller| seller.user.unwrap().full_name).collect(), answer.total)
}

async fn market() -> IdentityTest {
    let identity = IdentityTest::start().await;
    let sellers = [
        ("Épicerie El-Hadj", SellerCategory::Grossiste, "Béjaïa", 3),
        ("أحمد للتجارة", SellerCategory::Importateur, "Oran", 2),
        ("Zahra Déco", SellerCategory::Fournisseur, "BEJAIA", 1),
    ];
    for (name, category, wilaya, days) in sellers {
        identity.user().name(name).seller(category).wilaya(wilaya).created_days_ago(days).insert().await;
    }
    identity.user().name("Verified Shop").seller(SellerCategory::Grossiste).verified().insert().await;
    let category = SellerCategory::Grossiste;
    identity.user().name("Pending").seller(category).approval(Approval::Pending).insert().await;
    identity.user().name("Inactive").seller(category).inactive().insert().await;
    identity.user().name("Deleted").seller(category).deleted().insert().await;
    identity.user().name("Customer").insert().await;
    identity.user().name("Freelancer").role(Role::Freelancer).insert().await;
    identity
}

#[tokio::test(flavor = "multi_thread")]
async fn approved_active_sellers_are_listed_newest_first() {
    let identity = market().await;
    let (sellers, total) = names(&identity, all()).await;
    assert_eq!(sellers, ["Verified Shop", "Zahra Déco", "أحمد للتجارة", "Épicerie El-Hadj"]);
    assert_eq!(total, 4);

    let ascending = types::SortOrder::Ascending.into();
    let (sellers, _) = names(&identity, ListSellersRequest { order: ascending, ..all() }).await;
    assert_eq!(sellers[0], "Épicerie El-Hadj");
    let by_name = ListSellersRequest { sort: SellerSort::FullName.into(), order: ascending, ..all() };
    assert_eq!(names(&identity, by_name).await.0[..2], ["Épicerie El-Hadj", "Verified Shop"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_searched_folded_word_by_word() {
    let identity = market().await;
    let cases = [
        ("EPICERIE", vec!["Épicerie El-Hadj"]),
        ("hadj épi", vec!["Épicerie El-Hadj"]),
        ("احمد", vec!["أحمد للتجارة"]),
        ("deco", vec!["Zahra Déco"]),
        ("cerie", vec!["Épicerie El-Hadj"]),
        ("co", vec![]),
        ("zahra hadj", vec![]),
        ("%", vec![]),
        ("_", vec![]),
    ];
    for (search, expected) in cases {
        let message = ListSellersRequest { search: Some(search.to_owned()), ..all() };
        let (sellers, total) = names(&identity, message).await;
        assert_eq!(sellers, expected, "{search}");
        assert_eq!(total, expected.len() as u64);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_narrow_together() {
    let identity = market().await;
    let wilaya = ListSellersRequest { wilaya: Some("bejaia".to_owned()), ..all() };
    assert_eq!(names(&identity, wilaya.clone()).await.0, ["Zahra Déco", "Épicerie El-Hadj"]);
    let both = ListSellersRequest { seller_category: Some(types::SellerCategory::Grossiste.into()), ..wilaya };
    assert_eq!(names(&identity, both).await.0, ["Épicerie El-Hadj"]);
    let verified = ListSellersRequest { is_verified: Some(true), ..all() };
    assert_eq!(names(&identity, verified).await.0, ["Verified Shop"]);
    let not_verified = ListSellersRequest { is_verified: Some(false), ..all() };
    assert_eq!(names(&identity, not_verified).await.1, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_neither_repeat_nor_skip() {
    let identity = IdentityTest::start().await;
    for _ in 0..7 {
        identity.user().name("Same Name").seller(SellerCategory::Grossiste).created_days_ago(5).insert().await;
    }
    let mut ids = std::collections::HashSet::new();
    for number in 1..=3 {
        let page = Some(types::Page { number, limit: 3 });
        let message = ListSellersRequest { page, sort: SellerSort::FullName.into(), ..Default::default() };
        let request = identity.by_caller(&Caller::GUEST, message);
        let answer = identity.client.clone().list_sellers(request).await.unwrap().into_inner();
        assert_eq!(answer.total, 7);
        ids.extend(answer.sellers.into_iter().map(|seller| seller.user.unwrap().id));
    }
    assert_eq!(ids.len(), 7);
    let beyond = ListSellersRequest { page: Some(types::Page { number: 9_999, limit: 100 }), ..Default::default() };
    assert_eq!(names(&identity, beyond).await, (Vec::new(), 7));
}
