//! Does in the market what the model does, and compares.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::rules::{BUYERS, PRODUCTS, Rules, STOCK, Seen};
use super::steps::{Lines, Party, Step, Turn};
use crate::harness::databases::{number, text};
use crate::harness::{Caller, Market, Reply, checkout, eventually, unique};

const SOON: Duration = Duration::from_secs(10);
const NO_LINE: &str = "0192f6a2-0000-7000-8000-000000000000";

/// People who stay, and do one round after the other with new products.
pub(super) struct Player<'a> {
    market: &'a Market,
    buyers: Vec<Caller>,
    sellers: [Caller; 2],
}

/// What a round has made.
struct Round<'a> {
    player: &'a Player<'a>,
    products: Vec<String>,
    /// Id and tracking token of each, in the order of the model.
    orders: Mutex<Vec<(String, Option<String>)>>,
}

impl<'a> Player<'a> {
    pub(super) async fn new(market: &'a Market) -> Self {
        let mut buyers = Vec::new();
        for _ in 0..BUYERS {
            buyers.push(market.user(&unique("buyer")).await);
        }
        let sellers = [market.seller("maison-one", "grossiste").await, market.seller("maison-two", "grossiste").await];
        Self { market, buyers, sellers }
    }

    /// One round; an answer that is not the model's is told.
    pub(super) async fn play(&self, turns: &[Turn]) -> Result<(), String> {
        let mut products = Vec::new();
        for (seller, price, least) in PRODUCTS {
            let product = json!({ "stock": STOCK, "price": price, "min_order_quantity": least });
            products.push(self.market.product_id(&self.sellers[seller], product).await);
        }
        for buyer in &self.buyers {
            buyer.delete("/cart").await.expect(200);
        }
        let round = Round { player: self, products, orders: Mutex::default() };
        let mut rules = Rules::new();
        for (turn, what) in turns.iter().enumerate() {
            round.take(&mut rules, what).await.map_err(|wrong| format!("turn {turn}, {what:?}: {wrong}"))?;
            round.is_settled(&rules).await.map_err(|wrong| format!("after turn {turn}, {what:?}: {wrong}"))?;
        }
        round.compare(&rules).await
    }
}

impl Round<'_> {
    async fn take(&self, rules: &mut Rules, turn: &Turn) -> Result<(), String> {
        match turn {
            Turn::One(step) => {
                let Some(step) = rules.settle(step) else { return Ok(()) };
                let seen = self.ask(rules, &step).await;
                self.note([&seen]);
                equal("an answer", seen.0, rules.apply(&step))
            }
            Turn::Both(one, other) => {
                let before = rules.clone();
                let (Some(one), Some(other)) = (before.settle(one), before.settle(other)) else { return Ok(()) };
                let (one, other) = (&one, &other);
                let (seen, other_seen) = tokio::join!(self.ask(&before, one), self.ask(&before, other));
                let answers = (&seen.0, &other_seen.0);
                if let Some(forth) = before.both(one, other).find(|(_, one, other)| (one, other) == answers) {
                    self.note([&seen, &other_seen]);
                    *rules = forth.0;
                } else if let Some(back) = before.both(other, one).find(|(_, other, one)| (one, other) == answers) {
                    self.note([&other_seen, &seen]);
                    *rules = back.0;
                } else {
                    return Err(format!("in no order is it {answers:?}"));
                }
                Ok(())
            }
        }
    }

    /// Remembers the orders that were placed.
    fn note<'s>(&self, replies: impl IntoIterator<Item = &'s (Seen, Reply)>) {
        for (seen, reply) in replies {
            let Some(orders) = reply.body["orders"].as_array().filter(|_| seen.status == 201) else { continue };
            let token = reply.body["tracking_token"].as_str().map(str::to_owned);
            let ids = orders.iter().map(|order| (order["id"].as_str().unwrap().to_owned(), token.clone()));
            self.orders.lock().unwrap().extend(ids);
        }
    }

    /// What the market says to a step, in the words of the model.
    async fn ask(&self, rules: &Rules, step: &Step) -> (Seen, Reply) {
        let (caller, method, path, body) = self.request(rules, step).await;
        let body = (!body.is_null()).then(|| body.to_string());
        let reply = caller.send(method, &path, body).await;
        let facts = if reply.status >= 400 { refusal(&reply) } else { self.facts(step, &reply.body) };
        (Seen { status: reply.status, facts }, reply)
    }

    async fn request(&self, rules: &Rules, step: &Step) -> (Caller, Method, String, Value) {
        let Player { market, buyers, sellers } = self.player;
        let line =
            |product: &usize, quantity: &i64| json!({ "product_id": self.products[*product], "quantity": quantity });
        let items =
            |lines: &Lines| -> Value { lines.iter().map(|(product, quantity)| line(product, quantity)).collect() };
        match step {
            Step::Add { buyer, product, quantity } => {
                (buyers[*buyer].clone(), Method::POST, "/cart/items".to_owned(), line(product, quantity))
            }
            Step::Set { buyer, product, quantity } => {
                let path = self.line(*buyer, *product).await;
                (buyers[*buyer].clone(), Method::PATCH, path, json!({ "quantity": quantity }))
            }
            Step::Remove { buyer, product } => {
                (buyers[*buyer].clone(), Method::DELETE, self.line(*buyer, *product).await, Value::Null)
            }
            Step::Clear { buyer } => (buyers[*buyer].clone(), Method::DELETE, "/cart".to_owned(), Value::Null),
            Step::Merge { buyer, lines } => {
                (buyers[*buyer].clone(), Method::POST, "/cart/merge".to_owned(), json!({ "items": items(lines) }))
            }
            Step::Checkout { buyer, lines } => {
                let mut body = checkout(&[]);
                body["items"] = items(lines);
                let caller = buyer.map_or_else(|| market.guest(), |buyer| buyers[buyer].clone());
                (caller, Method::POST, "/orders".to_owned(), body)
            }
            Step::Cancel { order, by } => {
                let (caller, id) = self.party(rules, *order, *by);
                (caller, Method::POST, format!("/orders/{id}/cancel"), json!({}))
            }
            Step::Move { order, to, by } => {
                let (caller, id) = match by {
                    Party::Buyer => (buyers[0].clone(), self.party(rules, *order, *by).1),
                    _ => self.party(rules, *order, if *by == Party::Seller { *by } else { Party::Stranger }),
                };
                (caller, Method::PATCH, format!("/seller/orders/{id}/status"), json!({ "status": to }))
            }
            Step::Advance { .. } => unreachable!("settled, it is a move"),
            Step::Restock { product, delta } => {
                let path = format!("/seller/products/{}/stock", self.products[*product]);
                (sellers[PRODUCTS[*product].0].clone(), Method::PATCH, path, json!({ "delta": delta }))
            }
            Step::Switch { product, on } => {
                let path = format!("/seller/products/{}", self.products[*product]);
                (sellers[PRODUCTS[*product].0].clone(), Method::PATCH, path, json!({ "in_stock": on }))
            }
        }
    }

    /// Somebody of an order, and its id. A stranger sells, but not this.
    fn party(&self, rules: &Rules, order: usize, by: Party) -> (Caller, String) {
        let Player { market, buyers, sellers } = self.player;
        let (id, token) = self.orders.lock().unwrap()[order].clone();
        let order = &rules.orders[order];
        let caller = match (by, order.buyer) {
            (Party::Seller, _) => sellers[order.seller].clone(),
            (Party::Stranger, _) => sellers[1 - order.seller].clone(),
            (Party::Buyer, Some(buyer)) => buyers[buyer].clone(),
            (Party::Buyer, None) => market.guest().with("X-Tracking-Token", &token.unwrap()),
        };
        (caller, id)
    }

    /// Where the line of a product is in a cart, or would be.
    async fn line(&self, buyer: usize, product: usize) -> String {
        let cart = self.player.buyers[buyer].get("/cart").await.expect(200).body;
        let lines = cart["items"].as_array().unwrap();
        let line = lines.iter().find(|line| line["product_id"] == self.products[product].as_str());
        format!("/cart/items/{}", line.map_or(NO_LINE, |line| line["id"].as_str().unwrap()))
    }

    fn facts(&self, step: &Step, body: &Value) -> Value {
        match step {
            Step::Add { .. } | Step::Set { .. } => json!({ "quantity": body["item"]["quantity"] }),
            Step::Remove { .. } => json!({}),
            Step::Clear { .. } => json!({ "items_removed": body["items_removed"] }),
            Step::Merge { .. } => {
                let place = |row: &Value| self.products.iter().position(|id| row["product_id"] == id.as_str()).unwrap();
                let skipped = body["skipped"].as_array().unwrap().iter();
                let skipped: BTreeMap<String, &Value> =
                    skipped.map(|row| (place(row).to_string(), &row["code"])).collect();
                json!({ "skipped": skipped })
            }
            Step::Checkout { .. } => {
                json!({ "orders": body["orders"].as_array().unwrap().len(), "total": body["total"] })
            }
            Step::Cancel { .. } | Step::Advance { .. } | Step::Move { .. } => {
                json!({ "status": body["status"], "payment_status": body["payment_status"] })
            }
            Step::Restock { .. } | Step::Switch { .. } => {
                json!({ "stock": body["stock"], "in_stock": body["in_stock"] })
            }
        }
    }

    /// What is left of stock at once; then waits until what follows by event has followed: what is shown of stock, and lines
    /// that were ordered.
    async fn is_settled(&self, rules: &Rules) -> Result<(), String> {
        let Player { market, buyers, .. } = self.player;
        let quoted = |ids: Vec<&str>| format!("('{}')", ids.join("', '"));
        let products = quoted(self.products.iter().map(String::as_str).collect());
        let buyers = quoted(buyers.iter().map(|buyer| buyer.id.as_str()).collect());
        // Ids are drawn in the order in which things were made.
        let free_of = |table: &str| {
            format!(
                "SELECT string_agg(free::text, ' ' ORDER BY product_id) FROM {table} WHERE product_id IN {products}"
            )
        };
        let shown = free_of("shown_stock");
        let lines = format!("SELECT count(*) FROM cart_items WHERE user_id IN {buyers}");
        let free: Vec<String> = rules.products.iter().map(|product| product.free.to_string()).collect();
        let (free, count) = (free.join(" "), rules.carts.iter().map(BTreeMap::len).sum::<usize>());
        equal("stock", &text(&market.databases.ordering, &free_of("stock")).await, &free)?;
        follows("shown stock", async || text(&market.databases.catalog, &shown).await == free).await?;
        follows("lines of carts", async || number(&market.databases.cart, &lines).await == count as i64).await
    }

    /// All that is left: stock and its ledger, orders, carts.
    async fn compare(&self, rules: &Rules) -> Result<(), String> {
        let Player { market, buyers, sellers } = self.player;
        let ordering = &market.databases.ordering;
        for (id, product) in self.products.iter().zip(&rules.products) {
            let stock = format!(
                "SELECT concat_ws(' ', free, switched_on, (SELECT sum(delta) FROM stock_ledger WHERE product_id = '{id}')) \
                 FROM stock WHERE product_id = '{id}'"
            );
            let on = if product.on { 't' } else { 'f' };
            equal("stock", text(ordering, &stock).await, format!("{} {on} {}", product.free, product.free))?;
        }
        let orders = self.orders.lock().unwrap().clone();
        equal("orders", orders.len(), rules.orders.len())?;
        for ((id, _), order) in orders.iter().zip(&rules.orders) {
            let shown = sellers[order.seller].get(&format!("/seller/orders/{id}")).await.expect(200).body;
            let units: i64 =
                shown["items"].as_array().unwrap().iter().map(|item| item["quantity"].as_i64().unwrap()).sum();
            equal("a status", shown["status"].as_str(), Some(order.status))?;
            equal("a payment", shown["payment_status"].as_str(), Some(order.payment))?;
            equal("units", units, order.lines.iter().map(|(_, quantity)| quantity).sum())?;
        }
        for (buyer, cart) in buyers.iter().zip(&rules.carts) {
            let shown = buyer.get("/cart").await.expect(200).body;
            let mut subtotal = 0;
            for (product, quantity) in cart {
                let lines = shown["items"].as_array().unwrap();
                let line = lines.iter().find(|line| line["product_id"] == self.products[*product].as_str());
                let line = line.ok_or_else(|| format!("product {product} is not in the cart"))?;
                let available = rules.products[*product].available();
                equal("a line", line["quantity"].as_i64(), Some(*quantity))?;
                equal("available", line["available"].as_i64(), Some(available))?;
                let is_orderable = available > 0 && (PRODUCTS[*product].2..=available).contains(quantity);
                equal("orderable", line["orderable"].as_bool(), Some(is_orderable))?;
                subtotal += PRODUCTS[*product].1 * quantity;
            }
            equal("lines", shown["summary"]["items_count"].as_u64(), Some(cart.len() as u64))?;
            equal("a sum", shown["summary"]["subtotal"].as_f64(), Some(subtotal as f64))?;
        }
        Ok(())
    }
}

/// The code, and what there is of what lacks.
fn refusal(reply: &Reply) -> Value {
    let mut facts = json!({ "code": reply.code() });
    if reply.code() == "OUT_OF_STOCK" {
        let details = reply.body["details"].as_array().unwrap().iter();
        let mut available: Vec<i64> = details.map(|row| row["available"].as_i64().unwrap()).collect();
        available.sort_unstable();
        facts["available"] = json!(available);
    }
    facts
}

/// Waits for a condition, and tells when it does not come true.
async fn follows(what: &str, condition: impl AsyncFnMut() -> bool) -> Result<(), String> {
    let followed = tokio::time::timeout(SOON, eventually(2 * SOON, condition)).await;
    followed.map_err(|_elapsed| format!("{what}: not as the model has it within {SOON:?}"))
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, found: T, wanted: T) -> Result<(), String> {
    if found == wanted { Ok(()) } else { Err(format!("{what}: {found:?} instead of {wanted:?}")) }
}
