//! The real service on a database of its own, with the real client.

use std::time::Duration;

use access_token::{Account, Caller};
use cart::Config;
use commerce_types::{CartItemId, ProductId};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use protocol::cart::v1::cart_service_client::CartServiceClient;
use protocol::cart::v1::{
    AddItemRequest, Cart, ClearCartRequest, CountCartRequest, GetCartRequest, ItemWritten, Line, MergeCartRequest,
    MergeCartResponse, RemoveItemRequest, SetItemRequest,
};
use protocol::types::v1::Key;
use service_error::{Reason, ServiceError};
use service_runtime::{Clock, Process};
use test_support::{SECRET, TestBroker, TestDatabase, Tokens};
use tonic::{Request, Response, Status};

use crate::builders::LineBuilder;
use crate::catalog::Catalog;

/// How soon an effect by event must be there.
pub(crate) const SOON: Duration = Duration::from_secs(10);
/// A port that nobody listens on.
const NO_BROKER: &str = "amqp://guest:guest@127.0.0.1:1";

/// Cart, running for one test.
pub(crate) struct CartTest {
    pub(crate) catalog: Catalog,
    pub(crate) database: TestDatabase,
    pub(crate) broker: Option<TestBroker>,
    client: CartServiceClient<service_runtime::grpc::Channel>,
    tokens: Tokens,
    process: Process,
}

impl CartTest {
    /// Without broker.
    pub(crate) async fn start() -> Self {
        Self::start_with(None).await
    }

    /// With the broker, so that events flow.
    pub(crate) async fn start_with_broker() -> Self {
        Self::start_with(Some(TestBroker::new())).await
    }

    async fn start_with(broker: Option<TestBroker>) -> Self {
        let database = TestDatabase::new("cart").await;
        let process = Process::default();
        let catalog = Catalog::default();
        // Other tests use the machine too: a free connection may be long in coming, a lock may not.
        let mut pool = database.config();
        pool.wait_timeout = SOON;
        let config = Config {
            grpc_addr: "127.0.0.1:0".parse().unwrap(),
            private_addr: None,
            database: pool,
            rabbitmq_url: broker.as_ref().map_or(NO_BROKER, TestBroker::url).to_owned(),
            rabbitmq_prefix: broker.as_ref().map_or("", TestBroker::prefix).to_owned(),
            catalog_url: format!("http://{}", catalog.serve().await),
            access_token_secrets: vec![SECRET.to_owned()],
            self_check_every: Duration::from_secs(3_600),
        };
        let cart = cart::build(config, process.clone()).await.unwrap();
        let addr = cart.addr().unwrap();
        cart.run().await.unwrap();
        let channel = service_runtime::grpc::channel(&format!("http://{addr}")).unwrap();
        let tokens = Tokens::new(&Clock::system());
        Self { catalog, database, broker, client: CartServiceClient::new(channel), tokens, process }
    }

    /// Somebody with an account, and so with a cart.
    pub(crate) fn buyer(&self) -> Buyer<'_> {
        Buyer { cart: self, account: test_support::customer() }
    }

    pub(crate) async fn conn(&self) -> AsyncPgConnection {
        self.database.conn().await
    }

    /// Whether the count of each cart is that of its lines.
    pub(crate) async fn counts_are_right(&self) -> bool {
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            wrong: i64,
        }
        let query = diesel::sql_query(
            "SELECT count(*) AS wrong FROM carts FULL JOIN \
               (SELECT user_id, count(*) AS lines FROM cart_items GROUP BY user_id) AS counted USING (user_id) \
             WHERE coalesce(carts.lines, 0) <> coalesce(counted.lines, 0)",
        );
        query.get_result::<Row>(&mut self.conn().await).await.unwrap().wrong == 0
    }

    /// A request by anybody.
    pub(crate) async fn count_by(&self, caller: &Caller) -> Result<i64, Status> {
        let request = self.tokens.request(caller, CountCartRequest {});
        self.client.clone().count_cart(request).await.map(|answer| answer.into_inner().count)
    }
}

impl Drop for CartTest {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.process.lifecycle.failure(), None, "a task died");
        }
    }
}

/// Somebody who buys.
#[derive(Clone)]
pub(crate) struct Buyer<'a> {
    cart: &'a CartTest,
    pub(crate) account: Account,
}

impl Buyer<'_> {
    /// A line, written directly.
    pub(crate) fn line(&self, product_id: ProductId) -> LineBuilder<'_> {
        LineBuilder::new(&self.cart.database, self.account.user_id, product_id)
    }

    pub(crate) async fn add(&self, product_id: ProductId, quantity: i32) -> Result<ItemWritten, Status> {
        self.add_with(product_id, quantity, None).await
    }

    pub(crate) async fn add_with(
        &self,
        product_id: ProductId,
        quantity: i32,
        key: Option<&str>,
    ) -> Result<ItemWritten, Status> {
        let body_hash = format!("{product_id} {quantity}").into_bytes();
        let key = key.map(|key| Key { key: key.to_owned(), body_hash });
        let message = AddItemRequest { product_id: product_id.to_string(), quantity, key };
        inner(self.cart.client.clone().add_item(self.request(message)).await)
    }

    pub(crate) async fn set(&self, id: &str, quantity: i32) -> Result<ItemWritten, Status> {
        let message = SetItemRequest { id: id.to_owned(), quantity };
        inner(self.cart.client.clone().set_item(self.request(message)).await)
    }

    pub(crate) async fn remove(&self, id: &str) -> Result<String, Status> {
        let message = RemoveItemRequest { id: id.to_owned() };
        inner(self.cart.client.clone().remove_item(self.request(message)).await).map(|answer| answer.id)
    }

    pub(crate) async fn clear(&self) -> i64 {
        let answer = self.cart.client.clone().clear_cart(self.request(ClearCartRequest {})).await;
        answer.unwrap().into_inner().items_removed
    }

    pub(crate) async fn show(&self) -> Cart {
        self.cart.client.clone().get_cart(self.request(GetCartRequest {})).await.unwrap().into_inner()
    }

    pub(crate) async fn count(&self) -> i64 {
        self.cart.count_by(&Caller::Account(self.account.clone())).await.unwrap()
    }

    pub(crate) async fn merge(
        &self,
        lines: impl IntoIterator<Item = (ProductId, i32)>,
    ) -> Result<MergeCartResponse, Status> {
        let line = |(product_id, quantity): (ProductId, i32)| Line { product_id: product_id.to_string(), quantity };
        let message = MergeCartRequest { lines: lines.into_iter().map(line).collect() };
        inner(self.cart.client.clone().merge_cart(self.request(message)).await)
    }

    /// Product and quantity of each line, newest first.
    pub(crate) async fn quantities(&self) -> Vec<(String, i32)> {
        self.show().await.items.into_iter().map(|item| (item.product_id, item.quantity)).collect()
    }

    fn request<T>(&self, message: T) -> Request<T> {
        self.cart.tokens.request(&Caller::Account(self.account.clone()), message)
    }
}

/// An id that no line has.
pub(crate) fn no_line() -> String {
    service_runtime::Ids.next::<CartItemId>().to_string()
}

/// The code of a refusal.
pub(crate) fn reason<T: std::fmt::Debug>(answer: Result<T, Status>) -> Reason {
    ServiceError::from_status(&answer.unwrap_err()).reason
}

fn inner<T>(answer: Result<Response<T>, Status>) -> Result<T, Status> {
    answer.map(Response::into_inner)
}
