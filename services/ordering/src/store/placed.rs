//! Writes what a checkout placed: orders, lines and the first step of each, in one statement.

use commerce_types::{Folded, HistoryId};
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::checkout::Checkout;
use crate::domain::order::Actor;

/// The whole checkout; false when it is there already. A transaction that placed it and has not ended is waited for.
pub(crate) async fn insert(
    conn: &AsyncPgConnection,
    checkout: &Checkout,
    history_ids: Vec<HistoryId>,
) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Placed {
        #[diesel(sql_type = BigInt)]
        orders: i64,
    }
    let orders = || checkout.parcels.iter().map(|parcel| &parcel.order);
    let items = || checkout.parcels.iter().flat_map(|parcel| &parcel.items);
    let Some(common) = orders().next() else {
        return Ok(true);
    };
    let contact = &common.contact;
    let placed: Placed = statement(INSERT)
        .bind::<Array<SqlUuid>, _>(orders().map(|order| order.id).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(orders().map(|order| order.order_number.as_str()).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(orders().map(|order| order.seller_id).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(orders().map(|order| order.subtotal).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(orders().map(|order| order.total).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(history_ids)
        .bind::<Text, _>(common.kind)
        .bind::<Nullable<SqlUuid>, _>(common.checkout_id)
        .bind::<Nullable<SqlUuid>, _>(common.user_id)
        .bind::<Text, _>(contact.customer_name.as_str())
        .bind::<Text, _>(Folded::new(&contact.customer_name))
        .bind::<Nullable<Text>, _>(contact.customer_email.as_deref())
        .bind::<Nullable<Text>, _>(contact.customer_phone.as_ref())
        .bind::<Nullable<Text>, _>(common.customer_wilaya.as_deref())
        .bind::<Nullable<Text>, _>(contact.customer_commune.as_deref())
        .bind::<Nullable<Text>, _>(contact.shipping_address.as_deref())
        .bind::<Text, _>(common.delivery_type)
        .bind::<BigInt, _>(common.shipping_cost)
        .bind::<Text, _>(common.status)
        .bind::<Text, _>(common.payment_method)
        .bind::<Text, _>(common.payment_status)
        .bind::<Nullable<Text>, _>(contact.notes.as_deref())
        .bind::<BigInt, _>(common.version)
        .bind::<Timestamptz, _>(common.created_at)
        .bind::<Timestamptz, _>(common.updated_at)
        .bind::<Array<SqlUuid>, _>(items().map(|item| item.order_id).collect::<Vec<_>>())
        .bind::<Array<SmallInt>, _>(items().map(|item| item.position).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(items().map(|item| item.id).collect::<Vec<_>>())
        .bind::<Array<Nullable<SqlUuid>>, _>(items().map(|item| item.product_id).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(items().map(|item| item.product_name.as_str()).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(items().map(|item| item.product_image.as_deref()).collect::<Vec<_>>())
        .bind::<Array<Integer>, _>(items().map(|item| item.quantity).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(items().map(|item| item.price).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(items().map(|item| item.subtotal).collect::<Vec<_>>())
        .bind::<Text, _>(Actor::Customer)
        .get_result(&mut &*conn)
        .await?;
    Ok(placed.orders > 0)
}

/// One statement for all of it: the foreign keys of lines and steps are looked at when it ends.
const INSERT: &str = "\
WITH parcel AS (\
  SELECT * FROM unnest(?, ?, ?, ?, ?, ?) \
  AS parcel (id, order_number, seller_id, subtotal, total, history_id)), \
placed AS (\
  INSERT INTO orders (id, order_number, seller_id, subtotal, total, kind, checkout_id, user_id, customer_name, \
    customer_name_folded, customer_email, customer_phone, customer_wilaya, customer_commune, shipping_address, \
    delivery_type, shipping_cost, status, payment_method, payment_status, notes, version, created_at, updated_at) \
  SELECT id, order_number, seller_id, subtotal, total, \
    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM parcel \
  ON CONFLICT (id) DO NOTHING \
  RETURNING id, version, user_id, status, payment_status, created_at), \
items AS (\
  INSERT INTO order_items \
    (order_id, position, id, product_id, product_name, product_image, quantity, price, subtotal) \
  SELECT item.* FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?) \
    AS item (order_id, position, id, product_id, product_name, product_image, quantity, price, subtotal) \
  WHERE order_id IN (SELECT id FROM placed)), \
history AS (\
  INSERT INTO order_history (order_id, version, id, to_status, payment_status, actor, actor_id, created_at) \
  SELECT placed.id, placed.version, parcel.history_id, placed.status, placed.payment_status, ?, \
    placed.user_id, placed.created_at \
  FROM placed JOIN parcel USING (id)) \
SELECT count(*) AS orders FROM placed";
