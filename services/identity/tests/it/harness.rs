//! The real service on a database of its own, with the real client.

use std::time::Duration;

use access_token::{Account, Caller};
use commerce_types::Approval;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use identity::Config;
use protocol::identity::v1::identity_service_client::IdentityServiceClient;
use protocol::identity::v1::{ResolveCallerRequest, ResolveCallerResponse};
use service_error::{Reason, ServiceError};
use service_runtime::{Clock, Process};
use test_support::{SECRET, TestBroker, TestDatabase, Tokens};
use tonic::{Request, Status};

use crate::builders::UserBuilder;
use crate::ordering::FakeOrdering;
use crate::svix::{INSTANCE, SECRETS};

/// How soon an effect by event must be there.
pub(crate) const SOON: Duration = Duration::from_secs(10);
/// A port that nobody listens on: events stay in the outbox.
const NO_BROKER: &str = "amqp://guest:guest@127.0.0.1:1";

/// Identity, running for one test.
pub(crate) struct IdentityTest {
    pub(crate) client: IdentityServiceClient<service_runtime::grpc::Channel>,
    pub(crate) database: TestDatabase,
    pub(crate) broker: Option<TestBroker>,
    pub(crate) config: Config,
    pub(crate) ordering: FakeOrdering,
    tokens: Tokens,
    process: Process,
}

impl IdentityTest {
    /// New sellers are approved; no broker.
    pub(crate) async fn start() -> Self {
        Self::start_with(Approval::Approved, None).await
    }

    /// New sellers wait for an admin.
    pub(crate) async fn start_with_manual_approval() -> Self {
        Self::start_with(Approval::Pending, None).await
    }

    /// With the broker, so that events flow.
    pub(crate) async fn start_with_broker() -> Self {
        Self::start_with(Approval::Approved, Some(TestBroker::new())).await
    }

    async fn start_with(new_sellers: Approval, broker: Option<TestBroker>) -> Self {
        let database = TestDatabase::new("identity").await;
        let process = Process::default();
        let ordering = FakeOrdering::default();
        let ordering_url = format!("http://{}", ordering.serve(&process).await);
        // Other tests use the machine too: a free connection may be long in coming, a lock may not.
        let mut pool = database.config();
        pool.wait_timeout = SOON;
        let config = Config {
            grpc_addr: "127.0.0.1:0".parse().unwrap(),
            private_addr: None,
            database: pool,
            rabbitmq_url: broker.as_ref().map_or(NO_BROKER, TestBroker::url).to_owned(),
            rabbitmq_prefix: broker.as_ref().map_or("", TestBroker::prefix).to_owned(),
            access_token_secrets: vec![SECRET.to_owned()],
            new_sellers,
            ordering_url,
            webhook_secrets: SECRETS.map(str::to_owned).to_vec(),
            clerk_instance_id: Some(INSTANCE.to_owned()),
            self_check_every: Duration::from_secs(3_600),
        };
        let identity = identity::build(config.clone(), process.clone()).await.unwrap();
        let addr = identity.addr().unwrap();
        identity.run().await.unwrap();
        let channel = service_runtime::grpc::channel(&format!("http://{addr}")).unwrap();
        let tokens = Tokens::new(&Clock::system());
        Self { client: IdentityServiceClient::new(channel), database, broker, config, ordering, tokens, process }
    }

    /// A request by an account.
    pub(crate) fn by<T>(&self, account: &Account, message: T) -> Request<T> {
        self.tokens.request(&Caller::Account(account.clone()), message)
    }

    /// A request by anybody.
    pub(crate) fn by_caller<T>(&self, caller: &Caller, message: T) -> Request<T> {
        self.tokens.request(caller, message)
    }

    /// What the gateway hears of a token that says no more than who it is.
    pub(crate) async fn resolve(&self, clerk_id: &str) -> ResolveCallerResponse {
        self.resolve_with(ResolveCallerRequest { clerk_id: clerk_id.to_owned(), ..Default::default() }).await
    }

    pub(crate) async fn resolve_with(&self, message: ResolveCallerRequest) -> ResolveCallerResponse {
        let request = self.by_caller(&Caller::service("gateway"), message);
        self.client.clone().resolve_caller(request).await.unwrap().into_inner()
    }

    /// An account, written directly.
    pub(crate) fn user(&self) -> UserBuilder<'_> {
        UserBuilder::new(&self.database)
    }

    pub(crate) async fn conn(&self) -> AsyncPgConnection {
        self.database.conn().await
    }

    /// One number.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.database.number(sql).await
    }

    /// Changes what no operation changes.
    pub(crate) async fn execute(&self, sql: &str) {
        diesel::sql_query(sql).execute(&mut self.conn().await).await.unwrap();
    }

    /// One more instance on the same database.
    pub(crate) async fn another_instance(&self) {
        identity::build(self.config.clone(), self.process.clone()).await.unwrap().run().await.unwrap();
    }

    /// All text of the database, byte columns read as text too.
    pub(crate) async fn dump(&self) -> String {
        test_support::dump(&mut self.conn().await).await
    }

    /// The names of the events written so far, in order.
    pub(crate) async fn said(&self) -> Vec<String> {
        test_support::outbox::names(&mut self.conn().await).await
    }

    /// Action, actor and changes of each audit entry, in order.
    pub(crate) async fn audit(&self) -> Vec<(String, Option<uuid::Uuid>, serde_json::Value)> {
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Text)]
            action: String,
            #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Uuid>)]
            actor_id: Option<uuid::Uuid>,
            #[diesel(sql_type = diesel::sql_types::Jsonb)]
            changes: serde_json::Value,
        }
        let query = diesel::sql_query("SELECT action, actor_id, changes FROM audit ORDER BY created_at, id");
        let rows: Vec<Row> = query.load(&mut self.conn().await).await.unwrap();
        rows.into_iter().map(|row| (row.action, row.actor_id, row.changes)).collect()
    }
}

impl Drop for IdentityTest {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.process.lifecycle.failure(), None, "a task died");
        }
    }
}

/// The code of a refusal.
pub(crate) fn reason(status: &Status) -> Reason {
    ServiceError::from_status(status).reason
}

/// The fields that a refusal names.
pub(crate) fn fields(status: &Status) -> Vec<String> {
    ServiceError::from_status(status).details.into_iter().map(|detail| detail.field).collect()
}
