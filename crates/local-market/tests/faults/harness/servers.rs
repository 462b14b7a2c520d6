//! A server that a test may hurt.

use std::sync::Arc;

use local_servers::{Kind, Result, Server};
use test_support::TestBroker;

/// A private server; its calls wait on a thread of their own. Clones share it.
#[derive(Clone)]
pub(crate) struct OwnServer(Arc<Server>);

impl OwnServer {
    pub(crate) async fn start(kind: Kind) -> Self {
        let server = tokio::task::spawn_blocking(move || Server::temporary(kind)).await.unwrap();
        let server = Self(Arc::new(server.unwrap()));
        if kind == Kind::RabbitMq {
            server.settle().await;
        }
        server
    }

    /// Killed within seconds of its very first stream, RabbitMQ 3.10 forgets for good who keeps its streams: it has to
    /// have been stopped well once before a test may hurt it.
    async fn settle(&self) {
        TestBroker::at(self.url()).declare().await.unwrap();
        self.call(Server::restart).await;
    }

    pub(crate) fn url(&self) -> String {
        self.0.url()
    }

    pub(crate) async fn kill9(&self) {
        self.call(Server::kill9).await;
    }

    pub(crate) async fn start_again(&self) {
        self.call(Server::start_again).await;
    }

    pub(crate) async fn freeze(&self) {
        self.call(Server::freeze).await;
    }

    pub(crate) async fn thaw(&self) {
        self.call(Server::thaw).await;
    }

    async fn call(&self, call: fn(&Server) -> Result<()>) {
        let server = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || call(&server)).await.unwrap().unwrap();
    }
}
