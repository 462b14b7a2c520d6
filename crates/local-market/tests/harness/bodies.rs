//! Good bodies, to be changed by a test where it matters.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

/// A word that no other call of this process answers.
pub(crate) fn unique(word: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    format!("{word}-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A good product, with these members changed.
pub(crate) fn new_product(changes: Value) -> Value {
    with(json!({ "name": unique("Théière en cuivre"), "price": 1000, "stock": 10, "category": "home" }), changes)
}

/// A good checkout of these products and quantities.
pub(crate) fn checkout(lines: &[(&str, u32)]) -> Value {
    let items: Vec<Value> =
        lines.iter().map(|(id, quantity)| json!({ "product_id": id, "quantity": quantity })).collect();
    json!({
        "customer_name": "Amina Haddad",
        "customer_phone": "0555123456",
        "shipping_address": "12 rue Didouche Mourad, Alger",
        "customer_wilaya": "Alger",
        "payment_method": "cod",
        "items": items,
    })
}

/// An object with members of another one put in.
pub(crate) fn with(mut body: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}
