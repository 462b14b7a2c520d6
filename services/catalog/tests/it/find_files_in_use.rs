//! `FindFilesInUse`, asked by media alone.

use protocol::types::v1::FindFilesInUseRequest;

use crate::harness::{CatalogTest, reason};

const A: &str = "https://media.zst.dz/a.jpg";
const B: &str = "https://media.zst.dz/b.jpg";
const VIDEO: &str = "https://media.zst.dz/v.mp4";

#[tokio::test]
async fn what_products_show_that_are_not_deleted_is_in_use() {
    let catalog = CatalogTest::start().await;
    let shown = catalog.insert(|product| product.images(&[A]).status("draft")).await;
    let deleted = catalog.insert(|product| product.images(&[B])).await;
    catalog.database_execute(&format!("UPDATE products SET video_url = '{VIDEO}' WHERE id = '{shown}'")).await;
    catalog.database_execute(&format!("UPDATE products SET deleted_at = now() WHERE id = '{deleted}'")).await;
    let request = FindFilesInUseRequest { urls: [A, B, VIDEO, "https://media.zst.dz/c.jpg"].map(str::to_owned).into() };
    let mut used = catalog.as_service("media").find_files_in_use(request.clone()).await.unwrap().urls;
    used.sort();
    assert_eq!(used, [A, VIDEO]);
    assert_eq!(reason(catalog.as_service("reels").find_files_in_use(request.clone()).await), "FORBIDDEN");
    assert_eq!(reason(catalog.as_guest().find_files_in_use(request).await), "FORBIDDEN");
}
