//! Queries on `orders`.

use chrono::{DateTime, Utc};
use commerce_types::{Folded, OrderId, Phone, UserId};
use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::buyer::Contact;
use crate::domain::order::{Order, OrderKind, OrderStatus};
use crate::domain::order_list::{Filter, Search};
use crate::schema::orders;

define_sql_function! {
    /// Backwards, so that the end of a phone is the beginning of what an index holds.
    fn reverse(text: Nullable<Text>) -> Nullable<Text>;
}

pub(crate) async fn find(conn: &mut AsyncPgConnection, id: OrderId) -> QueryResult<Option<Order>> {
    Order::query().filter(orders::id.eq(id)).first(conn).await.optional()
}

/// By number and phone together; only retail orders that still have a phone.
pub(crate) async fn find_by_number_and_phone(
    conn: &mut AsyncPgConnection,
    order_number: &str,
    phone: &str,
) -> QueryResult<Option<Order>> {
    Order::query()
        .filter(orders::order_number.eq(order_number))
        .filter(orders::customer_phone.eq(phone))
        .filter(orders::kind.eq(OrderKind::Retail))
        .filter(orders::wiped_at.is_null())
        .first(conn)
        .await
        .optional()
}

/// A page, newest first.
pub(crate) async fn list(
    conn: &mut AsyncPgConnection,
    filter: &Filter,
    limit: i64,
    offset: i64,
) -> QueryResult<Vec<Order>> {
    newest_first(matching(filter).select(Order::as_select())).limit(limit).offset(offset).load(conn).await
}

/// A page, newest first, and how many there are on all pages; nothing of a page behind the last one. All are found before
/// they are sorted: through the indexes of what is sought, once for both.
pub(crate) async fn list_counted(
    conn: &mut AsyncPgConnection,
    filter: &Filter,
    limit: i64,
    offset: i64,
) -> QueryResult<Option<(Vec<Order>, i64)>> {
    let found = matching(filter).select((orders::id, sql::<BigInt>("count(*) OVER ()")));
    let found: Vec<(OrderId, i64)> = newest_first(found).limit(limit).offset(offset).load(conn).await?;
    let Some(&(_, total)) = found.as_slice().first() else { return Ok((offset == 0).then(|| (Vec::new(), 0))) };
    let page = orders::table.filter(orders::id.eq_any(found.into_iter().map(|(id, _)| id))).into_boxed();
    Ok(Some((newest_first(page.select(Order::as_select())).load(conn).await?, total)))
}

/// How many there are on all pages.
pub(crate) async fn count(conn: &mut AsyncPgConnection, filter: &Filter) -> QueryResult<i64> {
    matching(filter).count().get_result(conn).await
}

/// How many of a seller are not finished. The condition is a literal, as in the partial index: only so is it used by
/// prepared statements too.
pub(crate) async fn count_open(conn: &mut AsyncPgConnection, seller_id: UserId) -> QueryResult<i64> {
    let is_open = sql::<Bool>("status IN ('pending', 'confirmed', 'processing', 'shipped')");
    orders::table.filter(orders::seller_id.eq(seller_id)).filter(is_open).count().get_result(conn).await
}

fn newest_first<'a, S>(query: orders::BoxedQuery<'a, Pg, S>) -> orders::BoxedQuery<'a, Pg, S> {
    query.order((orders::created_at.desc(), orders::id.desc()))
}

fn matching(filter: &Filter) -> orders::BoxedQuery<'_, Pg> {
    let mut query = orders::table.into_boxed();
    if let Some(user_id) = filter.user_id {
        query = query.filter(orders::user_id.eq(user_id));
    }
    if let Some(seller_id) = filter.seller_id {
        query = query.filter(orders::seller_id.eq(seller_id));
    }
    if let Some(status) = filter.status {
        query = query.filter(orders::status.eq(status));
    }
    if let Some(payment_status) = filter.payment_status {
        query = query.filter(orders::payment_status.eq(payment_status));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(orders::kind.eq(kind));
    }
    if let Some(from) = filter.from {
        query = query.filter(orders::created_at.ge(from));
    }
    if let Some(before) = filter.before {
        query = query.filter(orders::created_at.lt(before));
    }
    match &filter.search {
        Some(search) => found_by(query, search),
        None => query,
    }
}

/// Three ways to be found, each with an index of its own.
fn found_by<'a>(query: orders::BoxedQuery<'a, Pg>, search: &Search) -> orders::BoxedQuery<'a, Pg> {
    let number = orders::order_number.like(format!("{}%", escaped(&search.number_beginning)));
    let name = orders::customer_name_folded.like(format!("%{}%", escaped(search.name.as_str())));
    match &search.phone_end {
        None => query.filter(number.or(name)),
        Some(end) => {
            let backwards: String = end.chars().rev().collect();
            let phone = reverse(orders::customer_phone).like(format!("{backwards}%"));
            query.filter(number.or(name).nullable().or(phone))
        }
    }
}

/// `%`, `_` and the backslash mean themselves.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// Writes a step unless the order took another one since it was read; false then.
pub(crate) async fn update(conn: &mut AsyncPgConnection, before: &Order, after: &Order) -> QueryResult<bool> {
    let unmoved = orders::table
        .filter(orders::id.eq(before.id))
        .filter(orders::status.eq(before.status))
        .filter(orders::version.eq(before.version));
    let rows = diesel::update(unmoved)
        .set((
            orders::status.eq(after.status),
            orders::payment_status.eq(after.payment_status),
            orders::delivery_at.eq(after.delivery_at),
            orders::tracking_number.eq(after.tracking_number.as_deref()),
            orders::version.eq(after.version),
            orders::updated_at.eq(after.updated_at),
        ))
        .execute(conn)
        .await?;
    Ok(rows == 1)
}

/// Erases the personal fields of one order.
pub(crate) async fn wipe(conn: &mut AsyncPgConnection, id: OrderId, now: DateTime<Utc>) -> QueryResult<()> {
    diesel::update(orders::table.filter(orders::id.eq(id))).set(Wiped::at(now)).execute(conn).await?;
    Ok(())
}

/// Erases the personal fields of an account's finished orders, and says how many they were.
pub(crate) async fn wipe_finished(
    conn: &mut AsyncPgConnection,
    user_id: UserId,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let finished = orders::table
        .filter(orders::user_id.eq(user_id))
        .filter(orders::status.eq_any(OrderStatus::FINISHED))
        .filter(orders::wiped_at.is_null());
    diesel::update(finished).set(Wiped::at(now)).execute(conn).await
}

#[derive(AsChangeset)]
#[diesel(table_name = orders, treat_none_as_null = true)]
struct Wiped {
    customer_name: String,
    customer_name_folded: Folded,
    customer_email: Option<String>,
    customer_phone: Option<Phone>,
    customer_commune: Option<String>,
    shipping_address: Option<String>,
    notes: Option<String>,
    wiped_at: Option<DateTime<Utc>>,
}

impl Wiped {
    fn at(now: DateTime<Utc>) -> Self {
        let contact = Contact::wiped();
        Self {
            customer_name_folded: Folded::new(&contact.customer_name),
            customer_name: contact.customer_name,
            customer_email: contact.customer_email,
            customer_phone: contact.customer_phone,
            customer_commune: contact.customer_commune,
            shipping_address: contact.shipping_address,
            notes: contact.notes,
            wiped_at: Some(now),
        }
    }
}
