//! Ordering on a database of its own, with a client and a catalog to talk to.

use std::collections::BTreeSet;
use std::time::Duration;

use access_token::{Account, Caller};
use chrono::TimeDelta;
use commerce_types::{PublicUser, Role};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ordering::Config;
use prost::Message;
use protocol::ordering::v1::ordering_service_client::OrderingServiceClient;
use protocol::ordering::v1::*;
use service_error::{Reason, ServiceError};
use service_runtime::Process;
use test_support::{Hop, SECRET, TestBroker, TestDatabase, Tokens, outbox};
use tokio_util::sync::CancellationToken;

use crate::catalog::Catalog;

/// Ordering under test. When it goes it fails the test if a background task died, or if the outbox holds an event that
/// the test did not ask for.
pub(crate) struct OrderingTest {
    pub(crate) client: OrderingServiceClient<service_runtime::grpc::Channel>,
    pub(crate) catalog: Catalog,
    pub(crate) tokens: Tokens,
    pub(crate) process: Process,
    pub(crate) config: Config,
    pub(crate) database: TestDatabase,
    pub(crate) broker: Option<TestBroker>,
    expected: BTreeSet<&'static str>,
    catalog_stop: CancellationToken,
}

impl OrderingTest {
    /// With a broker that nobody is at: what ordering does must not need one.
    pub(crate) async fn start() -> Self {
        Self::start_with(None, None).await
    }

    /// With a hop before the database that can swallow the answer to a COMMIT.
    pub(crate) async fn start_behind(hop: &Hop) -> Self {
        Self::start_with(None, Some(hop)).await
    }

    /// With the real broker.
    pub(crate) async fn start_with_broker() -> Self {
        Self::start_with(Some(TestBroker::new()), None).await
    }

    async fn start_with(broker: Option<TestBroker>, hop: Option<&Hop>) -> Self {
        let database = TestDatabase::new("ordering").await;
        let process = Process::default();
        let (catalog, catalog_stop) = (Catalog::default(), CancellationToken::new());
        let catalog_addr = catalog.serve(catalog_stop.clone()).await;
        // Its names keep tests apart; without one, nobody is at the other end.
        let (rabbitmq_url, rabbitmq_prefix) =
            broker.as_ref().map_or(("amqp://127.0.0.1:1", ""), |broker| (broker.url(), broker.prefix()));
        let config = Config {
            grpc_addr: "127.0.0.1:0".parse().unwrap(),
            private_addr: None,
            database: hop.map_or_else(|| database.config(), |hop| hop.config(&database)),
            checkout_pool_size: 8,
            rabbitmq_url: rabbitmq_url.to_owned(),
            rabbitmq_prefix: rabbitmq_prefix.to_owned(),
            catalog_url: format!("http://{catalog_addr}"),
            access_token_secrets: vec![SECRET.to_owned()],
            tracking_secrets: vec![SECRET.to_owned()],
            self_check_every: Duration::from_secs(3_600),
        };
        let ordering = ordering::build(config.clone(), process.clone()).await.unwrap();
        let addr = ordering.addr().unwrap();
        ordering.run().await.unwrap();
        let channel = service_runtime::grpc::channel(&format!("http://{addr}")).unwrap();
        Self {
            client: OrderingServiceClient::new(channel),
            catalog,
            tokens: Tokens::new(&process.clock),
            process,
            config,
            database,
            broker,
            expected: BTreeSet::new(),
            catalog_stop,
        }
    }

    /// The events that the test asks for.
    pub(crate) fn expecting(mut self, names: impl IntoIterator<Item = &'static str>) -> Self {
        self.expected.extend(names);
        self
    }

    /// A request in the name of an account, or of a guest.
    pub(crate) fn by<T>(&self, caller: &impl Says, message: T) -> tonic::Request<T> {
        self.tokens.request(&caller.says(), message)
    }

    pub(crate) async fn conn(&self) -> AsyncPgConnection {
        self.database.conn().await
    }

    /// A number that SQL counts.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.database.number(sql).await
    }

    pub(crate) async fn execute(&self, sql: &str) {
        diesel::sql_query(sql).execute(&mut self.conn().await).await.unwrap();
    }

    pub(crate) async fn free(&self, product_id: &str) -> i64 {
        self.count(&format!("SELECT free FROM stock WHERE product_id = '{product_id}'")).await
    }

    /// Every product's deltas add up to what is free, at every version (S1).
    pub(crate) async fn assert_ledger_adds_up(&self) {
        let wrong = "SELECT count(*) FROM (SELECT *, sum(delta) OVER (PARTITION BY product_id ORDER BY version) AS summed, \
             row_number() OVER (PARTITION BY product_id ORDER BY version) AS place FROM stock_ledger) AS entry \
             WHERE summed <> free_after OR place <> version";
        assert_eq!(self.count(wrong).await, 0, "the ledger does not add up");
        let last = "SELECT count(*) FROM stock LEFT JOIN (SELECT product_id, sum(delta) AS free, max(version) AS version \
             FROM stock_ledger GROUP BY product_id) AS ledger USING (product_id) \
             WHERE (stock.free, stock.version) IS DISTINCT FROM (ledger.free, ledger.version)";
        assert_eq!(self.count(last).await, 0, "stock is not what the ledger says");
    }

    pub(crate) async fn events<M: Message + Default>(&self, name: &str) -> Vec<M> {
        outbox::messages(&mut self.conn().await, name).await
    }

    pub(crate) async fn place(&self, caller: &impl Says, request: PlaceOrderRequest) -> Result<Bought, ServiceError> {
        let answer = self.client.clone().place_order(self.by(caller, request)).await;
        answer.map(|answer| Bought::read(answer.into_inner())).map_err(refusal)
    }

    pub(crate) async fn order(&self, caller: &impl Says, id: &str) -> Result<Order, ServiceError> {
        let request = GetOrderRequest { id: id.to_owned(), tracking_token: None };
        let answer = self.client.clone().get_order(self.by(caller, request)).await;
        answer.map(tonic::Response::into_inner).map_err(refusal)
    }

    pub(crate) async fn move_to(
        &self,
        caller: &impl Says,
        id: &str,
        status: OrderStatus,
    ) -> Result<OrderMoved, ServiceError> {
        let request = MoveOrderRequest { id: id.to_owned(), status: status.into(), ..Default::default() };
        let answer = self.client.clone().move_order(self.by(caller, request)).await;
        answer.map(tonic::Response::into_inner).map_err(refusal)
    }

    pub(crate) async fn cancel(&self, caller: &impl Says, id: &str) -> Result<OrderMoved, ServiceError> {
        let request = CancelOrderRequest { id: id.to_owned(), tracking_token: None, note: None };
        let answer = self.client.clone().cancel_order(self.by(caller, request)).await;
        answer.map(tonic::Response::into_inner).map_err(refusal)
    }

    /// By its seller, along the shortest way.
    pub(crate) async fn bring_to(&self, seller: &Account, id: &str, status: OrderStatus) {
        use OrderStatus as Is;
        let way: &[Is] = match status {
            Is::Confirmed => &[Is::Confirmed],
            Is::Processing => &[Is::Confirmed, Is::Processing],
            Is::Shipped => &[Is::Confirmed, Is::Processing, Is::Shipped],
            Is::Delivered => &[Is::Confirmed, Is::Processing, Is::Shipped, Is::Delivered],
            Is::Cancelled => &[Is::Cancelled],
            Is::Returned => &[Is::Confirmed, Is::Processing, Is::Shipped, Is::Returned],
            Is::Pending | Is::Unspecified => &[],
        };
        for step in way {
            self.move_to(seller, id, *step).await.unwrap();
        }
    }

    pub(crate) async fn history(&self, caller: &impl Says, id: &str) -> Vec<HistoryEntry> {
        let request = GetHistoryRequest { id: id.to_owned(), tracking_token: None };
        self.client.clone().get_history(self.by(caller, request)).await.unwrap().into_inner().entries
    }

    pub(crate) fn advance(&self, by: TimeDelta) {
        self.process.clock.advance(by);
    }
}

impl Drop for OrderingTest {
    fn drop(&mut self) {
        self.catalog_stop.cancel();
        if std::thread::panicking() {
            return;
        }
        assert_eq!(self.process.lifecycle.failure(), None, "a background task died");
        let config = self.database.config();
        let said = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { outbox::names(&mut database::connect(&config).await.unwrap()).await })
        });
        let said: BTreeSet<String> = said.join().unwrap().into_iter().collect();
        let unasked: Vec<_> = said.iter().filter(|name| !self.expected.contains(name.as_str())).collect();
        assert!(unasked.is_empty(), "the test did not ask for {unasked:?}");
    }
}

/// Whoever can make a request.
pub(crate) trait Says {
    fn says(&self) -> Caller;
}

impl Says for Caller {
    fn says(&self) -> Caller {
        self.clone()
    }
}

impl Says for Account {
    fn says(&self) -> Caller {
        Caller::Account(self.clone())
    }
}

/// The answer to a checkout, opened.
#[derive(Debug, Clone)]
pub(crate) struct Bought {
    pub(crate) bytes: Vec<u8>,
    pub(crate) checkout: Checkout,
    pub(crate) replayed: bool,
    pub(crate) tracking_token: Option<String>,
    pub(crate) flipped: Vec<String>,
}

impl Bought {
    fn read(answer: PlaceOrderResponse) -> Self {
        Self {
            checkout: Checkout::decode(answer.checkout.as_slice()).unwrap(),
            bytes: answer.checkout,
            replayed: answer.replayed,
            tracking_token: answer.tracking_token,
            flipped: answer.flipped_product_ids,
        }
    }

    /// The only order of a checkout at one seller.
    pub(crate) fn order(&self) -> &Order {
        assert_eq!(self.checkout.orders.len(), 1);
        &self.checkout.orders[0]
    }
}

pub(crate) fn refusal(status: tonic::Status) -> ServiceError {
    ServiceError::from_status(&status)
}

pub(crate) fn reason<T: std::fmt::Debug>(refused: Result<T, ServiceError>) -> Reason {
    refused.unwrap_err().reason
}

/// As others see it.
pub(crate) fn public(account: &Account) -> PublicUser {
    assert_ne!(account.role, Role::Freelancer);
    account.public_user()
}
