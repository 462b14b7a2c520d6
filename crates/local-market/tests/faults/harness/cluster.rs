//! A market in processes, with the databases and servers of one test.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use local_market::clerk::ClerkStandIn;
use local_s3::LocalS3;
use test_support::{TestBroker, TestRedis, eventually};

use crate::harness::contract::Contract;
use crate::harness::databases::Databases;
use crate::harness::processes::Processes;
use crate::harness::{BROKER_START, LONG};

/// The fields are dropped in this order: first those who use the rest.
pub(crate) struct Cluster {
    pub(super) processes: Processes,
    contract: OnceLock<Arc<Contract>>,
    pub(crate) clerk: ClerkStandIn,
    pub(crate) databases: Databases,
    pub(crate) broker: TestBroker,
    _redis: TestRedis,
    /// Where files are.
    pub(crate) bucket: LocalS3,
}

impl Deref for Cluster {
    type Target = Processes;

    fn deref(&self) -> &Processes {
        &self.processes
    }
}

impl Cluster {
    pub(super) fn new(
        processes: Processes,
        clerk: ClerkStandIn,
        databases: Databases,
        broker: TestBroker,
        redis: TestRedis,
        bucket: LocalS3,
    ) -> Self {
        Self { processes, contract: OnceLock::new(), clerk, databases, broker, _redis: redis, bucket }
    }

    /// Starts everything and waits until all of it works.
    pub(crate) async fn start_all(&self) {
        self.launch_all().await;
        for gateway in self.gateways() {
            self.meet(gateway).await;
        }
        self.all_is_up().await;
    }

    /// Every gateway finds every part.
    pub(crate) async fn all_is_up(&self) {
        for gateway in self.gateways() {
            eventually(BROKER_START, async || self.readiness(gateway).await["status"] == "ok").await;
        }
    }

    /// What `GET /health/ready` of a gateway says; null while nobody answers.
    pub(crate) async fn readiness(&self, gateway: &str) -> serde_json::Value {
        let url = format!("http://{}/health/ready", self.place(gateway).addr());
        match self.http.get(url).send().await {
            Ok(answer) => answer.json().await.unwrap_or_default(),
            Err(_away) => serde_json::Value::Null,
        }
    }

    /// Waits until a gateway says that a part is `up` or `down`.
    pub(crate) async fn notices(&self, gateway: &str, part: &str, state: &str) {
        eventually(LONG, async || self.readiness(gateway).await["checks"][part] == state).await;
    }

    /// Starts one process and waits until it is ready.
    pub(crate) async fn start(&self, name: &str) {
        self.start_with(name, &[]).await;
    }

    /// The same with settings changed for it alone.
    pub(crate) async fn start_with(&self, name: &str, changes: &[(&str, &str)]) {
        self.launch(name, changes);
        self.is_ready(name).await;
    }

    /// Starts one process that dies at this point.
    pub(crate) async fn start_armed(&self, name: &str, crash_point: &str) {
        self.start_with(name, &[("FAILPOINTS", &format!("{crash_point}=return"))]).await;
    }

    /// Waits until a process says that it can work.
    pub(crate) async fn is_ready(&self, name: &str) {
        self.becomes_ready(name).await;
        if self.place(name).service == "gateway" {
            self.meet(name).await;
        }
    }

    pub(super) fn contract(&self) -> Arc<Contract> {
        Arc::clone(self.contract.get().expect("a gateway has told its contract"))
    }

    /// The document of the first gateway judges all answers from then on.
    async fn meet(&self, name: &str) {
        if self.contract.get().is_none() {
            let url = format!("http://{}/api/openapi.json", self.place(name).addr());
            let document = self.http.get(url).send().await.unwrap().json().await.unwrap();
            // Two gateways tell the same.
            let _told_before = self.contract.set(Arc::new(Contract::new(document)));
        }
    }

    fn gateways(&self) -> impl Iterator<Item = &'static str> {
        self.places().iter().filter(|place| place.service == "gateway").map(|place| place.name)
    }
}
