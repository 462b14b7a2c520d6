//! How many accounts a list says that it has, which is kept and not counted: exact at every moment.

use commerce_types::{Role, SellerCategory};
use database::totals::Totals;
use futures::future::join_all;
use identity::Identity;
use protocol::identity::v1::ListAccountsRequest;
use protocol::types::v1 as types;
use service_runtime::Service;

use crate::harness::IdentityTest;

/// As identity keeps them.
const COUNTS: Totals = Totals {
    table: "account_counts",
    sort: "role, seller_category, approval, is_verified, is_active, is_deleted",
    total: "accounts",
};

async fn fold(identity: &IdentityTest) {
    COUNTS.fold(&mut identity.conn().await).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_say_how_many_there_are_while_accounts_come_change_and_are_folded() {
    let identity = IdentityTest::start().await;
    let boss = identity.user().role(Role::Admin).insert().await;
    let come = join_all((0..24).map(|number| {
        let identity = &identity;
        async move {
            let person = identity.resolve(&format!("user_{number}")).await;
            assert!(!person.user_id.is_empty());
            let shop = identity.user().seller(SellerCategory::Grossiste).insert().await;
            let shop = shop.user_id;
            match number % 3 {
                0 => identity.execute(&format!("UPDATE users SET is_verified = true WHERE id = '{shop}'")).await,
                1 => identity.execute(&format!("UPDATE users SET approval = 'pending' WHERE id = '{shop}'")).await,
                _ => {}
            }
        }
    }));
    let folds = async {
        for _ in 0..20 {
            fold(&identity).await;
        }
    };
    tokio::join!(come, folds);

    let all = || ListAccountsRequest { page: Some(types::Page { number: 1, limit: 1 }), ..Default::default() };
    let lists = [
        ("true", all(), 49),
        ("role = 'customer'", ListAccountsRequest { role: Some(types::Role::Customer.into()), ..all() }, 24),
        ("is_verified", ListAccountsRequest { is_verified: Some(true), ..all() }, 8),
        ("NOT is_verified", ListAccountsRequest { is_verified: Some(false), ..all() }, 41),
        ("approval = 'pending'", ListAccountsRequest { approval: Some(types::Approval::Pending.into()), ..all() }, 8),
        ("deleted_at IS NOT NULL", ListAccountsRequest { deleted: true, ..all() }, 0),
    ];
    for (condition, request, expected) in lists {
        let answer = identity.client.clone().list_accounts(identity.by(&boss, request)).await.unwrap().into_inner();
        let there = identity.count(&format!("SELECT count(*) FROM users WHERE {condition}")).await;
        assert_eq!((answer.total, there), (expected, i64::try_from(expected).unwrap()), "{condition}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_rows_are_folded() {
    let identity = IdentityTest::start().await;
    identity
        .execute(
            "INSERT INTO account_counts (role, is_verified, is_active, is_deleted, accounts) \
             SELECT 'customer', false, true, false, n FROM generate_series(-150, 150) n",
        )
        .await;
    let rows = "SELECT count(*) FROM account_counts";
    test_support::eventually(std::time::Duration::from_secs(60), async || identity.count(rows).await == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_that_is_wrong_is_told() {
    let identity = IdentityTest::start_with_broker().await;
    identity.user().insert().await;
    identity.execute("UPDATE account_counts SET accounts = 2").await;
    let report = Identity::check(&identity.config).await.unwrap();
    assert!(report.findings() == 1 && report.to_string().contains("1 sorts of accounts"), "{report}");
    identity.execute("INSERT INTO audit_counts (action, target_type, entries) VALUES ('user.x', 'user', 3)").await;
    let report = Identity::check(&identity.config).await.unwrap();
    assert!(report.findings() == 2 && report.to_string().contains("1 sorts of audit"), "{report}");
}
