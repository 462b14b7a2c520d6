use access_token::Account;
use commerce_types::{Approval, Role, SellerCategory};
use protocol::identity::v1::{AccountSort, ListAccountsRequest};
use protocol::types::v1 as types;
use service_error::Reason;

use crate::harness::{IdentityTest, reason};

fn all() -> ListAccountsRequest {
    ListAccountsRequest { page: Some(types::Page { number: 1, limit: 20 }), ..Default::default() }
}

fn found_by(search: &str) -> ListAccountsRequest {
    ListAccountsRequest { search: Some(search.to_owned()), ..all() }
}

/// Accounts of every kind, and the admin who looks at them.
struct Market {
    identity: IdentityTest,
    boss: Account,
}

impl Market {
    async fn open() -> Self {
        let identity = IdentityTest::start().await;
        let boss = identity.user().name("Boss").role(Role::Admin).created_days_ago(9).insert().await;
        let user = || identity.user();
        user()
            .name("Amîna Haddâd")
            .email("Amina.H@example.dz")
            .phone("+213555123456")
            .created_days_ago(5)
            .insert()
            .await;
        user().name("Karim Amina").email("karim_1@example.dz").phone("+33612345678").created_days_ago(4).insert().await;
        let shop = || user().seller(SellerCategory::Grossiste);
        shop().name("Épicerie Zahra").verified().created_days_ago(3).insert().await;
        shop().name("Waiting").approval(Approval::Pending).created_days_ago(2).insert().await;
        user().name("Banned").inactive().created_days_ago(1).insert().await;
        user().name("Deleted user").deleted().insert().await;
        Self { identity, boss }
    }

    async fn names(&self, message: ListAccountsRequest) -> Vec<String> {
        let request = self.identity.by(&self.boss, message);
        let answer = self.identity.client.clone().list_accounts(request).await.unwrap().into_inner();
        assert_eq!(answer.total, answer.accounts.len() as u64);
        answer.accounts.into_iter().map(|account| account.full_name).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_living_are_listed_newest_first_and_tombstones_on_request() {
    let market = Market::open().await;
    let newest = ["Banned", "Waiting", "Épicerie Zahra", "Karim Amina", "Amîna Haddâd", "Boss"];
    assert_eq!(market.names(all()).await, newest);
    assert_eq!(market.names(ListAccountsRequest { deleted: true, ..all() }).await, ["Deleted user"]);
    let by_name =
        ListAccountsRequest { sort: AccountSort::FullName.into(), order: types::SortOrder::Ascending.into(), ..all() };
    assert_eq!(market.names(by_name).await[..3], ["Amîna Haddâd", "Banned", "Boss"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_narrow_together() {
    let market = Market::open().await;
    let role = |role: types::Role| ListAccountsRequest { role: Some(role.into()), ..all() };
    assert_eq!(market.names(role(types::Role::Admin)).await, ["Boss"]);
    let category = Some(types::SellerCategory::Grossiste.into());
    let sellers = ListAccountsRequest { seller_category: category, ..role(types::Role::Seller) };
    assert_eq!(market.names(sellers.clone()).await, ["Waiting", "Épicerie Zahra"]);
    let other = Some(types::SellerCategory::Importateur.into());
    assert!(market.names(ListAccountsRequest { seller_category: other, ..sellers.clone() }).await.is_empty());
    let approval = |approval: types::Approval| ListAccountsRequest { approval: Some(approval.into()), ..all() };
    assert_eq!(market.names(approval(types::Approval::Pending)).await, ["Waiting"]);
    assert_eq!(market.names(ListAccountsRequest { is_verified: Some(true), ..all() }).await, ["Épicerie Zahra"]);
    assert_eq!(market.names(ListAccountsRequest { is_verified: Some(false), ..sellers }).await, ["Waiting"]);
    assert_eq!(market.names(ListAccountsRequest { is_active: Some(false), ..all() }).await, ["Banned"]);
    assert_eq!(market.names(ListAccountsRequest { is_active: Some(true), ..all() }).await.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_names_and_beginnings_of_addresses_and_phones_find() {
    let market = Market::open().await;
    let cases: [(&str, &[&str]); 17] = [
        ("amina", &["Karim Amina", "Amîna Haddâd"]),
        ("haddad AMINA", &["Amîna Haddâd"]),
        ("epic", &["Épicerie Zahra"]),
        ("AMINA.h@", &["Amîna Haddâd"]),
        ("karim_1@example.dz", &["Karim Amina"]),
        ("karim%", &["Karim Amina"]),
        ("karim1", &[]),
        ("example.dz", &[]),
        ("0555 12 34", &["Amîna Haddâd"]),
        ("+213 555", &["Amîna Haddâd"]),
        ("00213555123456", &["Amîna Haddâd"]),
        ("555123", &["Amîna Haddâd"]),
        ("+336", &["Karim Amina"]),
        ("3456", &[]),
        ("%%", &[]),
        ("__", &[]),
        ("nobody", &[]),
    ];
    for (search, expected) in cases {
        assert_eq!(market.names(found_by(search)).await, expected, "{search}");
    }
    let narrowed = ListAccountsRequest { is_active: Some(false), ..found_by("amina") };
    assert!(market.names(narrowed).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_neither_repeat_nor_skip() {
    let identity = IdentityTest::start().await;
    let boss = identity.user().role(Role::Admin).created_days_ago(5).insert().await;
    for _ in 0..6 {
        identity.user().name("Same Name").created_days_ago(5).insert().await;
    }
    let mut ids = std::collections::HashSet::new();
    for number in 1..=4 {
        let page = Some(types::Page { number, limit: 2 });
        let request = identity.by(&boss, ListAccountsRequest { page, ..Default::default() });
        let answer = identity.client.clone().list_accounts(request).await.unwrap().into_inner();
        assert_eq!(answer.total, 7);
        ids.extend(answer.accounts.into_iter().map(|account| account.id));
    }
    assert_eq!(ids.len(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_admins_see_accounts() {
    let identity = IdentityTest::start().await;
    for account in [test_support::customer(), test_support::seller()] {
        let refused = identity.client.clone().list_accounts(identity.by(&account, all())).await.unwrap_err();
        assert_eq!(reason(&refused), Reason::Forbidden);
    }
    let gateway = identity.by_caller(&access_token::Caller::service("gateway"), all());
    assert_eq!(reason(&identity.client.clone().list_accounts(gateway).await.unwrap_err()), Reason::Forbidden);
    let guest = identity.by_caller(&access_token::Caller::GUEST, all());
    assert_eq!(reason(&identity.client.clone().list_accounts(guest).await.unwrap_err()), Reason::Unauthorized);
}
