//! Queries on `wilayas`.

use commerce_types::Folded;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::wilaya::Wilaya;
use crate::schema::wilayas;

/// The active ones, by code.
pub(crate) async fn list(conn: &mut AsyncPgConnection) -> QueryResult<Vec<Wilaya>> {
    Wilaya::query().filter(wilayas::active).order(wilayas::code).load(conn).await
}

/// The active one of that name, whatever its case and accents.
pub(crate) async fn find_by_name(conn: &mut AsyncPgConnection, name: &Folded) -> QueryResult<Option<Wilaya>> {
    Wilaya::query().filter(wilayas::active).filter(wilayas::name_folded.eq(name)).first(conn).await.optional()
}
