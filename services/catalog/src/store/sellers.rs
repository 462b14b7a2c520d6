//! Queries on `sellers`.

use commerce_types::UserId;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::seller::Seller;
use crate::schema::sellers;

pub(crate) async fn find(conn: &mut AsyncPgConnection, id: UserId) -> QueryResult<Option<Seller>> {
    Seller::query().filter(sellers::id.eq(id)).first(conn).await.optional()
}

/// Held until the transaction ends: whether it may sell does not change meanwhile.
pub(crate) async fn hold(conn: &mut AsyncPgConnection, id: UserId) -> QueryResult<Option<Seller>> {
    Seller::query().filter(sellers::id.eq(id)).for_share().first(conn).await.optional()
}

/// Locked in id order, as everywhere.
pub(crate) async fn lock(conn: &mut AsyncPgConnection, ids: &[UserId]) -> QueryResult<Vec<Seller>> {
    Seller::query().filter(sellers::id.eq_any(ids)).order(sellers::id).for_no_key_update().load(conn).await
}

/// A first copy; false when somebody else was quicker.
pub(crate) async fn insert(conn: &mut AsyncPgConnection, seller: &Seller) -> QueryResult<bool> {
    let rows = diesel::insert_into(sellers::table).values(seller).on_conflict_do_nothing();
    Ok(rows.execute(conn).await? == 1)
}

pub(crate) async fn update(conn: &mut AsyncPgConnection, seller: &Seller) -> QueryResult<()> {
    diesel::update(sellers::table.find(seller.id)).set(seller).execute(conn).await?;
    Ok(())
}
