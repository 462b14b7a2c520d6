//! What stands in front of two gateways: it sends each request to one that says it is ready, over connections that it keeps.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::Value;

use crate::harness::{Caller, Cluster, Reply};

const GATEWAYS: [&str; 2] = ["gateway", "other gateway"];
/// Several times in the pause that a gateway leaves before it closes.
const LOOK_EVERY: Duration = Duration::from_millis(50);

pub(crate) struct Balancer<'a> {
    cluster: &'a Cluster,
    http: Client,
    ready: Mutex<[bool; 2]>,
    turn: AtomicUsize,
}

impl<'a> Balancer<'a> {
    pub(crate) fn new(cluster: &'a Cluster) -> Self {
        let http = Client::builder().no_proxy().build().unwrap();
        Self { cluster, http, ready: Mutex::new([true; 2]), turn: AtomicUsize::new(0) }
    }

    /// Looks at the gateways for ever.
    pub(crate) async fn watch(&self) -> std::convert::Infallible {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        loop {
            looks.tick().await;
            for (place, gateway) in GATEWAYS.into_iter().enumerate() {
                let status = self.cluster.readiness(gateway).await["status"].clone();
                self.ready.lock().unwrap()[place] = status == "ok" || status == "degraded";
            }
        }
    }

    /// Sends a request once; to the other gateway when nobody takes the connection.
    pub(crate) async fn send(
        &self,
        caller: &Caller,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Reply, String> {
        let ready = *self.ready.lock().unwrap();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % 2;
        let mut places = [turn, 1 - turn];
        places.sort_by_key(|place| !ready[*place]);
        let mut refused = None;
        for place in places {
            let caller = Caller { http: self.http.clone(), ..self.cluster.through(GATEWAYS[place], caller) };
            match caller.try_send(method.clone(), path, body.map(Value::to_string)).await {
                Err(error) if error.is_connect() => refused = Some(error),
                Err(error) => return Err(format!("{error:?}")),
                Ok(reply) => return Ok(reply),
            }
        }
        Err(format!("{refused:?}"))
    }
}
