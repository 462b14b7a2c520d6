use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use test_support::eventually;
use tokio::time::Instant;

use crate::harness::databases::{execute, number};
use crate::harness::shapes::{ADMIN_USER, exactly, is_id, is_time};
use crate::harness::{Caller, Findings, Market};

/// A change of an account is effective in this time, on every gateway.
const EFFECTIVE: Duration = Duration::from_secs(5);

async fn names(admin: &Caller, query: &str) -> Vec<String> {
    let page = admin.get(&format!("/admin/users?{query}")).await.expect(200);
    let names: Vec<String> = page.data().iter().map(|row| row["full_name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(page.body["meta"]["total"], names.len(), "{query}");
    names
}

#[tokio::test]
async fn accounts_are_listed_narrowed_and_found() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let admin = market.admin("amel-boss").await;
    let amina = market.user("amina-haddad").await;
    amina.patch("/users/me", json!({ "phone": "0555123456" })).await.expect(200);
    let shop = market.seller("boutique-zahra", "grossiste").await;
    let gone = market.user("gone-away").await;
    gone.delete("/users/me").await.expect(200);
    execute(&market.databases.identity, "UPDATE users SET email = 'Amina@example.dz' WHERE phone IS NOT NULL").await;

    let page = admin.get("/admin/users").await.expect(200);
    findings.equal(
        "newest first",
        names(&admin, "").await,
        vec!["Boutique Zahra".to_owned(), "Amina Haddad".to_owned(), "Amel Boss".to_owned()],
    );
    for row in page.data() {
        exactly(row, ADMIN_USER);
        is_id(&row["id"]);
        is_time(&row["created_at"]);
    }
    findings.equal("private", page.header("cache-control"), Some("private, no-cache"));
    findings.equal("no limit", page.header("x-ratelimit-limit"), None);
    let cases: [(&str, &[&str]); 14] = [
        ("deleted=true", &["Deleted user"]),
        ("role=admin", &["Amel Boss"]),
        ("role=seller&seller_category=grossiste&approval=approved", &["Boutique Zahra"]),
        ("seller_category=importateur", &[]),
        ("approval=pending", &[]),
        ("is_verified=true", &[]),
        ("is_active=false", &[]),
        ("is_active=true&role=customer", &["Amina Haddad"]),
        ("search=HADD%C3%82D", &["Amina Haddad"]),
        ("search=amina%40ex", &["Amina Haddad"]),
        ("search=0555%2012", &["Amina Haddad"]),
        ("search=%25%25", &[]),
        ("sort_by=full_name&sort_order=asc", &["Amel Boss", "Amina Haddad", "Boutique Zahra"]),
        ("sort_by=created_at&sort_order=ASC&role=customer", &["Amina Haddad"]),
    ];
    for (query, wanted) in cases {
        let found = names(&admin, query).await;
        findings.check(found == wanted, || format!("{query}: {found:?} instead of {wanted:?}"));
    }
    let second = admin.get("/admin/users?page=2&limit=2").await.expect(200);
    findings.equal("second page", second.data().len(), 1);
    findings.equal("meta", second.body["meta"].clone(), json!({ "page": 2, "limit": 2, "total": 3, "totalPages": 2 }));
    let wrong = [
        ("page", "page=0"),
        ("limit", "limit=101"),
        ("search", "search=a"),
        ("role", "role=Admin"),
        ("seller_category", "seller_category=x"),
        ("approval", "approval=x"),
        ("is_verified", "is_verified=1"),
        ("is_active", "is_active=yes"),
        ("deleted", "deleted=all"),
        ("sort_by", "sort_by=email"),
        ("sort_order", "sort_order=up"),
        ("email", "email=x"),
    ];
    findings.queries(&admin, "/admin/users", &wrong).await;

    let one = admin.get(&format!("/admin/users/{}", shop.id)).await.expect(200).body;
    exactly(&one, ADMIN_USER);
    findings.equal("a seller", (one["role"].clone(), one["approval"].clone()), (json!("seller"), json!("approved")));
    findings.equal("living", one["deleted_at"].clone(), Value::Null);
    let tombstone = admin.get(&format!("/admin/users/{}", gone.id)).await.expect(200).body;
    is_time(&tombstone["deleted_at"]);
}

#[tokio::test]
async fn a_change_of_role_is_effective_and_checked_on_its_result() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let (admin, amina) = (market.admin("amel").await, market.user("amina").await);
    let path = format!("/admin/users/{}", amina.id);
    amina.get("/seller/orders").await.refused(403, "FORBIDDEN");
    let good = json!({ "is_verified": true });
    let wrong = [
        ("role", json!("boss")),
        ("role", json!("Seller")),
        ("role", json!(null)),
        ("seller_category", json!(null)),
        ("approval", json!("maybe")),
        ("is_verified", json!("true")),
        ("is_active", json!(1)),
        ("is_active", json!(null)),
        ("full_name", json!("x")),
        ("email", json!("x@example.dz")),
    ];
    findings.members(&admin, Method::PATCH, &path, &good, &wrong).await;
    findings.refused("empty", &admin.patch(&path, json!({})).await, 400, "VALIDATION_ERROR");
    findings.invalid("no category", &admin.patch(&path, json!({ "role": "seller" })).await, "seller_category");
    let of_nobody = json!({ "approval": "approved" });
    findings.invalid("approval of a customer", &admin.patch(&path, of_nobody).await, "approval");
    let of_nobody = json!({ "role": "freelancer", "seller_category": "grossiste" });
    findings.invalid("category of a freelancer", &admin.patch(&path, of_nobody).await, "seller_category");
    findings.equal(
        "nothing was changed",
        number(&market.databases.identity, "SELECT count(*) FROM audit WHERE action <> 'user.role_changed'").await,
        0,
    );

    let seller = json!({ "role": "seller", "seller_category": "fournisseur" });
    let changed = admin.patch(&path, seller).await.expect(200).body;
    exactly(&changed, ADMIN_USER);
    let seen = (changed["role"].clone(), changed["seller_category"].clone(), changed["approval"].clone());
    findings.equal("a seller", seen, (json!("seller"), json!("fournisseur"), json!("approved")));
    findings.status("at once here", &amina.get("/seller/orders").await, 200);
    let pending = admin.patch(&path, json!({ "approval": "pending" })).await.expect(200).body;
    findings.equal("pending", pending["approval"].clone(), json!("pending"));
    findings.refused("undecided", &amina.get("/seller/orders").await, 403, "SELLER_NOT_APPROVED");
    let back = admin.patch(&path, json!({ "role": "customer" })).await.expect(200).body;
    let seen = (back["seller_category"].clone(), back["approval"].clone());
    findings.equal("both are cleared", seen, (Value::Null, Value::Null));
    findings.refused("a customer", &amina.get("/seller/orders").await, 403, "FORBIDDEN");
    let promoted = admin.patch(&path, json!({ "role": "admin", "is_verified": true })).await.expect(200).body;
    findings.equal("an admin with a badge", promoted["is_verified"].clone(), json!(true));
    findings.status("may look", &amina.get("/admin/users").await, 200);
    admin.patch(&path, json!({ "role": "customer" })).await.expect(200);
    findings.refused("may not any more", &amina.get("/admin/users").await, 403, "FORBIDDEN");
}

#[tokio::test]
async fn a_ban_is_effective_within_five_seconds() {
    let market = Market::start().await;
    let (admin, shop) = (market.admin("amel").await, market.seller("maison-rym", "grossiste").await);
    let pot = market.product_id(&shop, json!({})).await;
    let path = format!("/admin/users/{}", shop.id);
    admin.patch(&path, json!({ "is_active": false })).await.expect(200);
    let since = Instant::now();
    for forbidden in ["/users/me", "/seller/orders", "/cart", "/products"] {
        shop.get(forbidden).await.refused(403, "ACCOUNT_DISABLED");
    }
    shop.patch(&format!("/products/{pot}"), json!({ "price": 1 })).await.refused(403, "ACCOUNT_DISABLED");
    let guest = market.guest();
    eventually(EFFECTIVE, async || guest.get(&format!("/products/{pot}")).await.status == 404).await;
    assert!(since.elapsed() < EFFECTIVE);
    guest.get(&format!("/sellers/{}", shop.id)).await.refused(404, "SELLER_NOT_FOUND");
    admin.patch(&path, json!({ "is_active": true })).await.expect(200);
    shop.get("/users/me").await.expect(200);
    eventually(EFFECTIVE, async || guest.get(&format!("/products/{pot}")).await.status == 200).await;
}

#[tokio::test]
async fn an_admin_cannot_lock_itself_out_and_nobody_else_may_anything() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let (admin, other) = (market.admin("amel").await, market.admin("bilal").await);
    let own = format!("/admin/users/{}", admin.id);
    for locked_out in [
        json!({ "is_active": false }),
        json!({ "role": "customer" }),
        json!({ "role": "customer", "is_verified": true }),
    ] {
        findings.refused("its own", &admin.patch(&own, locked_out).await, 403, "FORBIDDEN");
    }
    let same = json!({ "role": "admin", "is_active": true, "is_verified": true });
    findings.equal("a badge", admin.patch(&own, same).await.expect(200).body["is_verified"].clone(), json!(true));
    findings.status("still an admin", &admin.get("/admin/users").await, 200);

    let (amina, shop) = (market.user("amina").await, market.seller("maison-rym", "grossiste").await);
    let before = number(&market.databases.identity, "SELECT count(*) FROM audit").await;
    for (who, caller, status, code) in [
        ("guest", &market.guest(), 401, "UNAUTHORIZED"),
        ("customer", &amina, 403, "FORBIDDEN"),
        ("seller", &shop, 403, "FORBIDDEN"),
    ] {
        for path in ["/admin/users", "/admin/stats", "/admin/orders", "/admin/audit", &own] {
            findings.refused(&format!("{who}: {path}"), &caller.get(path).await, status, code);
        }
        for target in [&amina.id, &shop.id, &admin.id] {
            let promotion = caller.patch(&format!("/admin/users/{target}"), json!({ "role": "admin" })).await;
            findings.refused(&format!("{who}: PATCH"), &promotion, status, code);
        }
    }
    findings.equal("no effect", number(&market.databases.identity, "SELECT count(*) FROM audit").await, before);

    other.patch(&own, json!({ "role": "customer" })).await.expect(200);
    findings.refused("by another admin", &admin.get("/admin/users").await, 403, "FORBIDDEN");
    let missing = other.patch("/admin/users/0192f6a2-0000-7000-8000-000000000000", json!({ "is_active": true })).await;
    findings.refused("nobody", &missing, 404, "USER_NOT_FOUND");
    amina.delete("/users/me").await.expect(200);
    let deleted = other.patch(&format!("/admin/users/{}", amina.id), json!({ "is_active": true })).await;
    findings.refused("deleted", &deleted, 404, "USER_NOT_FOUND");
}
