//! The service under test: its own database, broker names, keys and clock, a real server on a free port, and small servers
//! in the place of ordering, identity and media.

mod identity;
mod media;
mod ordering;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use access_token::{Account, Caller};
use catalog::Config;
use commerce_types::ProductId;
use diesel_async::AsyncPgConnection;
use protocol::catalog::v1::catalog_service_client::CatalogServiceClient;
use protocol::types::v1::{FindFilesInUseRequest, FindFilesInUseResponse};
use service_error::ServiceError;
use service_runtime::{Process, grpc::channel};

use test_support::{Hop, SECRET, TestBroker, TestDatabase, TestRedis, Tokens, outbox};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::body::Body;
use tonic::codegen::{Service, http};
use tonic::server::NamedService;
use tonic::{Request, Response, Status};

use self::identity::FakeIdentity;
use self::media::FakeMedia;
use self::ordering::FakeOrdering;
use crate::builders::ProductBuilder;

pub(crate) use self::ordering::StockRow;

/// A port that nobody listens on.
const NOBODY: &str = "127.0.0.1:1";
/// How soon an effect by event must be there.
pub(crate) const SOON: Duration = Duration::from_secs(10);

/// A running catalog. It fails in its end when a background task died or something was said that nobody expected.
pub(crate) struct CatalogTest {
    pub(crate) database: TestDatabase,
    pub(crate) broker: Option<TestBroker>,
    pub(crate) process: Process,
    pub(crate) config: Config,
    pub(crate) tokens: Tokens,
    /// Stands in for ordering.
    pub(crate) ordering: FakeOrdering,
    /// Stands in for identity.
    pub(crate) identity: FakeIdentity,
    /// Stands in for media.
    pub(crate) media: FakeMedia,
    client: CatalogServiceClient<service_runtime::grpc::Channel>,
    /// Takes its keys along when it goes.
    _redis: TestRedis,
    expected: Vec<&'static str>,
}

impl CatalogTest {
    /// Without a broker: what is said stays in the outbox.
    pub(crate) async fn start() -> Self {
        Self::start_with(None, |_| {}).await
    }

    /// With the broker, so that events flow.
    pub(crate) async fn start_with_broker() -> Self {
        Self::start_with(Some(TestBroker::new()), |_| {}).await
    }

    pub(crate) async fn start_without_redis() -> Self {
        Self::start_with(None, |config| config.redis_url = format!("redis://{NOBODY}")).await
    }

    /// With a hop before the database that can swallow the answer to a COMMIT.
    pub(crate) async fn start_behind(hop: &Hop) -> Self {
        let database = TestDatabase::new("catalog").await;
        let behind = hop.config(&database);
        Self::start_on(database, None, |config| config.database = behind).await
    }

    pub(crate) async fn start_with(broker: Option<TestBroker>, change: impl FnOnce(&mut Config)) -> Self {
        Self::start_on(TestDatabase::new("catalog").await, broker, change).await
    }

    async fn start_on(database: TestDatabase, broker: Option<TestBroker>, change: impl FnOnce(&mut Config)) -> Self {
        let (redis, process) = (TestRedis::new(), Process::default());
        let (ordering, identity) = (FakeOrdering::default(), FakeIdentity::default());
        let media = FakeMedia::default();
        let nobody = format!("amqp://guest:guest@{NOBODY}");
        let mut config = Config {
            grpc_addr: ([127, 0, 0, 1], 0).into(),
            private_addr: None,
            database: database.config(),
            rabbitmq_url: broker.as_ref().map_or(nobody, |broker| broker.url().to_owned()),
            rabbitmq_prefix: broker.as_ref().map_or("", TestBroker::prefix).to_owned(),
            redis_url: redis.url().to_owned(),
            redis_prefix: redis.prefix().to_owned(),
            ordering_url: format!("http://{}", ordering.serve(&process).await),
            identity_url: format!("http://{}", identity.serve(&process).await),
            media_url: format!("http://{}", media.serve(&process).await),
            access_token_secrets: vec![SECRET.to_owned()],
            view_window: Duration::from_secs(30 * 60),
            view_drain: Duration::from_millis(100),
            category_counts_kept: Duration::from_secs(55),
            brands_kept: Duration::from_secs(55),
            suggestions_kept: Duration::from_secs(20),
            self_check_every: Duration::from_secs(3_600),
            stock_lag: Duration::from_millis(300),
        };
        change(&mut config);
        let catalog = catalog::build(config.clone(), process.clone()).await.unwrap();
        let addr = catalog.addr().unwrap();
        catalog.run().await.unwrap();
        Self {
            client: CatalogServiceClient::new(channel(&format!("http://{addr}")).unwrap()),
            tokens: Tokens::new(&process.clock),
            database,
            broker,
            _redis: redis,
            process,
            config,
            ordering,
            identity,
            media,
            expected: Vec::new(),
        }
    }

    /// Events that the test is about; any other fails it.
    pub(crate) fn expecting<const N: usize>(mut self, names: [&'static str; N]) -> Self {
        self.expected.extend(names);
        self
    }

    /// A product that is simply there, here and at ordering.
    pub(crate) async fn insert(&self, build: impl FnOnce(ProductBuilder) -> ProductBuilder) -> ProductId {
        let product = build(ProductBuilder::new());
        let id = product.insert(&mut self.conn().await).await;
        let (free, switched_on) = product.stock_row();
        self.ordering.set(id, StockRow { free, switched_on, version: 1 });
        id
    }

    pub(crate) async fn conn(&self) -> AsyncPgConnection {
        self.database.conn().await
    }

    /// Changes what no call changes.
    pub(crate) async fn database_execute(&self, sql: &str) {
        diesel_async::SimpleAsyncConnection::batch_execute(&mut self.conn().await, sql).await.unwrap();
    }

    pub(crate) fn as_guest(&self) -> As<'_> {
        self.by(Caller::GUEST)
    }

    pub(crate) fn as_account(&self, account: &Account) -> As<'_> {
        self.by(Caller::Account(account.clone()))
    }

    pub(crate) fn as_service(&self, name: &str) -> As<'_> {
        self.by(Caller::service(name))
    }

    /// The client itself, without anything.
    pub(crate) fn without_token(&self) -> CatalogServiceClient<service_runtime::grpc::Channel> {
        self.client.clone()
    }

    fn by(&self, caller: Caller) -> As<'_> {
        As { test: self, caller }
    }

    /// Messages of that name which were said so far.
    pub(crate) async fn said<M: prost::Message + Default>(&self, name: &str) -> Vec<M> {
        outbox::messages(&mut self.conn().await, name).await
    }
}

impl Drop for CatalogTest {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let failure = self.process.lifecycle.failure();
        assert_eq!(failure, None, "a background task died");
        let url = self.database.config();
        let said = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { outbox::names(&mut database::connect(&url).await.unwrap()).await })
        });
        for name in said.join().unwrap() {
            assert!(self.expected.iter().any(|expected| *expected == name), "nobody expected {name}");
        }
    }
}

/// Serves on a free port until the process ends.
async fn serve<S>(process: &Process, service: S) -> SocketAddr
where
    S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>
        + NamedService
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send + 'static,
{
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let server = tonic::transport::Server::builder().add_service(service);
    process.lifecycle.work("stand-in", server.serve_with_incoming(TcpListenerStream::new(listener)));
    addr
}

/// Calls in somebody's name.
pub(crate) struct As<'a> {
    test: &'a CatalogTest,
    caller: Caller,
}

impl As<'_> {
    pub(crate) async fn find_files_in_use(
        &self,
        message: FindFilesInUseRequest,
    ) -> Result<FindFilesInUseResponse, ServiceError> {
        let request: Request<_> = self.test.tokens.request(&self.caller, message);
        answer(self.test.client.clone().find_files_in_use(request).await)
    }
}

/// `$name(request message) -> answer message or what was refused`.
macro_rules! calls {
    ($($name:ident($request:ident) -> $answer:ident;)+) => {
        impl As<'_> {
            $(pub(crate) async fn $name(
                &self,
                message: protocol::catalog::v1::$request,
            ) -> Result<protocol::catalog::v1::$answer, ServiceError> {
                let request: Request<_> = self.test.tokens.request(&self.caller, message);
                answer(self.test.client.clone().$name(request).await)
            })+
        }
    };
}

calls! {
    list_products(ListProductsRequest) -> ListProductsResponse;
    get_product(GetProductRequest) -> Product;
    list_own_products(ListOwnProductsRequest) -> ListProductsResponse;
    publish_product(PublishProductRequest) -> ProductWritten;
    change_product(ChangeProductRequest) -> ProductWritten;
    delete_product(DeleteProductRequest) -> ProductWritten;
    change_image(ChangeImageRequest) -> ProductWritten;
    delete_image(DeleteImageRequest) -> ProductWritten;
    change_stock(ChangeStockRequest) -> ChangeStockResponse;
    view_product(ViewProductRequest) -> ViewProductResponse;
    list_categories(ListCategoriesRequest) -> ListCategoriesResponse;
    create_category(CreateCategoryRequest) -> Category;
    change_category(ChangeCategoryRequest) -> Category;
    delete_category(DeleteCategoryRequest) -> Category;
    list_brands(ListBrandsRequest) -> ListBrandsResponse;
    suggest(SuggestRequest) -> SuggestResponse;
    count_all_products(CountAllProductsRequest) -> ProductCounts;
    count_products(CountProductsRequest) -> CountProductsResponse;
    list_offers(ListOffersRequest) -> ListOffersResponse;
    list_products_by_id(ListProductsByIdRequest) -> ListProductsByIdResponse;
    show_stock(ShowStockRequest) -> ShowStockResponse;
    link_image(LinkImageRequest) -> ProductWritten;
}

fn answer<T>(answer: Result<Response<T>, Status>) -> Result<T, ServiceError> {
    answer.map(Response::into_inner).map_err(|status| ServiceError::from_status(&status))
}

/// What the caller was told, in the words of the public contract.
pub(crate) fn reason<T: std::fmt::Debug>(answer: Result<T, ServiceError>) -> &'static str {
    answer.unwrap_err().reason.as_str()
}
