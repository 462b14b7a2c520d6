//! The purchase as a few lines of arithmetic: what each step must answer, and what it leaves.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::steps::{LAST, Lines, Party, Step};

pub(super) const BUYERS: usize = 3;
/// Seller, price and minimum of each product.
pub(super) const PRODUCTS: [(usize, i64, i64); 4] = [(0, 100, 1), (0, 150, 2), (1, 200, 1), (1, 250, 1)];
pub(super) const STOCK: i64 = 6;
/// Of each order: delivered at home.
const FEE: i64 = 500;

/// What was answered, as far as it follows from what was done before.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    pub(super) status: u16,
    pub(super) facts: Value,
}

#[derive(Debug, Clone)]
pub(super) struct Product {
    pub(super) free: i64,
    pub(super) on: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) buyer: Option<usize>,
    pub(super) seller: usize,
    pub(super) lines: Lines,
    pub(super) status: &'static str,
    pub(super) payment: &'static str,
}

/// Everything that is remembered.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub(super) products: Vec<Product>,
    pub(super) carts: Vec<BTreeMap<usize, i64>>,
    pub(super) orders: Vec<Order>,
}

/// One quantity for each product.
pub(super) fn merged(lines: &Lines) -> BTreeMap<usize, i64> {
    let mut merged = BTreeMap::new();
    for (product, quantity) in lines {
        *merged.entry(*product).or_default() += quantity;
    }
    merged
}

impl Product {
    pub(super) fn available(&self) -> i64 {
        if self.on { self.free } else { 0 }
    }
}

impl Rules {
    pub(super) fn new() -> Self {
        let product = Product { free: STOCK, on: true };
        Self { products: vec![product; PRODUCTS.len()], carts: vec![BTreeMap::new(); BUYERS], orders: Vec::new() }
    }

    /// Does a step that was settled.
    pub(super) fn apply(&mut self, step: &Step) -> Seen {
        match step {
            Step::Add { buyer, product, quantity } => {
                let had = self.carts[*buyer].get(product).copied().unwrap_or_default();
                let available = self.products[*product].available();
                // More than there is, whatever the minimum.
                if *quantity > available {
                    return Seen { status: 409, facts: json!({ "code": "OUT_OF_STOCK", "available": [available] }) };
                }
                self.put(*buyer, *product, had + quantity, 201)
            }
            Step::Set { buyer, product, quantity } => match self.carts[*buyer].contains_key(product) {
                true => self.put(*buyer, *product, *quantity, 200),
                false => refused(404, "CART_ITEM_NOT_FOUND"),
            },
            Step::Remove { buyer, product } => match self.carts[*buyer].remove(product) {
                Some(_) => done(json!({})),
                None => refused(404, "CART_ITEM_NOT_FOUND"),
            },
            Step::Clear { buyer } => done(json!({ "items_removed": std::mem::take(&mut self.carts[*buyer]).len() })),
            Step::Merge { buyer, lines } => self.merge(*buyer, lines),
            Step::Checkout { buyer, lines } => self.checkout(*buyer, lines),
            Step::Cancel { order, by } => {
                let may = matches!(self.orders[*order].status, "pending" | "confirmed");
                self.step(*order, "cancelled", *by != Party::Stranger, may)
            }
            Step::Move { order, to, by } => {
                // To a buyer this is not offered at all.
                if *by == Party::Buyer {
                    return refused(403, "FORBIDDEN");
                }
                let may = next(self.orders[*order].status).contains(to);
                self.step(*order, to, *by == Party::Seller, may)
            }
            Step::Advance { .. } => unreachable!("settled, it is a move"),
            Step::Restock { product, delta } => {
                let product = &mut self.products[*product];
                if product.free + delta < 0 {
                    return Seen { status: 409, facts: json!({ "code": "OUT_OF_STOCK", "available": [product.free] }) };
                }
                product.free += delta;
                done(json!({ "stock": product.free, "in_stock": product.available() > 0 }))
            }
            Step::Switch { product, on } => {
                let product = &mut self.products[*product];
                product.on = *on;
                done(json!({ "stock": product.free, "in_stock": product.available() > 0 }))
            }
        }
    }

    /// What may come of two at once, in this order: one after the other, or of two steps of one order the first alone.
    pub(super) fn both(&self, first: &Step, second: &Step) -> impl Iterator<Item = (Self, Seen, Seen)> {
        let mut after_first = self.clone();
        let answer = after_first.apply(first);
        let mut after_both = after_first.clone();
        let second_answer = after_both.apply(second);
        let is_lost = step_of(first).is_some() && step_of(first) == step_of(second);
        let lost = is_lost.then(|| (after_first, answer.clone(), refused(409, "INVALID_STATUS_TRANSITION")));
        [(after_both, answer, second_answer)].into_iter().chain(lost)
    }

    /// The same step, of the order that it means by now; none when there is none.
    pub(super) fn settle(&self, step: &Step) -> Option<Step> {
        let count = self.orders.len();
        let order = |order: usize| if order == LAST { count.checked_sub(1) } else { order.checked_rem(count) };
        Some(match *step {
            Step::Cancel { order: at, by } => Step::Cancel { order: order(at)?, by },
            Step::Move { order: at, to, by } => Step::Move { order: order(at)?, to, by },
            Step::Advance { order: at, choice } => {
                let at = order(at)?;
                let next = next(self.orders[at].status);
                Step::Move { order: at, to: next.get(choice.checked_rem(next.len())?)?, by: Party::Seller }
            }
            _ => step.clone(),
        })
    }

    fn put(&mut self, buyer: usize, product: usize, quantity: i64, status: u16) -> Seen {
        let available = self.products[product].available();
        if quantity < PRODUCTS[product].2 {
            return refused(400, "MIN_ORDER_QUANTITY");
        }
        if quantity > available {
            return Seen { status: 409, facts: json!({ "code": "OUT_OF_STOCK", "available": [available] }) };
        }
        self.carts[buyer].insert(product, quantity);
        Seen { status, facts: json!({ "quantity": quantity }) }
    }

    fn merge(&mut self, buyer: usize, lines: &Lines) -> Seen {
        let mut skipped = BTreeMap::new();
        for (product, wanted) in merged(lines) {
            let (available, least) = (self.products[product].available(), PRODUCTS[product].2);
            let had = self.carts[buyer].get(&product).copied().unwrap_or_default();
            let quantity = had.max(wanted).min(available);
            if available == 0 || available < least {
                skipped.insert(product.to_string(), "OUT_OF_STOCK");
            } else if quantity < least {
                skipped.insert(product.to_string(), "MIN_ORDER_QUANTITY");
            } else {
                self.carts[buyer].insert(product, quantity);
            }
        }
        done(json!({ "skipped": skipped }))
    }

    fn checkout(&mut self, buyer: Option<usize>, lines: &Lines) -> Seen {
        let wanted = merged(lines);
        if wanted.iter().any(|(product, quantity)| *quantity < PRODUCTS[*product].2) {
            return refused(400, "MIN_ORDER_QUANTITY");
        }
        let lacking = wanted.iter().filter(|(product, quantity)| **quantity > self.products[**product].available());
        let mut available: Vec<i64> = lacking.map(|(product, _)| self.products[*product].available()).collect();
        if !available.is_empty() {
            available.sort_unstable();
            return Seen { status: 409, facts: json!({ "code": "OUT_OF_STOCK", "available": available }) };
        }
        let mut sellers: Vec<usize> = Vec::new();
        for (product, _) in lines {
            if !sellers.contains(&PRODUCTS[*product].0) {
                sellers.push(PRODUCTS[*product].0);
            }
        }
        let mut total = 0;
        for seller in &sellers {
            let lines: Lines =
                wanted.iter().filter(|(product, _)| PRODUCTS[**product].0 == *seller).map(|(p, q)| (*p, *q)).collect();
            total += FEE + lines.iter().map(|(product, quantity)| PRODUCTS[*product].1 * quantity).sum::<i64>();
            self.orders.push(Order { buyer, seller: *seller, lines, status: "pending", payment: "pending" });
        }
        for (product, quantity) in &wanted {
            self.products[*product].free -= quantity;
            if let Some(buyer) = buyer {
                self.carts[buyer].remove(product);
            }
        }
        Seen { status: 201, facts: json!({ "orders": sellers.len(), "total": total }) }
    }

    fn step(&mut self, at: usize, to: &'static str, is_party: bool, may: bool) -> Seen {
        let order = &mut self.orders[at];
        if !is_party {
            return refused(404, "ORDER_NOT_FOUND");
        }
        if !may {
            return refused(409, "INVALID_STATUS_TRANSITION");
        }
        order.status = to;
        if to == "delivered" {
            order.payment = "paid";
        }
        if matches!(to, "cancelled" | "returned") {
            if order.payment == "paid" {
                order.payment = "refunded";
            }
            for (product, quantity) in &order.lines {
                self.products[*product].free += quantity;
            }
        }
        done(json!({ "status": to, "payment_status": order.payment }))
    }
}

/// The order that a step moves.
fn step_of(step: &Step) -> Option<usize> {
    match step {
        Step::Cancel { order, .. } | Step::Move { order, .. } => Some(*order),
        _ => None,
    }
}

/// The steps that an order may take from here.
pub(super) fn next(status: &str) -> &'static [&'static str] {
    match status {
        "pending" => &["confirmed", "cancelled"],
        "confirmed" => &["processing", "cancelled"],
        "processing" => &["shipped", "cancelled"],
        "shipped" => &["delivered", "returned"],
        "delivered" => &["returned"],
        _ => &[],
    }
}

fn done(facts: Value) -> Seen {
    Seen { status: 200, facts }
}

fn refused(status: u16, code: &str) -> Seen {
    Seen { status, facts: json!({ "code": code }) }
}
