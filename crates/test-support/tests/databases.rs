//! Databases of tests, and the printer of schemas.

use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use test_support::{TestDatabase, schema, servers};

const TABLES: &str = "
    CREATE TABLE outbox (id int PRIMARY KEY);
    CREATE TABLE shops (id uuid PRIMARY KEY, name varchar(20) NOT NULL, type text, opened_on date, words tsvector);
    CREATE TABLE goods (
        shop_id uuid NOT NULL REFERENCES shops,
        place smallint NOT NULL,
        tags text[] NOT NULL,
        seen uuid[],
        weight numeric NOT NULL,
        score double precision,
        raw bytea NOT NULL,
        facts jsonb NOT NULL,
        count bigint NOT NULL DEFAULT 0,
        number integer NOT NULL,
        sold boolean NOT NULL,
        at timestamptz,
        PRIMARY KEY (shop_id, place)
    );
    CREATE TABLE moves (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        from_shop uuid NOT NULL REFERENCES shops,
        to_shop uuid NOT NULL REFERENCES shops,
        undone_by bigint REFERENCES moves
    );";

const PRINTED: &str = r#"//! Printed from the migrated database by `make schema`; never edited.

diesel::table! {
    goods (shop_id, place) {
        shop_id -> Uuid,
        place -> Int2,
        tags -> Array<Text>,
        seen -> Nullable<Array<Uuid>>,
        weight -> Numeric,
        score -> Nullable<Float8>,
        raw -> Bytea,
        facts -> Jsonb,
        count -> Int8,
        number -> Int4,
        sold -> Bool,
        at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    moves (id) {
        id -> Int8,
        from_shop -> Uuid,
        to_shop -> Uuid,
        undone_by -> Nullable<Int8>,
    }
}

diesel::table! {
    shops (id) {
        id -> Uuid,
        name -> Varchar,
        #[sql_name = "type"]
        type_ -> Nullable<Text>,
        opened_on -> Nullable<Date>,
        // `words` is a tsvector: queries name it themselves.
    }
}

diesel::joinable!(goods -> shops (shop_id));

diesel::allow_tables_to_appear_in_same_query!(goods, moves, shops);
"#;

#[tokio::test]
async fn a_schema_is_printed_as_diesel_reads_it() {
    let database = TestDatabase::empty().await;
    let mut conn = database.conn().await;
    conn.batch_execute(TABLES).await.unwrap();
    assert_eq!(schema::print(&mut conn).await, PRINTED);
}

#[tokio::test]
async fn tests_that_start_together_share_a_template_and_no_rows() {
    let (left, right) = tokio::join!(TestDatabase::new("cart"), TestDatabase::new("cart"));
    assert_ne!(left.url(), right.url());
    let insert = "INSERT INTO inbox (event_id) VALUES ('00000000-0000-0000-0000-000000000001')";
    for database in [&left, &right] {
        diesel::sql_query(insert).execute(&mut database.conn().await).await.unwrap();
    }
}

#[tokio::test]
async fn a_database_is_gone_after_its_test() {
    let database = TestDatabase::empty().await;
    let name = database.url().rsplit('/').next().unwrap().to_owned();
    let _open = database.conn().await;
    drop(database);
    let config = database::Config::new(servers::postgres_url(), "test");
    let mut conn = database::connect(&config).await.unwrap();
    let left = diesel::sql_query(format!("SELECT 1 FROM pg_database WHERE datname = '{name}'"));
    assert_eq!(left.execute(&mut conn).await.unwrap(), 0);
}

#[tokio::test]
async fn every_service_can_be_migrated_back() {
    for service in ["identity", "catalog", "cart", "ordering", "reels"] {
        schema::assert_reversible(service, &TestDatabase::new(service).await).await;
    }
}
