use diesel_async::SimpleAsyncConnection;
use events::retention;
use uuid::Uuid;

use crate::harness::Market;

#[tokio::test]
async fn what_is_old_goes_and_what_is_unsent_stays() {
    let market = Market::new().await;
    market.say(Uuid::from_u128(1), 0..2_500).await;
    market.say(Uuid::from_u128(1), 2_500..2_510).await;
    let age = "UPDATE outbox SET sent_at = now() - interval '7 days 1 minute' WHERE id <= 2500; \
               UPDATE outbox SET sent_at = now() - interval '6 days' WHERE id = 2501; \
               UPDATE outbox SET created_at = now() - interval '30 days' WHERE id > 2501; \
               INSERT INTO inbox SELECT gen_random_uuid(), now() - interval '14 days 1 minute' FROM generate_series(1, 1500); \
               INSERT INTO inbox SELECT gen_random_uuid(), now() - interval '13 days'";
    let mut conn = market.database.conn().await;
    conn.batch_execute(age).await.unwrap();
    assert_eq!(retention::sweep(&market.database.pool()).await.unwrap(), 4_000);
    assert_eq!(test_support::outbox::list(&mut conn).await.len(), 10);
    assert_eq!(retention::sweep(&market.database.pool()).await.unwrap(), 0);
}
