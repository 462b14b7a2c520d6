//! Queries on `users`. Deleted accounts stay as tombstones: who must not see them asks for the living.

use commerce_types::{Folded, UserId};
use diesel::helper_types::IntoBoxed;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::seller_list::{Direction, UserSort, name_words};
use crate::domain::user::{NAMELESS, NewUser, User};
use crate::schema::users;

pub(crate) async fn find(conn: &mut AsyncPgConnection, id: UserId) -> QueryResult<Option<User>> {
    User::query().filter(users::id.eq(id)).first(conn).await.optional()
}

/// By the claim `sub`; tombstones too.
pub(crate) async fn find_by_clerk_id(conn: &mut AsyncPgConnection, clerk_id: &str) -> QueryResult<Option<User>> {
    User::query().filter(users::clerk_id.eq(clerk_id)).first(conn).await.optional()
}

/// The living among them, in no order.
pub(crate) async fn list(conn: &mut AsyncPgConnection, ids: &[UserId]) -> QueryResult<Vec<User>> {
    User::query().filter(users::id.eq_any(ids)).filter(users::deleted_at.is_null()).load(conn).await
}

/// Those among them that there ever were, tombstones too, in no order.
pub(crate) async fn list_ever(conn: &mut AsyncPgConnection, ids: &[UserId]) -> QueryResult<Vec<User>> {
    User::query().filter(users::id.eq_any(ids)).load(conn).await
}

/// Those of these addresses that profiles show.
pub(crate) async fn list_files_in_use(conn: &mut AsyncPgConnection, urls: &[String]) -> QueryResult<Vec<String>> {
    let shown = users::table.filter(users::avatar_url.eq_any(urls));
    shown.select(users::avatar_url.assume_not_null()).distinct().load(conn).await
}

/// Made total by the id; equal values keep the direction.
pub(super) fn sorted(
    accounts: IntoBoxed<'_, users::table, Pg>,
    sort: UserSort,
    direction: Direction,
) -> IntoBoxed<'_, users::table, Pg> {
    match (sort, direction) {
        (UserSort::CreatedAt, Direction::Ascending) => accounts.order((users::created_at.asc(), users::id.asc())),
        (UserSort::CreatedAt, Direction::Descending) => accounts.order((users::created_at.desc(), users::id.desc())),
        (UserSort::FullName, Direction::Ascending) => accounts.order((users::name_words.asc(), users::id.asc())),
        (UserSort::FullName, Direction::Descending) => accounts.order((users::name_words.desc(), users::id.desc())),
    }
}

/// The living among them, locked in id order everywhere, so that two admins wait for each other and never dead-lock.
pub(crate) async fn lock(conn: &mut AsyncPgConnection, ids: &[UserId]) -> QueryResult<Vec<User>> {
    User::query()
        .filter(users::id.eq_any(ids))
        .filter(users::deleted_at.is_null())
        .order(users::id)
        .for_no_key_update()
        .load(conn)
        .await
}

/// Tombstones too.
pub(crate) async fn lock_by_clerk_id(conn: &mut AsyncPgConnection, clerk_id: &str) -> QueryResult<Option<User>> {
    User::query().filter(users::clerk_id.eq(clerk_id)).for_no_key_update().first(conn).await.optional()
}

/// Nothing if the Clerk id has an account. One that is being made at this moment is waited for.
pub(crate) async fn insert(conn: &mut AsyncPgConnection, new: &NewUser) -> QueryResult<Option<User>> {
    let full_name = new.claims.name.as_deref().unwrap_or(NAMELESS);
    let row = (
        users::id.eq(new.id),
        users::clerk_id.eq(&new.clerk_id),
        users::email.eq(&new.claims.email),
        users::full_name.eq(full_name),
        users::name_words.eq(name_words(full_name)),
        users::role.eq(new.standing.role()),
        users::seller_category.eq(new.standing.seller_category()),
        users::approval.eq(new.standing.approval()),
        users::avatar_url.eq(&new.claims.picture),
    );
    diesel::insert_into(users::table)
        .values(row)
        .on_conflict(users::clerk_id)
        .do_nothing()
        .returning(User::as_returning())
        .get_result(conn)
        .await
        .optional()
}

/// Writes what can change of an account that the caller has locked, as its next version.
pub(crate) async fn update(conn: &mut AsyncPgConnection, user: &User) -> QueryResult<User> {
    let row = (
        users::email.eq(&user.email),
        users::full_name.eq(&user.full_name),
        users::name_words.eq(name_words(&user.full_name)),
        users::role.eq(user.standing.role()),
        users::seller_category.eq(user.standing.seller_category()),
        users::approval.eq(user.standing.approval()),
        users::phone.eq(&user.phone),
        users::wilaya.eq(&user.wilaya),
        users::wilaya_folded.eq(user.wilaya.as_deref().map(Folded::new)),
        users::bio.eq(&user.bio),
        users::avatar_url.eq(&user.avatar_url),
        users::is_verified.eq(user.is_verified),
        users::is_active.eq(user.is_active),
        users::is_switched_off.eq(user.is_switched_off),
        users::is_banned.eq(user.is_banned),
        users::clerk_updated_at.eq(user.clerk_updated_at),
        users::deleted_at.eq(user.deleted_at),
    );
    let edited = (
        users::full_name_edited.eq(user.full_name_edited),
        users::phone_edited.eq(user.phone_edited),
        users::avatar_url_edited.eq(user.avatar_url_edited),
        users::version.eq(users::version + 1),
        users::updated_at.eq(diesel::dsl::now),
    );
    diesel::update(users::table.filter(users::id.eq(user.id)))
        .set((row, edited))
        .returning(User::as_returning())
        .get_result(conn)
        .await
}
