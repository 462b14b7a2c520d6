//! Who buys and sells.

use std::sync::Arc;

use diesel_async::SimpleAsyncConnection;
use local_market::clerk::TokenRequest;
use reqwest::Method;
use serde_json::{Value, json};
use service_runtime::Ids;
use test_support::{eventually, eventually_some};

use crate::harness::{Caller, Cluster, LONG, Reply, new_product, unique};

/// As long as the longest test.
const TOKEN_SECONDS: i64 = 3_600;

/// Two sellers with a product each.
pub(crate) struct Shop {
    pub(crate) sellers: [Caller; 2],
    pub(crate) products: [String; 2],
    /// Units of each product in the beginning.
    pub(crate) stock: i64,
}

impl Cluster {
    /// Somebody without an account.
    pub(crate) fn guest(&self) -> Caller {
        Caller {
            id: String::new(),
            http: self.http.clone(),
            base: self.base("gateway"),
            contract: self.contract(),
            token: None,
            headers: Vec::new(),
        }
    }

    /// The same person at another gateway.
    pub(crate) fn through(&self, gateway: &str, caller: &Caller) -> Caller {
        Caller { base: self.base(gateway), contract: Arc::clone(&caller.contract), ..caller.clone() }
    }

    /// Somebody with a token, whom identity may not know yet.
    pub(crate) fn stranger(&self, name: &str) -> Caller {
        let token = self.clerk.token(&TokenRequest::new(name).ttl_seconds(TOKEN_SECONDS).with("name", "Amina Haddad"));
        self.guest().with_token(Some(&token))
    }

    /// A new customer.
    pub(crate) async fn customer(&self) -> Caller {
        let caller = self.stranger(&unique("amina"));
        let me = caller.get("/auth/me").await.expect(200);
        Caller { id: me.text("id"), ..caller }
    }

    /// Somebody new whom the operator made an admin.
    pub(crate) async fn admin(&self) -> Caller {
        let name = unique("amel");
        let appointed = self.run("identity", &["appoint-admin", &local_market::clerk::user_id(&name)], &[]).await;
        assert!(appointed.status.success(), "{appointed:?}");
        self.stranger(&name)
    }

    /// Somebody new who sells.
    pub(crate) async fn seller(&self) -> Caller {
        let caller = self.customer().await;
        let body = json!({ "role": "seller", "seller_category": "fournisseur" });
        caller.post("/auth/sync-role", body).await.expect(200);
        eventually(LONG, async || caller.get("/seller/orders").await.status != 403).await;
        caller
    }

    pub(crate) async fn shop(&self, stock: i64) -> Shop {
        let sellers = [self.seller().await, self.seller().await];
        let mut products = [String::new(), String::new()];
        for (seller, product) in sellers.iter().zip(&mut products) {
            *product = seller.post("/products", new_product(json!({ "stock": stock }))).await.expect(201).text("id");
        }
        Shop { sellers, products, stock }
    }

    /// Reels of a product on sale, inserted directly.
    pub(crate) async fn reels(&self, count: usize) -> Vec<String> {
        let (seller, product) = (Ids.next::<uuid::Uuid>(), Ids.next::<uuid::Uuid>());
        let ids: Vec<String> = (0..count).map(|_| Ids.next::<uuid::Uuid>().to_string()).collect();
        let mut sql = format!(
            "INSERT INTO accounts (id, full_name, is_verified) VALUES ('{seller}', 'Boutique', true); \
             INSERT INTO products (id, seller_id, slug, name, price, in_stock, on_sale, version, stock_version) \
               VALUES ('{product}', '{seller}', 'tapis', 'Tapis', 250000, true, true, 1, 1);"
        );
        for id in &ids {
            sql += &format!(
                "INSERT INTO reels VALUES ('{id}', '{product}', '{seller}', NULL, 'ready', 'https://media.zst.dz/v.mp4', \
                   'v.mp4', NULL, NULL, 8000, 90000, 720, 1280, NULL, true, now(), now()); \
                 INSERT INTO reel_counts (reel_id) VALUES ('{id}');"
            );
        }
        self.databases.reels.conn().await.batch_execute(&sql).await.unwrap();
        ids
    }

    /// Fills the cart of an account with what it is going to order.
    pub(crate) async fn fill_cart(&self, buyer: &Caller, shop: &Shop) {
        for product in &shop.products {
            let line = json!({ "product_id": product, "quantity": 1 });
            buyer.post("/cart/items", line).await.expect(201);
        }
    }

    /// Waits until nothing is in the cart.
    pub(crate) async fn cart_is_cleared(&self, buyer: &Caller) {
        let deadline = crate::harness::RECOVERED;
        eventually(deadline, async || buyer.get("/cart/count").await.body["count"] == 0).await;
    }

    fn base(&self, gateway: &str) -> String {
        format!("http://{}", self.place(gateway).addr())
    }
}

impl Shop {
    /// A checkout of so many units of both products.
    pub(crate) fn checkout(&self, units: u32) -> Value {
        crate::harness::checkout(&[(&self.products[0], units), (&self.products[1], units)])
    }
}

/// Posts until there is an answer that a patient client would take as the last one. Needs a key.
pub(crate) async fn insist(caller: &Caller, path: &str, body: &Value) -> Reply {
    eventually_some(LONG, async || {
        let reply = caller.try_send(Method::POST, path, Some(body.to_string())).await.ok()?;
        let again = reply.status == 503 || reply.code() == "IDEMPOTENCY_IN_PROGRESS";
        (!again).then_some(reply)
    })
    .await
}
