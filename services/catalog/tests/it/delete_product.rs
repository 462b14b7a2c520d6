//! `DeleteProduct`.

use events::names;
use protocol::catalog::v1::{
    DeleteProductRequest, GetProductRequest, ProductRemoved, RemovalReason, get_product_request,
};
use protocol::types::v1::AdminAction;
use test_support::{admin, customer, seller};

use crate::harness::{CatalogTest, reason};

fn deletion(id: impl ToString, expected_version: Option<i64>) -> DeleteProductRequest {
    DeleteProductRequest { id: id.to_string(), expected_version }
}

#[tokio::test]
async fn a_deleted_product_is_gone_for_everybody_and_the_second_time_too() {
    let catalog = CatalogTest::start().await.expecting([names::PRODUCT_REMOVED]);
    let owner = seller();
    let id = catalog.insert(|product| product.seller(&owner).images(&["https://p.example.com/a"])).await;
    assert_eq!(reason(catalog.as_account(&owner).delete_product(deletion(id, Some(3))).await), "VERSION_CONFLICT");
    let written = catalog.as_account(&owner).delete_product(deletion(id, Some(1))).await.unwrap();
    assert_eq!(written.product.unwrap().id, id.to_string());

    assert_eq!(reason(catalog.as_account(&owner).delete_product(deletion(id, None)).await), "PRODUCT_NOT_FOUND");
    for account in [owner, admin()] {
        let request = GetProductRequest { by: Some(get_product_request::By::Id(id.to_string())) };
        assert_eq!(reason(catalog.as_account(&account).get_product(request).await), "PRODUCT_NOT_FOUND");
    }
    let said: Vec<ProductRemoved> = catalog.said(names::PRODUCT_REMOVED).await;
    assert_eq!((said.len(), said[0].reason()), (1, RemovalReason::Deleted));
    assert_eq!(said[0].product.as_ref().unwrap().image_url.as_deref(), Some("https://p.example.com/a"));
}

#[tokio::test]
async fn strangers_cannot_and_admins_leave_a_trace() {
    let catalog = CatalogTest::start().await.expecting([names::PRODUCT_REMOVED, names::CATALOG_ADMIN_ACTION]);
    let id = catalog.insert(|product| product.status("draft")).await;
    assert_eq!(reason(catalog.as_account(&seller()).delete_product(deletion(id, None)).await), "PRODUCT_NOT_FOUND");
    assert_eq!(reason(catalog.as_account(&customer()).delete_product(deletion(id, None)).await), "FORBIDDEN");
    catalog.as_account(&admin()).delete_product(deletion(id, None)).await.unwrap();
    let said: Vec<AdminAction> = catalog.said(names::CATALOG_ADMIN_ACTION).await;
    assert_eq!((said.len(), said[0].action.as_str()), (1, "product.deleted"));
}
