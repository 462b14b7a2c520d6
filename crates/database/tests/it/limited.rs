use database::limited;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use test_support::TestDatabase;

diesel::table! {
    things (id) {
        id -> Int4,
    }
}

/// More than PostgreSQL looks at before it keeps a plan.
const TIMES: i64 = 20;

#[tokio::test]
async fn a_page_is_planned_once() {
    let database = TestDatabase::empty().await;
    let mut conn = database.pool().get().await.unwrap();
    conn.batch_execute(
        "CREATE TABLE things AS SELECT n AS id FROM generate_series(1, 10000) AS n; CREATE INDEX ON things (id); ANALYZE things",
    )
    .await
    .unwrap();
    for from in 0..TIMES {
        let page = things::table.select(things::id).filter(things::id.gt(from as i32)).order(things::id);
        let ids: Vec<i32> = limited(page, 3, 0).load(&mut conn).await.unwrap();
        assert_eq!(ids, [from as i32 + 1, from as i32 + 2, from as i32 + 3]);
    }
    let written = plannings(&mut conn).await;
    assert!(written <= 5, "{written} of {TIMES} pages were planned");
    for from in 0..TIMES {
        let page = things::table.select(things::id).filter(things::id.gt(from as i32)).order(things::id).limit(3);
        page.load::<i32>(&mut *conn).await.unwrap();
    }
    // What it is for.
    assert_eq!(plannings(&mut conn).await - written, TIMES);
    let passed: Vec<i32> =
        limited(things::table.select(things::id).order(things::id), 2, 40).load(&mut conn).await.unwrap();
    assert_eq!(passed, [41, 42]);
}

/// For their values.
async fn plannings(conn: &mut AsyncPgConnection) -> i64 {
    #[derive(QueryableByName)]
    struct Plannings {
        #[diesel(sql_type = BigInt)]
        plans: i64,
    }
    let seen = diesel::sql_query(
        "SELECT coalesce(sum(custom_plans), 0)::bigint AS plans FROM pg_prepared_statements WHERE statement LIKE '%things%'",
    );
    seen.get_result::<Plannings>(conn).await.unwrap().plans
}
