//! `FindFilesInUse`, asked by media alone.

use access_token::Caller;
use events::names::{ORDER_PLACED, STOCK_CHANGED};
use protocol::types::v1::FindFilesInUseRequest;
use service_error::{Reason, ServiceError};
use test_support::customer;

use crate::builders::one_of;
use crate::harness::{OrderingTest, Says, reason, refusal};

const PICTURE: &str = "https://media.zst.dz/products/p/images/a.jpg";

async fn ask(ordering: &OrderingTest, by: &impl Says, urls: &[&str]) -> Result<Vec<String>, ServiceError> {
    let urls = urls.iter().map(|url| (*url).to_owned()).collect();
    let request = ordering.by(by, FindFilesInUseRequest { urls });
    ordering.client.clone().find_files_in_use(request).await.map(|answer| answer.into_inner().urls).map_err(refusal)
}

#[tokio::test]
async fn what_orders_show_is_in_use() {
    let ordering = OrderingTest::start().await.expecting([ORDER_PLACED, STOCK_CHANGED]);
    let soap = ordering.product().insert().await;
    let buyer = customer();
    for _ in 0..2 {
        ordering.place(&buyer, one_of(&soap)).await.unwrap();
    }
    let media = Caller::service("media");
    assert!(ask(&ordering, &media, &[PICTURE]).await.unwrap().is_empty());
    ordering.execute(&format!("UPDATE order_items SET product_image = '{PICTURE}'")).await;
    assert_eq!(ask(&ordering, &media, &[PICTURE, "https://media.zst.dz/b.jpg"]).await.unwrap(), [PICTURE]);
    assert_eq!(reason(ask(&ordering, &buyer, &[PICTURE]).await), Reason::Forbidden);
    assert_eq!(reason(ask(&ordering, &Caller::service("catalog"), &[PICTURE]).await), Reason::Forbidden);
}
