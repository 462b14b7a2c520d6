use std::net::TcpListener;
use std::process::Output;

use diesel_async::SimpleAsyncConnection;
use reqwest::Method;
use test_support::TestDatabase;

use crate::harness::databases::SERVICES;
use crate::harness::{Cluster, LONG, Plan, eventually};

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// It ends with one line that names what is wrong.
#[track_caller]
fn complains(output: &Output, of: &str) {
    let said = text(&output.stderr);
    assert!(!output.status.success(), "{said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    assert!(said.contains(of), "`{of}` is not in: {said}");
}

async fn serves(cluster: &Cluster, name: &str, changes: &[(&str, &str)]) -> Output {
    let ends = cluster.run(name, &["serve"], changes);
    tokio::time::timeout(LONG, ends).await.unwrap_or_else(|_| panic!("{name} serves with {changes:?}"))
}

#[tokio::test]
async fn every_program_lists_its_variables() {
    let cluster = Plan::new().prepare().await;
    for service in SERVICES.into_iter().chain(["gateway"]) {
        let help = cluster.run(service, &["--help"], &[]).await;
        assert!(help.status.success(), "{help:?}");
        let help = text(&help.stdout);
        let prefix = service.to_uppercase();
        let mut wanted =
            vec!["serve", "PRIVATE_ADDR", "ACCESS_TOKEN_SECRETS", "RABBITMQ_URL", "RUST_LOG", "DRAIN_PAUSE"];
        match service {
            "gateway" => wanted.extend(["GATEWAY_ADDR", "GATEWAY_CLERK_ISSUER", "GATEWAY_RATE_LIMIT_FACTOR"]),
            _ => wanted.extend(["migrate", "replay-dlq", "check", "SELF_CHECK_EVERY", "DATABASE_URL", "GRPC_ADDR"]),
        }
        for word in wanted {
            assert!(help.contains(word), "{service} --help lacks {word}:\n{help}");
        }
        assert!(help.contains(&prefix) && help.contains("default"), "{help}");
    }
}

#[tokio::test]
async fn pending_migrations_are_refused_and_run_by_their_command() {
    let cluster = Plan::new().prepare().await;
    for service in SERVICES {
        let database = TestDatabase::empty().await;
        let variable = format!("{}_DATABASE_URL", service.to_uppercase());
        let changes = [(variable.as_str(), database.url())];
        complains(&serves(&cluster, service, &changes).await, "migrat");
        let migrated = cluster.run(service, &["migrate"], &changes).await;
        assert!(migrated.status.success(), "{migrated:?}");
        let again = cluster.run(service, &["migrate"], &changes).await;
        assert!(again.status.success() && again.stdout.starts_with(b"0 "), "{again:?}");
        cluster.start_with(service, &changes).await;
        cluster.kill(service);
    }
}

#[tokio::test]
async fn a_self_check_ends_as_what_it_found() {
    let cluster = Plan::new().start().await;
    let shop = cluster.shop(5).await;
    cluster.guest().post("/orders", shop.checkout(1)).await.expect(201);
    cluster.everything_is_heard().await;
    for service in SERVICES {
        let well = cluster.run(service, &["check"], &[]).await;
        assert_eq!(well.status.code(), Some(0), "{service}: {well:?}");
        assert!(text(&well.stdout).contains(&format!("{service} outbox: well")), "{well:?}");
    }
    let mut ordering = cluster.databases.ordering.conn().await;
    ordering.batch_execute("UPDATE stock SET free = free + 1").await.unwrap();
    let ill = cluster.run("ordering", &["check"], &[]).await;
    assert_eq!(ill.status.code(), Some(2), "{ill:?}");
    assert!(text(&ill.stdout).contains("stock_ledger: 2 found"), "{ill:?}");
    // Without ordering, catalog cannot look: that is a failure, not a finding.
    cluster.kill("ordering");
    let blind = cluster.run("catalog", &["check"], &[]).await;
    assert_eq!(blind.status.code(), Some(1), "{blind:?}");
    assert!(text(&blind.stdout).contains("shown_stock: could not look"), "{blind:?}");
}

#[tokio::test]
async fn what_is_wrong_is_told_in_one_line() {
    let cluster = Plan::new().prepare().await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let port = taken.local_addr().unwrap().port().to_string();
    for service in SERVICES.into_iter().chain(["gateway"]) {
        let prefix = service.to_uppercase();
        let public = if service == "gateway" { "GATEWAY_ADDR".to_owned() } else { format!("{prefix}_GRPC_ADDR") };
        complains(&serves(&cluster, service, &[(&public, &addr)]).await, &port);
        complains(&serves(&cluster, service, &[(&format!("{prefix}_PRIVATE_ADDR"), &addr)]).await, &port);
        complains(&serves(&cluster, service, &[(&public, "nowhere")]).await, &public);
        if service != "gateway" {
            let pool_size = format!("{prefix}_DATABASE_POOL_SIZE");
            complains(&serves(&cluster, service, &[(&pool_size, "many")]).await, &pool_size);
        }
        complains(&cluster.run(service, &["dance"], &[]).await, "dance");
    }
    complains(
        &serves(&cluster, "gateway", &[("GATEWAY_RATE_LIMIT_FACTOR", "much")]).await,
        "GATEWAY_RATE_LIMIT_FACTOR",
    );
}

#[tokio::test]
async fn a_process_that_is_told_to_end_finishes_what_it_began() {
    let cluster = Plan::new().start().await;
    let shop = cluster.shop(500).await;
    let guest = cluster.guest();
    for instance in ["gateway", "media", "reels", "ordering", "cart", "catalog", "identity"] {
        let body = shop.checkout(1).to_string();
        let posts = (0..4).map(|_| guest.try_send(Method::POST, "/orders", Some(body.clone())));
        let told = async {
            cluster.signal(instance, "TERM");
            cluster.ends(instance).await
        };
        let (answers, status) = tokio::join!(futures::future::join_all(posts), told);
        assert_eq!(status.code(), Some(0), "{instance}");
        for answer in answers.into_iter().flatten() {
            assert!([201, 503].contains(&answer.status), "{instance}: {}", answer.status);
        }
        cluster.start(instance).await;
        cluster.all_is_up().await;
        eventually(LONG, async || guest.post("/orders", shop.checkout(1)).await.status == 201).await;
    }
    cluster.everything_is_heard().await;
    let accepted = "SELECT count(DISTINCT checkout_id) FROM orders";
    let accepted = crate::harness::databases::number(&cluster.databases.ordering, accepted).await;
    cluster.sold(&shop, accepted, 1).await;
}
