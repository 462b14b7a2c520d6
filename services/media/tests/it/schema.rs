//! The schema, and the way to it and back.

use diesel_async::SimpleAsyncConnection;
use protocol::media::v1::UploadKind;
use test_support::{TestDatabase, customer, schema};

use crate::harness::{MediaTest, intent, jpeg};

#[tokio::test(flavor = "multi_thread")]
async fn schema_is_current() {
    schema::assert_current("media").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_go_down_and_up_again_on_a_filled_database() {
    let database = TestDatabase::new("media").await;
    let fill = "INSERT INTO uploads (id, owner_id, kind, status, content_type, size_bytes, secret, received_key, expires_at, \
                  created_at, updated_at) \
                VALUES (gen_random_uuid(), gen_random_uuid(), 'image', 'pending', 'image/png', 5, repeat('0', 32), \
                  'received/x', now(), now(), now()); \
                INSERT INTO doomed_objects VALUES ('received/y', now()); \
                INSERT INTO receipts VALUES (gen_random_uuid(), gen_random_uuid(), 5, now())";
    database.conn().await.batch_execute(fill).await.unwrap();
    schema::assert_reversible("media", &database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_final_status_stays() {
    let media = MediaTest::start().await;
    let upload = media.send(&customer(), intent(UploadKind::Image), &jpeg()).await.unwrap();
    media.settled(&upload).await;
    let change = format!(
        "UPDATE uploads SET status = 'failed', error_code = 'PROCESSING_FAILED', thumbnail_key = NULL, key = NULL, \
         served_at = NULL WHERE id = '{}'",
        upload.id
    );
    let refused = media.database.conn().await.batch_execute(&change).await;
    assert!(refused.unwrap_err().to_string().contains("stays"));
}
