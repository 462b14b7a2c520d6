//! The fee table.

use protocol::ordering::v1::*;
use test_support::guest;

use crate::harness::OrderingTest;

#[tokio::test]
async fn fifty_eight_by_code_in_two_scripts() {
    let ordering = OrderingTest::start().await;
    let list = || async {
        let request = ordering.by(&guest(), ListWilayasRequest {});
        ordering.client.clone().list_wilayas(request).await.unwrap().into_inner().wilayas
    };
    let wilayas = list().await;
    assert_eq!(wilayas.iter().map(|wilaya| wilaya.code).collect::<Vec<_>>(), (1..=58).collect::<Vec<_>>());
    let named = |code: usize| (&*wilayas[code - 1].name, &*wilayas[code - 1].name_ar);
    assert_eq!(named(6), ("Béjaïa", "بجاية"));
    assert_eq!(named(16), ("Alger", "الجزائر"));
    assert_eq!(named(28), ("M'Sila", "المسيلة"));
    assert_eq!(named(58), ("El Meniaa", "المنيعة"));
    assert!(wilayas.iter().all(|wilaya| wilaya.home_fee.as_ref().unwrap().centimes == 50_000));
    assert!(wilayas.iter().all(|wilaya| wilaya.office_fee.as_ref().unwrap().centimes == 50_000));

    ordering.execute("UPDATE wilayas SET active = false WHERE code = 3").await;
    assert_eq!(list().await.len(), 57);
}

#[tokio::test]
async fn every_name_is_found_folded() {
    let ordering = OrderingTest::start().await;
    let request = ordering.by(&guest(), ListWilayasRequest {});
    for wilaya in ordering.client.clone().list_wilayas(request).await.unwrap().into_inner().wilayas {
        let folded = commerce_types::Folded::new(&wilaya.name).to_string().replace('\'', "''");
        let found = ordering.count(&format!("SELECT code FROM wilayas WHERE name_folded = '{folded}'")).await;
        assert_eq!(found, i64::from(wilaya.code), "{}", wilaya.name);
    }
}
