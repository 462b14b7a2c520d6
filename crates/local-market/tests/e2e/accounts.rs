//! api.md 4: own profile and the choice of a role.

use commerce_types::Approval;
use futures::future::join;
use reqwest::Method;
use serde_json::json;

use crate::harness::databases::{number, text};
use crate::harness::shapes::{ME, PROFILE, exactly, is_id, is_time};
use crate::harness::{Findings, Market};

#[tokio::test]
async fn a_profile_is_read_and_edited() {
    let market = Market::start().await;
    let amina = market.user("amina-haddad").await;
    let me = amina.get("/auth/me").await.expect(200);
    exactly(&me.body, ME);
    is_id(&me.body["id"]);
    is_time(&me.body["created_at"]);
    let profile = amina.get("/users/me").await.expect(200);
    exactly(&profile.body, PROFILE);
    assert_eq!(profile.body["clerk_id"], local_market::clerk::user_id("amina-haddad"));
    assert_eq!(profile.body["is_active"], true);
    assert_eq!(profile.body["seller_category"], json!(null));

    let changes = json!({
        "full_name": "  Amina Haddad Béchar ",
        "phone": "(0) 555-12.34 56",
        "wilaya": "Béchar",
        "bio": "<b>Bonjour</b> 🌙",
        "avatar_url": "https://cdn.example.com/a.png?w=1",
    });
    let changed = amina.patch("/users/me", changes).await.expect(200);
    exactly(&changed.body, PROFILE);
    assert_eq!(changed.body["full_name"], "Amina Haddad Béchar");
    assert_eq!(changed.body["phone"], "+213555123456");
    assert_eq!(changed.body["bio"], "<b>Bonjour</b> 🌙");
    assert_eq!(amina.get("/users/me").await.body, changed.body);
    let partly = amina.patch("/users/me", json!({ "bio": null })).await.expect(200);
    assert_eq!(partly.body["bio"], json!(null));
    assert_eq!(partly.body["phone"], "+213555123456");

    let forms =
        ["0555123456", "+213555123456", "213555123456", "00213555123456", "+213 0555 12 34 56", "0655.12.34.56"];
    for phone in forms {
        let reply = amina.patch("/users/me", json!({ "phone": phone })).await.expect(200);
        assert_eq!(reply.text("phone").len(), 13, "{phone}");
    }
    let media = json!({ "avatar_url": "https://media.zst.dz/avatars/1.png" });
    amina.patch("/users/me", media).await.expect(200);
}

#[tokio::test]
async fn a_profile_takes_only_what_the_contract_names() {
    let market = Market::start().await;
    let amina = market.user("amina-haddad").await;
    let before = amina.get("/users/me").await.expect(200).body;
    let wrong = [
        ("full_name", json!(null)),
        ("full_name", json!("x")),
        ("full_name", json!("x".repeat(101))),
        ("full_name", json!("  \u{200b} ")),
        ("full_name", json!("a\u{7}b")),
        ("full_name", json!(5)),
        ("phone", json!("0455123456")),
        ("phone", json!("055512345")),
        ("phone", json!("+33612345678")),
        ("phone", json!("")),
        ("phone", json!(555_123_456)),
        ("wilaya", json!("x")),
        ("wilaya", json!("x".repeat(51))),
        ("bio", json!("x".repeat(1001))),
        ("avatar_url", json!("http://cdn.example.com/a.png")),
        ("avatar_url", json!("https://127.0.0.1/a.png")),
        ("avatar_url", json!("https://[::1]/a.png")),
        ("avatar_url", json!("https://2130706433/a.png")),
        ("avatar_url", json!("https://localhost/a.png")),
        ("avatar_url", json!("https://printer.local/a.png")),
        ("avatar_url", json!("https://db.internal/a.png")),
        ("avatar_url", json!("https://intranet/a.png")),
        ("avatar_url", json!("https://u:p@cdn.example.com/a.png")),
        ("avatar_url", json!("javascript:alert(1)")),
        ("avatar_url", json!(format!("https://cdn.example.com/{}", "x".repeat(2048)))),
        ("email", json!("x@example.com")),
        ("role", json!("admin")),
        ("id", json!("0192f6a2-0000-7000-8000-000000000000")),
        ("is_verified", json!(true)),
        ("is_active", json!(true)),
        ("approval", json!("approved")),
        ("seller_category", json!("grossiste")),
        ("clerk_id", json!("user_2x")),
        ("created_at", json!("2026-01-01T00:00:00Z")),
        ("nickname", json!("x")),
    ];
    let mut findings = Findings::default();
    findings.members(&amina, Method::PATCH, "/users/me", &json!({}), &wrong).await;
    findings.refused("an empty PATCH", &amina.patch("/users/me", json!({})).await, 400, "VALIDATION_ERROR");
    findings.equal("nothing was written", amina.get("/users/me").await.body, before);
    for path in ["/auth/me", "/users/me"] {
        findings.queries(&amina, path, &[("userId", "userId=1"), ("include", "include=orders")]).await;
        findings.refused(path, &market.guest().get(path).await, 401, "UNAUTHORIZED");
    }
}

#[tokio::test]
async fn a_role_is_chosen_once() {
    let market =
        Market::start_with(&[("GATEWAY_RATE_LIMIT_FACTOR", "1000"), ("GATEWAY_LIMIT_CHOOSE_ROLE", "1000")]).await;
    let path = "/auth/sync-role";
    let (buyer, seller) = (market.user("buyer").await, market.user("seller").await);
    let mut findings = Findings::default();
    let wrong = [
        ("role", json!("admin")),
        ("role", json!("Seller")),
        ("role", json!("")),
        ("role", json!(1)),
        ("seller_category", json!("boutique")),
        ("sellerCategory", json!("boutique")),
        ("approval", json!("approved")),
        ("user_id", json!(buyer.id)),
    ];
    let good = json!({ "role": "seller", "seller_category": "grossiste" });
    findings.members(&buyer, Method::POST, path, &good, &wrong).await;
    findings.required(&buyer, path, &good, &["role"]).await;
    let missing = buyer.post(path, json!({ "role": "seller" })).await;
    findings.invalid("a seller without category", &missing, "seller_category");

    let same = buyer.post(path, json!({ "role": "customer", "seller_category": "grossiste" })).await.expect(200);
    exactly(&same.body, "success message user");
    exactly(&same.body["user"], "id role seller_category approval");
    findings.equal("asked for what it has", same.body["user"]["role"].clone(), json!("customer"));
    findings.equal("ignored for other roles", same.body["user"]["seller_category"].clone(), json!(null));

    // The alias of the path and of the member; the alias wins.
    let both = json!({ "role": "seller", "seller_category": "grossiste", "sellerCategory": "importateur" });
    let chosen = seller.post("/auth/register", both.clone()).await.expect(200).body;
    let wanted = json!({ "id": seller.id, "role": "seller", "seller_category": "importateur", "approval": "approved" });
    findings.equal("chosen", chosen["user"].clone(), wanted);
    findings.status("again the same", &seller.post(path, both).await, 200);
    for other in [json!({ "role": "customer" }), json!({ "role": "freelancer" }), good.clone()] {
        let reply = seller.post(path, other.clone()).await;
        findings.refused(&other.to_string(), &reply, 409, "ROLE_ALREADY_SET");
        let detail = &reply.body["details"][0];
        findings.equal(
            "what it is",
            (&detail["role"], &detail["seller_category"]),
            (&json!("seller"), &json!("importateur")),
        );
    }
    let freelancer = market.user("freelancer").await;
    findings.status("freelancer", &freelancer.post(path, json!({ "role": "freelancer" })).await, 200);
    findings.refused("back", &freelancer.post(path, json!({ "role": "customer" })).await, 409, "ROLE_ALREADY_SET");
    let admin = market.admin("admin").await;
    findings.refused("admin", &admin.post(path, json!({ "role": "customer" })).await, 409, "ROLE_ALREADY_SET");
    findings.refused("guest", &market.guest().post(path, good).await, 401, "UNAUTHORIZED");

    let audit = format!("SELECT count(*) FROM audit WHERE action = 'user.role_chosen' AND target_id = '{}'", seller.id);
    findings.equal("audited once", number(&market.databases.identity, &audit).await, 1);
}

#[tokio::test]
async fn of_two_choices_at_once_one_wins() {
    let market = Market::start().await;
    for round in 0..5 {
        let user = market.user(&format!("undecided-{round}")).await;
        let (first, second) = join(
            user.post("/auth/sync-role", json!({ "role": "seller", "seller_category": "grossiste" })),
            user.post("/auth/register", json!({ "role": "freelancer" })),
        )
        .await;
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{} {}", first.body, second.body);
        let winner = if first.status == 200 { "seller" } else { "freelancer" };
        let role = format!("SELECT role FROM users WHERE id = '{}'", user.id);
        assert_eq!(text(&market.databases.identity, &role).await, winner);
    }
}

#[tokio::test]
async fn a_seller_waits_for_approval_where_it_is_asked_for() {
    let market =
        Market::start_with(&[("GATEWAY_RATE_LIMIT_FACTOR", "1000"), ("IDENTITY_SELLER_APPROVAL", "manual")]).await;
    let seller = market.user("nadia-mansouri").await;
    let body = json!({ "role": "seller", "seller_category": "fournisseur" });
    let chosen = seller.post("/auth/sync-role", body).await.expect(200);
    assert_eq!(chosen.body["user"]["approval"], "pending");
    crate::harness::eventually(std::time::Duration::from_secs(6), async || {
        seller.get("/seller/orders").await.code() == "SELLER_NOT_APPROVED"
    })
    .await;
    let mut findings = Findings::default();
    let product = crate::harness::new_product(json!({}));
    let refused = seller.post("/products", product.clone()).await;
    findings.refused("publishing", &refused, 403, "SELLER_NOT_APPROVED");
    findings.equal("why", refused.body["details"][0]["approval"].clone(), json!("pending"));
    findings.refused("list", &seller.get("/seller/products").await, 403, "SELLER_NOT_APPROVED");
    findings.status("buying goes on", &seller.get("/cart").await, 200);
    findings.refused(
        "not shown",
        &market.guest().get(&format!("/sellers/{}", seller.id)).await,
        404,
        "SELLER_NOT_FOUND",
    );

    market.approve(&seller, Approval::Approved).await;
    let product = seller.post("/products", product).await.expect(201).text("id");
    findings.status("shown", &market.guest().get(&format!("/sellers/{}", seller.id)).await, 200);
    market.approve(&seller, Approval::Rejected).await;
    let refused = seller.get("/seller/products").await;
    findings.refused("rejected", &refused, 403, "SELLER_NOT_APPROVED");
    findings.equal("why", refused.body["details"][0]["approval"].clone(), json!("rejected"));
    let order = crate::harness::checkout(&[(&product, 1)]);
    crate::harness::eventually(std::time::Duration::from_secs(6), async || {
        market.guest().post("/orders", order.clone()).await.status == 404
    })
    .await;
}
