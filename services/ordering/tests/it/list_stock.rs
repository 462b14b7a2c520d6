//! Stock as it is, for catalog's copies to be held against.

use access_token::Caller;
use protocol::ordering::v1::{ListStockRequest, StockRow};
use service_error::Reason;
use test_support::{admin, seller};

use crate::harness::{OrderingTest, Says, reason, refusal};

async fn list(
    ordering: &OrderingTest,
    by: &impl Says,
    product_ids: Vec<String>,
) -> Result<Vec<StockRow>, service_error::ServiceError> {
    let request = ordering.by(by, ListStockRequest { product_ids });
    ordering.client.clone().list_stock(request).await.map(|answer| answer.into_inner().stock).map_err(refusal)
}

#[tokio::test]
async fn catalog_hears_what_there_is() {
    let ordering = OrderingTest::start().await;
    let soap = ordering.product().stock(4).switched_off().insert().await;
    let unknown = "0192f6a2-0000-7000-8000-000000000001".to_owned();
    let stock = list(&ordering, &Caller::service("catalog"), vec![soap.id.clone(), unknown]).await.unwrap();
    assert_eq!(stock, [StockRow { product_id: soap.id.clone(), free: 4, switched_on: false, version: 1 }]);
    let too_many = vec![soap.id.clone(); 501];
    // A defect of the caller's code, not of anybody's input.
    assert_eq!(reason(list(&ordering, &Caller::service("catalog"), too_many).await), Reason::InternalError);
    for by in [Caller::service("cart"), Caller::Account(admin()), Caller::Account(seller())] {
        assert_eq!(reason(list(&ordering, &by, vec![soap.id.clone()]).await), Reason::Forbidden);
    }
}
