//! Every operation, called by everybody: what the index of api.md says of who may.

use local_market::clerk::WebhookRequest;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Caller, Findings, Market, checkout, eventually, new_product, unique};

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// Section 3: no token is looked at.
    System,
    /// Clerk, by its signature: no token is looked at.
    Clerk,
    Anyone,
    User,
    /// Approved sellers; admins are no sellers.
    Seller,
    SellerOrAdmin,
    Admin,
    /// Owner of the product.
    Owner,
    /// Its seller alone; admins are no sellers.
    OnlyItsSeller,
    OwnerOrAdmin,
    /// Its seller, and admins.
    ItsSeller,
    /// Owner of the line in the cart, author of the comment, sender of the file.
    LineOwner,
    /// Sender of the file, and admins.
    UploaderOrAdmin,
    /// Buyer, its seller, admin, or a tracking token.
    Party,
}

/// The operations of this version as the index has them: number, method, path, who. Those of part 2 are counted from 101.
pub(crate) const INDEX: [(u8, &str, &str, Who); 83] = [
    (1, "GET", "/health", Who::System),
    (2, "GET", "/api/health", Who::System),
    (3, "GET", "/health/ready", Who::System),
    (4, "GET", "/api", Who::System),
    (5, "GET", "/api/docs", Who::System),
    (6, "GET", "/api/openapi.json", Who::System),
    (7, "GET", "/api/docs-json", Who::System),
    (8, "GET", "/auth/me", Who::User),
    (9, "POST", "/auth/sync-role", Who::User),
    (10, "POST", "/auth/register", Who::User),
    (11, "GET", "/users/me", Who::User),
    (12, "PATCH", "/users/me", Who::User),
    (13, "DELETE", "/users/me", Who::User),
    (14, "POST", "/users/me/push-token", Who::User),
    (15, "DELETE", "/users/me/push-token", Who::User),
    (16, "POST", "/webhooks/clerk", Who::Clerk),
    (17, "GET", "/sellers", Who::Anyone),
    (18, "GET", "/sellers/{id}", Who::Anyone),
    (19, "GET", "/products", Who::Anyone),
    (20, "GET", "/products/search", Who::Anyone),
    (21, "GET", "/products/suggest", Who::Anyone),
    (22, "GET", "/products/{id}", Who::Anyone),
    (23, "GET", "/products/slug/{slug}", Who::Anyone),
    (24, "POST", "/products", Who::Seller),
    (25, "PATCH", "/products/{id}", Who::OwnerOrAdmin),
    (26, "DELETE", "/products/{id}", Who::OwnerOrAdmin),
    (27, "POST", "/products/{id}/view", Who::Anyone),
    (28, "PATCH", "/products/{id}/images/{imageId}", Who::OwnerOrAdmin),
    (29, "DELETE", "/products/{id}/images/{imageId}", Who::OwnerOrAdmin),
    (30, "GET", "/seller/products", Who::SellerOrAdmin),
    (31, "PATCH", "/seller/products/{id}", Who::Owner),
    (32, "PATCH", "/seller/products/{id}/stock", Who::Owner),
    (33, "GET", "/categories", Who::Anyone),
    (34, "GET", "/brands", Who::Anyone),
    (35, "GET", "/cart", Who::User),
    (36, "DELETE", "/cart", Who::User),
    (37, "GET", "/cart/count", Who::User),
    (38, "POST", "/cart/items", Who::User),
    (39, "PATCH", "/cart/items/{id}", Who::LineOwner),
    (40, "DELETE", "/cart/items/{id}", Who::LineOwner),
    (41, "POST", "/cart/merge", Who::User),
    (42, "POST", "/orders", Who::Anyone),
    (43, "GET", "/orders", Who::User),
    (44, "GET", "/orders/{id}", Who::Party),
    (45, "GET", "/orders/{id}/history", Who::Party),
    (46, "POST", "/orders/{id}/cancel", Who::Party),
    (47, "GET", "/seller/orders", Who::SellerOrAdmin),
    (48, "GET", "/seller/orders/{id}", Who::ItsSeller),
    (49, "PATCH", "/seller/orders/{id}/status", Who::ItsSeller),
    (50, "GET", "/guest/orders/track/{phone}", Who::Anyone),
    (51, "GET", "/shipping/wilayas", Who::Anyone),
    (52, "GET", "/admin/users", Who::Admin),
    (53, "GET", "/admin/users/{id}", Who::Admin),
    (54, "PATCH", "/admin/users/{id}", Who::Admin),
    (55, "GET", "/admin/stats", Who::Admin),
    (56, "GET", "/admin/orders", Who::Admin),
    (57, "GET", "/admin/audit", Who::Admin),
    (58, "POST", "/admin/categories", Who::Admin),
    (59, "PATCH", "/admin/categories/{id}", Who::Admin),
    (60, "DELETE", "/admin/categories/{id}", Who::Admin),
    (101, "GET", "/reels", Who::Anyone),
    (102, "GET", "/reels/{id}", Who::Anyone),
    (103, "POST", "/reels", Who::OnlyItsSeller),
    (104, "PATCH", "/reels/{id}", Who::OnlyItsSeller),
    (105, "DELETE", "/reels/{id}", Who::OwnerOrAdmin),
    (106, "POST", "/reels/{id}/view", Who::Anyone),
    (107, "POST", "/reels/{id}/like", Who::User),
    (108, "DELETE", "/reels/{id}/like", Who::User),
    (109, "GET", "/reels/{id}/likes", Who::Anyone),
    (110, "GET", "/reels/{id}/comments", Who::Anyone),
    (111, "POST", "/reels/{id}/comments", Who::User),
    (112, "PATCH", "/reels/comments/{commentId}", Who::LineOwner),
    (113, "DELETE", "/reels/comments/{commentId}", Who::Party),
    (114, "GET", "/seller/reels", Who::SellerOrAdmin),
    (115, "GET", "/users/me/likes", Who::User),
    (116, "POST", "/storage/upload-image", Who::User),
    (117, "POST", "/storage/upload", Who::User),
    (118, "POST", "/storage/products/{productId}/images", Who::OnlyItsSeller),
    (119, "POST", "/storage/reels/{productId}/video", Who::OnlyItsSeller),
    (120, "POST", "/storage/uploads", Who::User),
    (121, "POST", "/storage/uploads/{id}/complete", Who::LineOwner),
    (122, "GET", "/storage/uploads/{id}", Who::UploaderOrAdmin),
    (123, "DELETE", "/storage/files/{key}", Who::UploaderOrAdmin),
];

/// Method and whole path of each.
pub(crate) fn operations() -> impl Iterator<Item = (String, String)> {
    INDEX.iter().map(|(_, method, path, who)| ((*method).to_owned(), whole(path, *who)))
}

fn whole(path: &str, who: Who) -> String {
    if who == Who::System { path.to_owned() } else { format!("/api/v1{path}") }
}

/// The callers of the matrix.
struct People {
    guest: Caller,
    customer: Caller,
    buyer: Caller,
    owner: Caller,
    other: Caller,
    pending: Caller,
    admin: Caller,
    banned: Caller,
    deleted: Caller,
}

const NAMES: [&str; 9] = ["guest", "customer", "buyer", "owner", "other", "pending", "admin", "banned", "deleted"];

impl People {
    async fn gather(market: &Market) -> Self {
        let people = Self {
            guest: market.guest(),
            customer: market.user("customer").await,
            buyer: market.user("buyer").await,
            owner: market.seller("owner", "grossiste").await,
            other: market.seller("other", "grossiste").await,
            pending: market.seller("pending", "grossiste").await,
            admin: market.admin("admin").await,
            banned: market.user("banned").await,
            deleted: market.user("deleted").await,
        };
        market.approve(&people.pending, commerce_types::Approval::Pending).await;
        market.ban(&people.banned).await;
        people.deleted.delete("/users/me").await.expect(200);
        people
    }

    /// Somebody like this one, who may be lost.
    async fn double(market: &Market, name: &str) -> Caller {
        let double = unique(&format!("double-of-{name}"));
        match name {
            "owner" | "other" => market.seller(&double, "grossiste").await,
            "pending" => {
                let seller = market.seller(&double, "grossiste").await;
                market.approve(&seller, commerce_types::Approval::Pending).await;
                seller
            }
            "admin" => market.admin(&double).await,
            _ => market.user(&double).await,
        }
    }

    fn named(&self, name: &str) -> &Caller {
        match name {
            "customer" => &self.customer,
            "buyer" => &self.buyer,
            "owner" => &self.owner,
            "other" => &self.other,
            "pending" => &self.pending,
            "admin" => &self.admin,
            "banned" => &self.banned,
            "deleted" => &self.deleted,
            _ => &self.guest,
        }
    }
}

/// The code that refuses somebody; none when they may. `missing` is the code of an object that is not theirs.
fn refusal(who: Who, name: &str, missing: &'static str) -> Option<(u16, &'static str)> {
    let unauthorized = Some((401, "UNAUTHORIZED"));
    let not_a_seller = match name {
        "customer" | "buyer" => Some((403, "FORBIDDEN")),
        "pending" => Some((403, "SELLER_NOT_APPROVED")),
        _ => None,
    };
    match (who, name) {
        (Who::System | Who::Clerk, _) => None,
        (_, "banned") => Some((403, "ACCOUNT_DISABLED")),
        (_, "deleted") => unauthorized,
        (Who::Anyone, _) => None,
        (_, "guest") => unauthorized,
        (Who::User, _) => None,
        (Who::Admin, "admin") => None,
        (Who::Admin, _) | (Who::Seller | Who::OnlyItsSeller, "admin") => Some((403, "FORBIDDEN")),
        (Who::Seller | Who::SellerOrAdmin, _) => not_a_seller,
        (Who::Owner, "admin") => Some((404, missing)),
        (Who::Owner | Who::OnlyItsSeller | Who::OwnerOrAdmin | Who::ItsSeller, "other") => Some((404, missing)),
        (Who::Owner | Who::OnlyItsSeller | Who::OwnerOrAdmin | Who::ItsSeller, _) => not_a_seller,
        (Who::LineOwner, "buyer") | (Who::Party, "buyer" | "owner" | "admin") => None,
        (Who::UploaderOrAdmin, "buyer" | "admin") => None,
        (Who::LineOwner | Who::UploaderOrAdmin | Who::Party, _) => Some((404, missing)),
    }
}

/// Objects to act on; writes that succeed need new ones.
struct Goods {
    product: Value,
    line: String,
    order: Value,
    category: String,
    reel: String,
    comment: String,
    upload: String,
    file: String,
}

impl Goods {
    async fn make(market: &Market, people: &People) -> Self {
        let images = json!(["https://cdn.example.com/1.jpg"]);
        let product = market.product(&people.owner, json!({ "images": images, "stock": 50 })).await;
        let id = product["id"].as_str().unwrap();
        let line = people.buyer.post("/cart/items", json!({ "product_id": id, "quantity": 1 })).await.expect(201).body;
        let mut body = checkout(&[(id, 1)]);
        body["customer_phone"] = json!("0777123456");
        let order = people.buyer.post("/orders", body).await.expect(201).body["orders"][0].clone();
        // The order takes the line away; it is put back.
        let cart = || async { people.buyer.get("/cart").await.body["items"].clone() };
        eventually(std::time::Duration::from_secs(5), async || {
            cart().await.as_array().unwrap().iter().all(|item| item["product_id"] != json!(id))
        })
        .await;
        drop(line);
        let line = people.buyer.post("/cart/items", json!({ "product_id": id, "quantity": 1 })).await.expect(201).body;
        let category = people.admin.post("/admin/categories", new_category()).await.expect(201).text("id");
        let reel = market.reel(&people.owner, id).await;
        let said =
            people.buyer.post(&format!("/reels/{reel}/comments"), json!({ "content": "Bravo" })).await.expect(201);
        let comment = said.body["comment"]["id"].as_str().unwrap().to_owned();
        let upload = people.buyer.post("/storage/uploads", new_upload()).await.expect(201);
        let (upload, file) = (upload.text("upload_id"), upload.text("key"));
        let line = line["item"]["id"].as_str().unwrap().to_owned();
        Self { line, product, order, category, reel, comment, upload, file }
    }

    fn path(&self, path: &str, people: &People) -> String {
        let product = self.product["id"].as_str().unwrap();
        let id = if path.starts_with("/sellers") {
            &people.owner.id
        } else if path.starts_with("/admin/categories") {
            &self.category
        } else if path.starts_with("/admin/users") {
            &people.customer.id
        } else if path.contains("products/") {
            product
        } else if path.starts_with("/cart") {
            &self.line
        } else if path.starts_with("/reels") {
            &self.reel
        } else if path.starts_with("/storage") {
            &self.upload
        } else {
            self.order["id"].as_str().unwrap()
        };
        let path = path
            .replace("{id}", id)
            .replace("{imageId}", self.product["images"][0]["id"].as_str().unwrap())
            .replace("{slug}", self.product["slug"].as_str().unwrap())
            .replace("{phone}", "0777123456")
            .replace("{commentId}", &self.comment)
            .replace("{productId}", product)
            .replace("{key}", &self.file);
        match path.as_str() {
            "/products/search" | "/products/suggest" => format!("{path}?q=theiere"),
            _ if path.contains("/track/") => {
                format!("{path}?order_number={}", self.order["order_number"].as_str().unwrap())
            }
            _ => path,
        }
    }

    fn body(&self, number: u8) -> Option<Value> {
        let product = self.product["id"].as_str().unwrap();
        let line = json!({ "product_id": product, "quantity": 1 });
        Some(match number {
            9 | 10 => json!({ "role": "customer" }),
            12 => json!({ "bio": "x" }),
            14 => json!({ "push_token": "ExponentPushToken[matrix]" }),
            24 => new_product(json!({})),
            25 | 31 => json!({ "description": "x" }),
            28 => json!({ "is_primary": true }),
            32 => json!({ "delta": 1 }),
            38 => line,
            39 => json!({ "quantity": 2 }),
            41 => json!({ "items": [line] }),
            42 => checkout(&[(product, 1)]),
            46 => json!({}),
            49 => json!({ "status": "confirmed" }),
            58 => new_category(),
            59 => json!({ "name_fr": unique("Rayon") }),
            54 => json!({ "is_verified": true }),
            103 => json!({ "product_id": product, "upload_id": NOTHING }),
            104 => json!({ "caption": "x" }),
            111 | 112 => json!({ "content": "Bravo" }),
            116..=119 => json!({}),
            120 => new_upload(),
            _ => return None,
        })
    }
}

/// An id that nothing has.
const NOTHING: &str = "0192f6a2-0000-7000-8000-000000000000";

/// Under a slug of its own.
fn new_category() -> Value {
    json!({ "slug": unique("shelf"), "name_fr": "Rayon", "name_ar": "رف" })
}

/// Leave to send a picture of oneself.
fn new_upload() -> Value {
    json!({ "kind": "avatar", "content_type": "image/png", "size_bytes": 1_000 })
}

fn missing(number: u8) -> &'static str {
    match number {
        39 | 40 => "CART_ITEM_NOT_FOUND",
        44..=49 => "ORDER_NOT_FOUND",
        59 | 60 => "CATEGORY_NOT_FOUND",
        53 | 54 => "USER_NOT_FOUND",
        102 | 104..=111 => "REEL_NOT_FOUND",
        112 | 113 => "COMMENT_NOT_FOUND",
        121 | 122 => "UPLOAD_NOT_FOUND",
        123 => "FILE_NOT_FOUND",
        _ => "PRODUCT_NOT_FOUND",
    }
}

#[tokio::test]
async fn everybody_may_do_what_the_index_says_and_nothing_else() {
    let market = Market::start_with(&[
        ("GATEWAY_RATE_LIMIT_FACTOR", "1000"),
        ("GATEWAY_LIMIT_CHOOSE_ROLE", "1000"),
        ("GATEWAY_LIMIT_TRACK_ORDER", "1000"),
        ("GATEWAY_LIMIT_LIKE", "1000"),
        ("GATEWAY_LIMIT_COMMENT", "1000"),
        ("GATEWAY_LIMIT_UPLOAD", "1000"),
    ])
    .await;
    let mut findings = Findings::default();
    let people = People::gather(&market).await;
    let known: Vec<(String, String)> = operations().collect();
    for (method, path) in market.contract.operations() {
        let is_known = known.contains(&(method.clone(), path.clone())) || path == "/api/docs/{asset}";
        findings.check(is_known, || format!("{method} {path} has no row in the table"));
    }
    let mut goods = Goods::make(&market, &people).await;
    for (number, method, path, who) in INDEX {
        let method: Method = method.parse().unwrap();
        for name in NAMES {
            let caller = people.named(name);
            let (path, body) = (goods.path(path, &people), goods.body(number).map(|body| body.to_string()));
            let cell = format!("{number} {method} {path} by {name}");
            let refused = refusal(who, name, missing(number));
            let reply = match (who, number) {
                (Who::Clerk, _) => {
                    let webhook = WebhookRequest::new("user.updated", json!({})).about("somebody-else");
                    market.webhook_by(caller, &webhook).await
                }
                (_, 13) if refused.is_none() => People::double(&market, name).await.delete(&path).await,
                _ => caller.send(method.clone(), &path, body).await,
            };
            match refused {
                Some((status, code)) => findings.refused(&cell, &reply, status, code),
                // A seller's role is not the one asked for; that is past all questions of access.
                None if [9, 10].contains(&number) => {
                    findings.check([200, 409].contains(&reply.status), || format!("{cell}: {}", reply.body));
                }
                // Who may make a reel needs an upload, and nobody has one.
                None if number == 103 => findings.refused(&cell, &reply, 404, "UPLOAD_NOT_FOUND"),
                // Who may send a file is told what is wrong with this one.
                None if (116..=119).contains(&number) => {
                    findings.refused(&cell, &reply, 415, "UNSUPPORTED_MEDIA_TYPE");
                }
                None if number == 121 => findings.refused(&cell, &reply, 409, "UPLOAD_NOT_RECEIVED"),
                None => {
                    findings.check((200..300).contains(&reply.status), || format!("{cell}: {}", reply.body));
                    // What was deleted, emptied, cancelled or moved on is made anew.
                    if [26, 29, 36, 40, 46, 49, 60, 105, 113, 123].contains(&number) {
                        goods = Goods::make(&market, &people).await;
                    }
                }
            }
        }
    }
    // Without a token nothing is done, and the answer says how to come back (SEC-01).
    for (number, method, path, who) in INDEX {
        if matches!(who, Who::System | Who::Clerk | Who::Anyone) {
            continue;
        }
        let body = goods.body(number).map(|body| body.to_string());
        let reply = people.guest.send(method.parse().unwrap(), &goods.path(path, &people), body).await;
        findings.equal(path, reply.header("www-authenticate"), Some("Bearer"));
    }
}

#[tokio::test]
async fn malformed_ids_are_told_after_access_and_before_existence() {
    let market = Market::start().await;
    let mut findings = Findings::default();
    let (seller, customer) = (market.seller("owner", "grossiste").await, market.user("customer").await);
    let admin = market.admin("admin").await;
    for (number, method, path, who) in INDEX {
        if !["{id}", "{commentId}", "{productId}"].iter().any(|name| path.contains(name)) {
            continue;
        }
        let malformed = path
            .replace("{id}", "undefined")
            .replace("{imageId}", NOTHING)
            .replace("{commentId}", "7")
            .replace("{productId}", "undefined");
        let missing = path
            .replace("{id}", NOTHING)
            .replace("{commentId}", NOTHING)
            .replace("{productId}", NOTHING)
            .replace("{imageId}", "0192f6a2-0000-7000-8000-000000000001");
        let caller = match who {
            Who::LineOwner | Who::UploaderOrAdmin | Who::Party => &customer,
            Who::Admin => &admin,
            _ => &seller,
        };
        let body = match number {
            25 | 31 => Some(json!({ "description": "x" })),
            28 => Some(json!({ "is_primary": true })),
            32 => Some(json!({ "delta": 1 })),
            39 => Some(json!({ "quantity": 2 })),
            49 => Some(json!({ "status": "confirmed" })),
            59 => Some(json!({ "name_fr": "x" })),
            54 => Some(json!({ "is_verified": true })),
            104 => Some(json!({ "caption": "x" })),
            111 | 112 => Some(json!({ "content": "x" })),
            _ => None,
        };
        let body = body.map(|body| body.to_string());
        let method: Method = method.parse().unwrap();
        let reply = caller.send(method.clone(), &malformed, body.clone()).await;
        findings.refused(&format!("{method} {malformed}"), &reply, 400, "INVALID_ID");
        let reply = caller.send(method.clone(), &missing, body.clone()).await;
        let code = if number == 18 { "SELLER_NOT_FOUND" } else { self::missing(number) };
        findings.refused(&format!("{method} {missing}"), &reply, 404, code);
        if matches!(who, Who::Owner | Who::OnlyItsSeller | Who::OwnerOrAdmin | Who::ItsSeller | Who::Admin) {
            let reply = customer.send(method.clone(), &malformed, body).await;
            findings.refused(&format!("role before id: {method} {malformed}"), &reply, 403, "FORBIDDEN");
        }
    }
}
