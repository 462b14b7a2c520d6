//! Section 7 of the contract, with the official client and at the wire.

mod connecting;
mod endings;
mod facts;
mod limits;
mod reels;
mod rooms;
mod spies;
mod wire;

use serde_json::{Value, json};

use crate::harness::sockets::{Socket, Sockets};
use crate::harness::{Caller, Market, checkout};

/// Nothing that an event may hold.
const PERSONAL: [&str; 6] = ["Amina", "Haddad", "0555123456", "213555", "Didouche", "tracking_token"];

/// Options of a client that signs in, or not, over a WebSocket.
fn options(caller: &Caller) -> Value {
    match caller.sign() {
        Some(token) => json!({ "transports": ["websocket"], "auth": { "token": token } }),
        None => json!({ "transports": ["websocket"] }),
    }
}

/// A connected socket of somebody.
pub(crate) async fn socket<'a>(sockets: &'a Sockets, market: &Market, caller: &Caller) -> Socket<'a> {
    sockets.open(&market.url(), options(caller)).connected().await
}

/// Places an order of one unit.
async fn order(buyer: &Caller, product: &str) -> Value {
    buyer.post("/orders", checkout(&[(product, 1)])).await.expect(201).body
}

fn id_of(placed: &Value) -> String {
    placed["orders"][0]["id"].as_str().unwrap().to_owned()
}

async fn step(seller: &Caller, order: &str, status: &str) {
    seller.patch(&format!("/seller/orders/{order}/status"), json!({ "status": status })).await.expect(200);
}

/// Joins a room, which must work.
async fn join(socket: &Socket<'_>, event: &str, id: &str) {
    let answer = socket.ask(event, json!([id])).await;
    assert_eq!(answer["ok"], true, "{event}: {answer}");
}
