use database::Pool;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use events::{Event, Relay, names};
use protocol::types::v1::AdminAction;
use serde_json::json;
use service_runtime::{Ids, Service};
use test_support::eventually;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::harness::{IdentityTest, SOON};

fn action(changes: &str) -> AdminAction {
    AdminAction {
        actor_id: Ids.next::<Uuid>().to_string(),
        action: "product.changed".to_owned(),
        target_type: "product".to_owned(),
        target_id: Ids.next::<Uuid>().to_string(),
        changes: changes.to_owned(),
        request_id: "request-1".to_owned(),
    }
}

/// Another service's outbox, published twice over: as after a crash between publishing and marking.
async fn publish_twice(identity: &IdentityTest, events: &[Event]) {
    let catalog = test_support::TestDatabase::new("identity").await;
    let pool: Pool = catalog.pool();
    let mut conn = catalog.conn().await;
    events::write(&conn, events).await.unwrap();
    let stop = CancellationToken::new();
    let relay = Relay::new("catalog", pool, identity.broker.as_ref().unwrap().broker());
    let running = relay.run(stop.clone());
    let sent = async {
        for _ in 0..2 {
            eventually(SOON, async || unsent(&catalog).await == 0).await;
            conn.batch_execute("UPDATE outbox SET sent_at = NULL").await.unwrap();
        }
        eventually(SOON, async || unsent(&catalog).await == 0).await;
        stop.cancel();
    };
    let (ended, ()) = futures::future::join(running, sent).await;
    ended.unwrap();
}

async fn unsent(database: &test_support::TestDatabase) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        unsent: i64,
    }
    let query = diesel::sql_query("SELECT count(*) AS unsent FROM outbox WHERE sent_at IS NULL");
    query.get_result::<Row>(&mut database.conn().await).await.unwrap().unsent
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_of_other_services_are_kept_once_and_poison_stands_alone() {
    let identity = IdentityTest::start_with_broker().await;
    let aggregate = Ids.next::<Uuid>();
    let good = |name| Event::new(name, aggregate, &action(r#"{"price":{"from":1,"to":2}}"#));
    let events = [
        good(names::CATALOG_ADMIN_ACTION),
        Event::new(names::CATALOG_ADMIN_ACTION, aggregate, &action("not JSON")),
        good(names::ORDERING_ADMIN_ACTION),
    ];
    publish_twice(&identity, &events).await;
    eventually(SOON, async || identity.audit().await.len() == 2).await;
    let dead = async || {
        let broker = identity.broker.as_ref().unwrap();
        events::dead_letters::depth(broker, events::Queue::Identity).await.unwrap()
    };
    eventually(SOON, async || dead().await >= 1).await;
    let audit = identity.audit().await;
    assert_eq!(audit.len(), 2);
    assert!(audit.iter().all(|(action, _, changes)| {
        action == "product.changed" && *changes == json!({ "price": { "from": 1, "to": 2 } })
    }));
    let replayed = identity::Identity::replay_dead_letters(&identity.config).await.unwrap();
    assert!(replayed >= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_only_grows() {
    let identity = IdentityTest::start().await;
    identity::appoint_admin(&identity.config, "user_boss").await.unwrap();
    let mut conn = identity.conn().await;
    for statement in ["UPDATE audit SET action = 'x.y'", "DELETE FROM audit", "TRUNCATE audit"] {
        let refused = conn.batch_execute(statement).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
}
