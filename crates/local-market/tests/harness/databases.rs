//! The databases of one market, read and changed behind its back.

use diesel::sql_types::{BigInt, Nullable, Text};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use test_support::TestDatabase;

/// The services that have a database.
pub(crate) const SERVICES: [&str; 6] = ["identity", "catalog", "cart", "ordering", "reels", "media"];

/// Each with its service's name.
pub(crate) struct Databases {
    pub(crate) identity: TestDatabase,
    pub(crate) catalog: TestDatabase,
    pub(crate) cart: TestDatabase,
    pub(crate) ordering: TestDatabase,
    pub(crate) reels: TestDatabase,
    pub(crate) media: TestDatabase,
}

impl Databases {
    pub(crate) fn of(&self, service: &str) -> Option<&TestDatabase> {
        match service {
            "identity" => Some(&self.identity),
            "catalog" => Some(&self.catalog),
            "cart" => Some(&self.cart),
            "ordering" => Some(&self.ordering),
            "reels" => Some(&self.reels),
            "media" => Some(&self.media),
            _ => None,
        }
    }
}

/// One number from a database.
pub(crate) async fn number(database: &TestDatabase, sql: &str) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<BigInt>)]
        value: Option<i64>,
    }
    let query = diesel::sql_query(format!("SELECT ({sql})::bigint AS value"));
    query.get_result::<Row>(&mut database.conn().await).await.unwrap().value.unwrap_or_default()
}

/// One text from a database; empty when it is absent.
pub(crate) async fn text(database: &TestDatabase, sql: &str) -> String {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<Text>)]
        value: Option<String>,
    }
    let query = diesel::sql_query(format!("SELECT ({sql})::text AS value"));
    query.get_result::<Row>(&mut database.conn().await).await.unwrap().value.unwrap_or_default()
}

/// Changes what no operation changes.
pub(crate) async fn execute(database: &TestDatabase, sql: &str) {
    database.conn().await.batch_execute(sql).await.unwrap();
}
