//! Queries on the accounts that sell: approved, active, not deleted. Others are not there.

use commerce_types::{Approval, Role, UserId};
use diesel::dsl::count_star;
use diesel::helper_types::IntoBoxed;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::seller_list::{Direction, Page, SellerFilter, UserSort};
use crate::domain::user::User;
use crate::schema::users;
use crate::store::users::sorted;

pub(crate) async fn find(conn: &mut AsyncPgConnection, id: UserId) -> QueryResult<Option<User>> {
    sellers().filter(users::id.eq(id)).select(User::as_select()).first(conn).await.optional()
}

pub(crate) async fn list(
    conn: &mut AsyncPgConnection,
    filter: &SellerFilter,
    sort: UserSort,
    direction: Direction,
    page: Page,
) -> QueryResult<Vec<User>> {
    let sellers = sorted(matching(filter), sort, direction);
    sellers.select(User::as_select()).limit(page.limit).offset(page.offset).load(conn).await
}

/// How many there are on all pages.
pub(crate) async fn count(conn: &mut AsyncPgConnection, filter: &SellerFilter) -> QueryResult<i64> {
    matching(filter).select(count_star()).first(conn).await
}

/// The conditions are literals, as in the partial indexes: only so are these used by prepared statements too.
fn sellers<'a>() -> IntoBoxed<'a, users::table, Pg> {
    use diesel::dsl::sql;
    use diesel::sql_types::Bool;

    let sells = format!(
        "role = '{}' AND approval = '{}' AND is_active AND deleted_at IS NULL",
        Role::Seller.as_str(),
        Approval::Approved.as_str()
    );
    users::table.into_boxed().filter(sql::<Bool>(&sells))
}

fn matching(filter: &SellerFilter) -> IntoBoxed<'_, users::table, Pg> {
    let mut sellers = sellers();
    if let Some(search) = &filter.search {
        for pattern in search.patterns() {
            sellers = sellers.filter(users::name_words.like(pattern));
        }
    }
    if let Some(category) = filter.seller_category {
        sellers = sellers.filter(users::seller_category.eq(category));
    }
    if let Some(wilaya) = &filter.wilaya {
        sellers = sellers.filter(users::wilaya_folded.eq(wilaya));
    }
    if let Some(is_verified) = filter.is_verified {
        sellers = sellers.filter(users::is_verified.eq(is_verified));
    }
    sellers
}
