//! Totals that are kept: their sums while rows are folded and written at the same time.

use database::totals::Totals;
use diesel_async::SimpleAsyncConnection;
use futures::future::join_all;
use test_support::{TestDatabase, number};

const TOTALS: Totals = Totals { table: "sizes", sort: "colour, shape", total: "things" };
const TABLE: &str = "CREATE TABLE sizes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, colour text NOT NULL, \
     shape text, things bigint NOT NULL)";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sums_are_the_same_while_several_fold_and_write() {
    let database = TestDatabase::empty().await;
    let mut conn = database.conn().await;
    conn.batch_execute(TABLE).await.unwrap();
    let writers = join_all((0..4).map(|writer| {
        let database = &database;
        async move {
            let mut conn = database.conn().await;
            for _ in 0..50 {
                // A transaction adds nothing in all, so that every sum that is seen is zero.
                let colours = format!("('red', NULL, {writer}), ('red', 'round', -{writer})");
                let statement = format!("INSERT INTO sizes (colour, shape, things) VALUES {colours}");
                conn.batch_execute(&statement).await.unwrap();
            }
        }
    }));
    let folders = join_all((0..3).map(|_| {
        let database = &database;
        async move {
            let mut conn = database.conn().await;
            for _ in 0..50 {
                TOTALS.fold(&mut conn).await.unwrap();
                assert_eq!(number(&mut conn, "SELECT coalesce(sum(things), 0) FROM sizes").await, 0);
            }
        }
    }));
    tokio::join!(writers, folders);
    TOTALS.fold(&mut conn).await.unwrap();
    assert_eq!(number(&mut conn, "SELECT count(*) FROM sizes").await, 2);
    assert_eq!(number(&mut conn, "SELECT things FROM sizes WHERE shape IS NULL").await, 50 * (1 + 2 + 3));
    let facts = "VALUES ('red', NULL, 300), ('red', 'round', -300)";
    assert_eq!(TOTALS.count_wrong(&mut conn, facts).await.unwrap(), 0);
    let facts = "VALUES ('red', NULL, 299), ('red', 'round', -300), ('blue', 'round', 1)";
    assert_eq!(TOTALS.count_wrong(&mut conn, facts).await.unwrap(), 2);
}

/// Who comes second waits for nothing.
#[tokio::test]
async fn one_folds_at_a_time() {
    let database = TestDatabase::empty().await;
    let (mut first, mut second) = (database.conn().await, database.conn().await);
    first.batch_execute(TABLE).await.unwrap();
    first.batch_execute("INSERT INTO sizes (colour, things) VALUES ('red', 1), ('red', 2)").await.unwrap();
    first.batch_execute("BEGIN").await.unwrap();
    assert_eq!(TOTALS.fold(&mut first).await.unwrap(), 1);
    assert_eq!(TOTALS.fold(&mut second).await.unwrap(), 0);
    first.batch_execute("COMMIT").await.unwrap();
    assert_eq!(number(&mut second, "SELECT things FROM sizes").await, 3);
}
