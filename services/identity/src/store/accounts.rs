//! Queries on all accounts, for admins.

use commerce_types::UserId;
use diesel::dsl::{count_star, not, sql};
use diesel::expression::BoxableExpression;
use diesel::helper_types::IntoBoxed;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::account_list::{AccountFilter, AccountSearch};
use crate::domain::seller_list::{Direction, Page, UserSort};
use crate::domain::user::User;
use crate::schema::users;
use crate::store::users::sorted;

define_sql_function! {
    /// Of ASCII, whatever the database's language: addresses are compared by it on both sides.
    fn lower(text: Nullable<Text>) -> Nullable<Text>;
}

type Condition = Box<dyn BoxableExpression<users::table, Pg, SqlType = Nullable<Bool>>>;

/// A page.
pub(crate) async fn list(
    conn: &mut AsyncPgConnection,
    filter: &AccountFilter,
    sort: UserSort,
    direction: Direction,
    page: Page,
) -> QueryResult<Vec<User>> {
    let accounts = sorted(matching(filter), sort, direction);
    accounts.select(User::as_select()).limit(page.limit).offset(page.offset).load(conn).await
}

/// A page of what is sought, and how many there are on all pages; nothing of a page behind the last one. All are found
/// through the indexes of what is sought, once for both.
pub(crate) async fn list_counted(
    conn: &mut AsyncPgConnection,
    filter: &AccountFilter,
    sort: UserSort,
    direction: Direction,
    page: Page,
) -> QueryResult<Option<(Vec<User>, i64)>> {
    let order = match (sort, direction) {
        (UserSort::CreatedAt, Direction::Ascending) => "created_at + interval '0', id",
        (UserSort::CreatedAt, Direction::Descending) => "created_at + interval '0' DESC, id DESC",
        (UserSort::FullName, Direction::Ascending) => "name_words || '', id",
        (UserSort::FullName, Direction::Descending) => "name_words || '' DESC, id DESC",
    };
    // Sorted by expressions: by the columns, the planner would look through all accounts in their order until it has a page.
    let found = matching(filter).select((users::id, sql::<BigInt>("count(*) OVER ()"))).order(sql::<Bool>(order));
    let found: Vec<(UserId, i64)> = found.limit(page.limit).offset(page.offset).load(conn).await?;
    let Some(&(_, total)) = found.as_slice().first() else { return Ok((page.offset == 0).then(|| (Vec::new(), 0))) };
    let accounts = users::table.filter(users::id.eq_any(found.into_iter().map(|(id, _)| id))).into_boxed();
    Ok(Some((sorted(accounts, sort, direction).select(User::as_select()).load(conn).await?, total)))
}

/// How many there are on all pages.
pub(crate) async fn count(conn: &mut AsyncPgConnection, filter: &AccountFilter) -> QueryResult<i64> {
    matching(filter).select(count_star()).first(conn).await
}

/// Switches are literals, as in the partial indexes: only so are these used by prepared statements too.
fn matching(filter: &AccountFilter) -> IntoBoxed<'_, users::table, Pg> {
    let accounts = users::table.into_boxed();
    let mut accounts = if filter.deleted {
        accounts.filter(users::deleted_at.is_not_null())
    } else {
        accounts.filter(users::deleted_at.is_null())
    };
    if let Some(role) = filter.role {
        accounts = accounts.filter(users::role.eq(role));
    }
    if let Some(category) = filter.seller_category {
        accounts = accounts.filter(users::seller_category.eq(category));
    }
    if let Some(approval) = filter.approval {
        accounts = accounts.filter(users::approval.eq(approval));
    }
    accounts = match filter.is_verified {
        Some(true) => accounts.filter(users::is_verified),
        Some(false) => accounts.filter(not(users::is_verified)),
        None => accounts,
    };
    accounts = match filter.is_active {
        Some(true) => accounts.filter(users::is_active),
        Some(false) => accounts.filter(not(users::is_active)),
        None => accounts,
    };
    match &filter.search {
        Some(search) => accounts.filter(found_by(search)),
        None => accounts,
    }
}

/// Three ways to be found, each with an index of its own.
fn found_by(search: &AccountSearch) -> Condition {
    let mut found: Condition = Box::new(lower(users::email).like(beginning(&search.email_beginning)));
    for phone in &search.phone_beginnings {
        found = Box::new(found.or(users::phone.like(beginning(phone))));
    }
    let words = search.name.patterns().map(|pattern| users::name_words.like(pattern));
    let all_words = words.fold(None::<Condition>, |all, word| match all {
        None => Some(Box::new(word.nullable())),
        Some(all) => Some(Box::new(all.and(word.nullable()))),
    });
    match all_words {
        Some(all_words) => Box::new(found.or(all_words)),
        None => found,
    }
}

/// `%`, `_` and the backslash mean themselves.
fn beginning(text: &str) -> String {
    format!("{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}
