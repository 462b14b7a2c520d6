//! The self-checks that every service with an outbox and a queue has.

use diesel_async::SimpleAsyncConnection;
use identity::Identity;
use service_runtime::Service;

use crate::harness::IdentityTest;

#[tokio::test(flavor = "multi_thread")]
async fn a_well_service_has_nothing_to_tell() {
    let identity = IdentityTest::start_with_broker().await;
    let report = Identity::check(&identity.config).await.unwrap();
    assert_eq!((report.findings(), report.is_complete()), (0, true), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_wait_too_long_or_are_parked_are_told() {
    // Without a broker nobody sends them.
    let identity = IdentityTest::start().await;
    identity::appoint_admin(&identity.config, "user_boss").await.unwrap();
    let young = Identity::check(&identity.config).await.unwrap();
    assert_eq!(young.findings(), 0, "{young}");
    assert!(!young.is_complete(), "the broker is away, so dead letters cannot be counted: {young}");

    let age = "UPDATE outbox SET created_at = now() - interval '2 minutes'";
    identity.conn().await.batch_execute(age).await.unwrap();
    let old = Identity::check(&identity.config).await.unwrap();
    assert!(old.findings() == 1 && old.to_string().contains("waits for 12"), "{old}");
    identity.conn().await.batch_execute("UPDATE outbox SET parked_at = now()").await.unwrap();
    let parked = Identity::check(&identity.config).await.unwrap();
    assert!(parked.findings() == 1 && parked.to_string().contains("parked"), "{parked}");
}
