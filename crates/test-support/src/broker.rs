//! Names of its own at the broker for each test.

use std::ops::Deref;

use events::Broker;
use service_runtime::Ids;
use uuid::Uuid;

use crate::servers;

/// A [`Broker`] whose names all have a prefix; they are deleted when this is dropped.
#[derive(Debug)]
pub struct TestBroker {
    broker: Broker,
    prefix: String,
    url: String,
}

impl TestBroker {
    /// At the broker of the machine.
    #[expect(clippy::new_without_default, reason = "each is another one")]
    pub fn new() -> Self {
        Self::at(servers::rabbitmq_url())
    }

    /// At a broker that the test started itself.
    pub fn at(url: impl Into<String>) -> Self {
        let (url, prefix) = (url.into(), format!("test-{}.", Ids.next::<Uuid>().simple()));
        Self { broker: Broker::new(url.clone(), prefix.clone()), prefix, url }
    }

    /// What services are configured with.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// What services are configured with.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A copy to give away.
    pub fn broker(&self) -> Broker {
        self.broker.clone()
    }
}

impl Deref for TestBroker {
    type Target = Broker;

    fn deref(&self) -> &Broker {
        &self.broker
    }
}

impl Drop for TestBroker {
    fn drop(&mut self) {
        let broker = self.broker.clone();
        servers::block_on(async move || drop(broker.delete_all().await));
    }
}
