//! Sockets of the official client, in a Node process that is told what to do (`make socket-client` installs it).

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use test_support::eventually_some;

/// Longer than anything takes that works.
const LONG: Duration = Duration::from_secs(30);
const DRIVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/socket-client/driver.mjs");
const INSTALLED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.local/socket-client");

/// Node, and all that its sockets told.
pub(crate) struct Sockets {
    node: Mutex<Node>,
    told: Arc<Mutex<Vec<Value>>>,
    count: AtomicU64,
}

struct Node {
    process: Child,
    input: ChildStdin,
}

/// One socket.
pub(crate) struct Socket<'a> {
    sockets: &'a Sockets,
    id: String,
}

impl Sockets {
    pub(crate) fn start() -> Self {
        assert!(Path::new(INSTALLED).join("node_modules").exists(), "`make socket-client` installs what is missing");
        let mut command = Command::new("node");
        command.arg(DRIVER).arg(INSTALLED).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let (input, output) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let told = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&told);
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                let Ok(line) = line else { return };
                all.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        Self { node: Mutex::new(Node { process, input }), told, count: AtomicU64::new(0) }
    }

    /// Opens a socket in the namespace, with these options of the client, and waits for nothing.
    pub(crate) fn open(&self, url: &str, options: Value) -> Socket<'_> {
        self.open_in(&format!("{url}/realtime"), options)
    }

    /// The same with the namespace in the address.
    pub(crate) fn open_in(&self, url: &str, options: Value) -> Socket<'_> {
        let id = format!("socket {}", self.count.fetch_add(1, Ordering::Relaxed));
        self.act(json!({ "act": "connect", "id": id, "url": url, "options": options }));
        Socket { sockets: self, id }
    }

    fn act(&self, what: Value) {
        let mut node = self.node.lock().unwrap();
        writeln!(node.input, "{what}").unwrap();
        node.input.flush().unwrap();
    }
}

impl Drop for Sockets {
    fn drop(&mut self) {
        let node = self.node.get_mut().unwrap();
        let _gone = node.process.kill();
        let _ended = node.process.wait();
    }
}

impl Socket<'_> {
    /// All that it told so far of one kind.
    pub(crate) fn told(&self, kind: &str) -> Vec<Value> {
        let told = self.sockets.told.lock().unwrap();
        told.iter().filter(|one| one["id"] == self.id.as_str() && one["kind"] == kind).cloned().collect()
    }

    /// Waits for the number-th thing of a kind, counted from one.
    pub(crate) async fn tells(&self, kind: &str, number: usize) -> Value {
        eventually_some(LONG, async || self.told(kind).into_iter().nth(number - 1)).await
    }

    /// Waits until it is connected.
    pub(crate) async fn connected(self) -> Self {
        self.tells("connect", 1).await;
        self
    }

    /// The reason why it was not let in.
    pub(crate) async fn refused(&self) -> String {
        self.tells("connect_error", 1).await["message"].as_str().unwrap().to_owned()
    }

    /// Why it was disconnected.
    pub(crate) async fn disconnected(&self) -> String {
        self.tells("disconnect", 1).await["reason"].as_str().unwrap().to_owned()
    }

    /// Emits an event and waits for its acknowledgement.
    pub(crate) async fn ask(&self, name: &str, arguments: Value) -> Value {
        let call = self.send(name, arguments);
        self.acknowledged(call).await
    }

    /// Emits an event that wants an acknowledgement; answers its number.
    pub(crate) fn send(&self, name: &str, arguments: Value) -> u64 {
        let call = self.sockets.count.fetch_add(1, Ordering::Relaxed);
        self.act(json!({ "act": "ask", "call": call, "name": name, "args": arguments }));
        call
    }

    /// The acknowledgement of a call.
    pub(crate) async fn acknowledged(&self, call: u64) -> Value {
        let ack = eventually_some(LONG, async || self.told("ack").into_iter().find(|ack| ack["call"] == call)).await;
        ack["args"][0].clone()
    }

    /// Emits an event.
    pub(crate) fn emit(&self, name: &str, arguments: Value) {
        self.act(json!({ "act": "emit", "name": name, "args": arguments }));
    }

    /// Emits an event at every connect; the answer is acknowledged under this number.
    pub(crate) fn ask_on_connect(&self, name: &str, arguments: Value) -> u64 {
        let call = self.sockets.count.fetch_add(1, Ordering::Relaxed);
        self.act(json!({ "act": "askOnConnect", "call": call, "name": name, "args": arguments }));
        call
    }

    /// The payloads of all events of a name so far.
    pub(crate) fn events(&self, name: &str) -> Vec<Value> {
        self.told("event")
            .into_iter()
            .filter(|event| event["name"] == name)
            .map(|event| event["args"][0].clone())
            .collect()
    }

    /// Waits for the number-th event of a name, counted from one.
    pub(crate) async fn event(&self, name: &str, number: usize) -> Value {
        eventually_some(LONG, async || self.events(name).into_iter().nth(number - 1)).await
    }

    /// Waits until all that was sent to it before has arrived: its answer comes behind that.
    pub(crate) async fn is_even(&self) {
        // One that comes too fast is dropped.
        eventually_some(LONG, async || self.ask("ping", json!([])).await["ok"].as_bool()).await;
    }

    /// `disconnect`, `break`, `pause`, `resume`, `reconnect`.
    pub(crate) fn act(&self, mut what: Value) {
        what["id"] = json!(self.id);
        self.sockets.act(what);
    }
}
