//! During a rollout the programs of the release before go on working on the new schema.
//!
//! Checked of every migration since the first release, whose own run on an empty database before there is any program:
//! that it takes nothing away, asks for nothing more and holds up nobody. And seen: programs that write while it runs.

mod beside;
mod folder;
mod known;
mod rules;
mod schema;
mod writes;

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use test_support::TestDatabase;

use self::folder::{SERVICES, apply, first_release, later};
use self::known::KNOWN;
use self::rules::broken;
use self::schema::Schema;

#[tokio::test]
async fn no_migration_takes_away_what_the_release_before_relies_on() {
    let mut found = Vec::new();
    for service in SERVICES {
        let database = TestDatabase::empty().await;
        let mut conn = database.conn().await;
        for migration in first_release(service) {
            apply(&mut conn, &migration).await;
        }
        for migration in later(service) {
            let before = Schema::read(&mut conn).await;
            let locked = apply(&mut conn, &migration).await;
            let broken = broken(&before, &Schema::read(&mut conn).await, &locked);
            found.extend(broken.into_iter().map(|what| format!("{service}/{}: {what}", migration.name())));
        }
    }
    let known: Vec<String> = KNOWN.iter().map(|(migration, what, _)| format!("{migration}: {what}")).collect();
    let new: Vec<&String> = found.iter().filter(|what| !known.contains(what)).collect();
    let gone: Vec<&String> = known.iter().filter(|what| !found.contains(what)).collect();
    assert!(new.is_empty(), "programs of the release before do not bear this: {new:#?}");
    assert!(gone.is_empty(), "no migration does this any more: {gone:#?}");
}

const TABLES: &str = "
    CREATE TABLE shops (id int PRIMARY KEY, name text NOT NULL, town text, CONSTRAINT shops_name CHECK (name <> ''));
    CREATE TABLE goods (id int PRIMARY KEY, shop_id int NOT NULL CONSTRAINT goods_shop REFERENCES shops, price int NOT NULL,
        count int NOT NULL DEFAULT 0);
    CREATE INDEX goods_price ON goods (price);
    CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
    CREATE TRIGGER goods_look BEFORE INSERT ON goods FOR EACH ROW EXECUTE FUNCTION look();";

/// A migration, and what is said of it.
const BROKEN: [(&str, &[&str]); 23] = [
    ("DROP TABLE goods", &["table goods is gone"]),
    (
        "ALTER TABLE goods RENAME TO things",
        &["table goods is gone", "constraint goods_shop keeps rows of shops from being deleted"],
    ),
    ("ALTER TABLE shops DROP COLUMN town", &["column shops.town is gone"]),
    ("ALTER TABLE shops RENAME COLUMN town TO city", &["column shops.town is gone"]),
    ("ALTER TABLE goods ALTER count TYPE bigint", &["column goods.count is bigint instead of integer"]),
    ("ALTER TABLE shops ADD COLUMN rank int NOT NULL", &["column shops.rank must be filled"]),
    ("ALTER TABLE goods ALTER count DROP DEFAULT", &["column goods.count must be filled"]),
    (
        "ALTER TABLE shops ALTER town SET NOT NULL",
        &["column shops.town must be filled", "column shops.town refuses NULL"],
    ),
    ("ALTER TABLE shops ALTER name DROP NOT NULL", &["column shops.name may be NULL"]),
    (
        "ALTER TABLE shops ADD CONSTRAINT shops_town CHECK (town <> '') NOT VALID",
        &["constraint shops_town refuses rows of shops"],
    ),
    (
        "ALTER TABLE shops ADD CONSTRAINT shops_town CHECK (town <> '')",
        &["constraint shops_town refuses rows of shops", "constraint shops_town reads all of shops at once"],
    ),
    (
        "ALTER TABLE goods ADD CONSTRAINT goods_twin FOREIGN KEY (count) REFERENCES goods NOT VALID",
        &["constraint goods_twin refuses rows of goods"],
    ),
    (
        "CREATE TABLE visits (shop_id int CONSTRAINT visits_shop REFERENCES shops)",
        &["constraint visits_shop keeps rows of shops from being deleted"],
    ),
    ("ALTER TABLE shops ADD CONSTRAINT shops_once UNIQUE (name)", &["constraint shops_once refuses rows of shops"]),
    ("CREATE UNIQUE INDEX shops_once ON shops (lower(name))", &["index shops_once refuses rows of shops"]),
    ("ALTER TABLE shops DROP CONSTRAINT shops_name", &["constraint shops_name is gone"]),
    ("ALTER TABLE goods DROP CONSTRAINT goods_pkey", &["constraint goods_pkey is gone"]),
    ("DROP INDEX goods_price", &["index goods_price is gone"]),
    (
        "CREATE TRIGGER goods_twice BEFORE UPDATE ON goods FOR EACH ROW EXECUTE FUNCTION look()",
        &["trigger goods.goods_twice is new"],
    ),
    ("DROP TRIGGER goods_look ON goods", &["trigger goods.goods_look is gone"]),
    (
        "CREATE OR REPLACE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
        &["function look() is another"],
    ),
    ("ALTER FUNCTION look RENAME TO see", &["trigger goods.goods_look is another", "function look() is gone"]),
    (
        "ALTER TABLE goods ADD COLUMN rank int; ALTER TABLE shops ADD COLUMN rank int",
        &["goods and shops are locked together"],
    ),
];

const HARMLESS: [&str; 10] = [
    "ALTER TABLE shops ADD COLUMN rank int",
    "ALTER TABLE shops ADD COLUMN rank int NOT NULL DEFAULT 1 CONSTRAINT shops_rank CHECK (rank > 0)",
    "ALTER TABLE shops ADD CONSTRAINT shops_id_and_name UNIQUE (id, name)",
    "ALTER TABLE shops ALTER town SET DEFAULT 'Alger'",
    "CREATE TABLE visits (shop_id int CONSTRAINT visits_shop REFERENCES shops ON DELETE CASCADE, seen int NOT NULL)",
    "CREATE INDEX goods_of_shop ON goods (shop_id)",
    "CREATE FUNCTION see() RETURNS int LANGUAGE sql RETURN 1",
    "CREATE TABLE visits (id int UNIQUE); CREATE TRIGGER look BEFORE INSERT ON visits FOR EACH ROW EXECUTE FUNCTION look()",
    "UPDATE shops SET town = 'Oran' WHERE town IS NULL",
    "ALTER TABLE goods SET (fillfactor = 80)",
];

#[tokio::test]
async fn each_kind_of_break_is_found_and_nothing_else() {
    let database = TestDatabase::empty().await;
    let mut conn = database.conn().await;
    conn.batch_execute(TABLES).await.unwrap();
    let harmless = HARMLESS.into_iter().map(|statement| (statement, &[][..]));
    for (statement, wanted) in BROKEN.into_iter().chain(harmless) {
        assert_eq!(tried(&mut conn, statement).await, wanted, "{statement}");
    }
}

/// What a migration breaks; it is taken back.
async fn tried(conn: &mut AsyncPgConnection, statement: &str) -> Vec<String> {
    let before = Schema::read(conn).await;
    conn.batch_execute("BEGIN").await.unwrap();
    conn.batch_execute(statement).await.unwrap();
    let locked = schema::locked(conn).await;
    let after = Schema::read(conn).await;
    conn.batch_execute("ROLLBACK").await.unwrap();
    broken(&before, &after, &locked)
}
