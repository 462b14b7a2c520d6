//! Reels with all that is shown of them: counts, product, seller, and whether somebody likes them.

use chrono::{DateTime, Utc};
use commerce_types::{LikeId, ProductId, ReelId, UserId};
use database::limited;
use diesel::dsl::AsSelect;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::domain::account::Account;
use crate::domain::feed::{Page, Place};
use crate::domain::product::Product;
use crate::domain::reel::{Counts, Reel, ReelStatus, ShownReel};
use crate::schema::{accounts, products, reel_counts, reel_likes, reels};
use crate::store::feed_counts;

/// Which reels a list holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) product_id: Option<ProductId>,
    pub(crate) seller_id: Option<UserId>,
    pub(crate) status: Option<ReelStatus>,
    /// Those that everybody sees, or of any kind.
    pub(crate) only_public: Option<OnlyPublic>,
}

impl Filter {
    /// The feed, whose total is kept.
    const EVERYTHING_PUBLIC: Self =
        Self { product_id: None, seller_id: None, status: None, only_public: Some(OnlyPublic) };
}

/// What is not public is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OnlyPublic;

type Row = (Reel, Counts, Product, Account, bool);

/// With all that is shown of them.
#[diesel::dsl::auto_type]
fn described() -> _ {
    reels::table.inner_join(reel_counts::table).inner_join(products::table).inner_join(accounts::table)
}

#[diesel::dsl::auto_type]
fn columns(who: UserId) -> _ {
    let reel: AsSelect<Reel, Pg> = Reel::as_select();
    let counts: AsSelect<Counts, Pg> = Counts::as_select();
    let product: AsSelect<Product, Pg> = Product::as_select();
    let seller: AsSelect<Account, Pg> = Account::as_select();
    let liked: is_liked = is_liked(who);
    (reel, counts, product, seller, liked)
}

/// Of every status.
pub(crate) async fn find(
    conn: &mut AsyncPgConnection,
    id: ReelId,
    who: Option<UserId>,
) -> QueryResult<Option<ShownReel>> {
    let row: Option<Row> = described()
        .filter(reels::id.eq(id))
        .select(columns(who.unwrap_or_else(nobody)))
        .first(conn)
        .await
        .optional()?;
    Ok(row.map(shown))
}

/// Newest first, one more than the page holds.
pub(crate) async fn list(
    conn: &mut AsyncPgConnection,
    filter: &Filter,
    page: &Page,
    who: Option<UserId>,
) -> QueryResult<Vec<ShownReel>> {
    let mut query = described()
        .select(columns(who.unwrap_or_else(nobody)))
        .order((reels::created_at.desc(), reels::id.desc()))
        .into_boxed();
    if filter.only_public.is_some() {
        query = query.filter(reels::is_public);
    }
    if let Some(product_id) = filter.product_id {
        query = query.filter(reels::product_id.eq(product_id));
    }
    if let Some(seller_id) = filter.seller_id {
        query = query.filter(reels::seller_id.eq(seller_id));
    }
    if let Some(status) = filter.status {
        query = query.filter(reels::status.eq(status));
    }
    if let Some(Place { at, id }) = page.after() {
        // The first condition is one range of the index, the second leaves out what stands at the same moment.
        let behind = reels::created_at.lt(at).or(reels::id.lt(ReelId::from(id)));
        query = query.filter(reels::created_at.le(at)).filter(behind);
    }
    let query = limited(query, page.with_one_more(), page.offset());
    let rows: Vec<Row> = query.load(conn).await?;
    Ok(rows.into_iter().map(shown).collect())
}

/// How many there are on all pages.
pub(crate) async fn count(conn: &mut AsyncPgConnection, filter: &Filter) -> QueryResult<i64> {
    if *filter == Filter::EVERYTHING_PUBLIC {
        return feed_counts::public(conn).await;
    }
    let mut query = reels::table.into_boxed();
    if filter.only_public.is_some() {
        query = query.filter(reels::is_public);
    }
    if let Some(product_id) = filter.product_id {
        query = query.filter(reels::product_id.eq(product_id));
    }
    if let Some(seller_id) = filter.seller_id {
        query = query.filter(reels::seller_id.eq(seller_id));
    }
    if let Some(status) = filter.status {
        query = query.filter(reels::status.eq(status));
    }
    query.count().get_result(conn).await
}

/// Public ones that the account likes, latest like first, one more than the page holds.
pub(crate) async fn list_liked(
    conn: &mut AsyncPgConnection,
    user_id: UserId,
    page: &Page,
) -> QueryResult<Vec<(ShownReel, Place)>> {
    let mut query = reel_likes::table
        .inner_join(reels::table.on(reels::id.eq(reel_likes::reel_id)))
        .inner_join(reel_counts::table.on(reel_counts::reel_id.eq(reels::id)))
        .inner_join(products::table.on(products::id.eq(reels::product_id)))
        .inner_join(accounts::table.on(accounts::id.eq(reels::seller_id)))
        .filter(reel_likes::user_id.eq(user_id))
        .filter(reels::is_public)
        .select((
            Reel::as_select(),
            Counts::as_select(),
            Product::as_select(),
            Account::as_select(),
            reel_likes::created_at,
            reel_likes::id,
        ))
        .order((reel_likes::created_at.desc(), reel_likes::id.desc()))
        .into_boxed();
    if let Some(Place { at, id }) = page.after() {
        let behind = reel_likes::created_at.lt(at).or(reel_likes::id.lt(LikeId::from(id)));
        query = query.filter(reel_likes::created_at.le(at)).filter(behind);
    }
    let query = limited(query, page.with_one_more(), page.offset());
    let rows: Vec<(Reel, Counts, Product, Account, DateTime<Utc>, LikeId)> = query.load(conn).await?;
    Ok(rows
        .into_iter()
        .map(|(reel, counts, product, seller, at, id)| {
            let shown = shown((reel, counts, product, seller, true));
            (ShownReel { liked_at: Some(at), ..shown }, Place { at, id: id.into() })
        })
        .collect())
}

/// How many public reels the account likes.
pub(crate) async fn count_liked(conn: &mut AsyncPgConnection, user_id: UserId) -> QueryResult<i64> {
    reel_likes::table
        .inner_join(reels::table.on(reels::id.eq(reel_likes::reel_id)))
        .filter(reel_likes::user_id.eq(user_id))
        .filter(reels::is_public)
        .count()
        .get_result(conn)
        .await
}

/// By the account: one look at the index for each reel of the page, however many it likes.
#[diesel::dsl::auto_type]
fn is_liked(who: UserId) -> _ {
    let own = reel_likes::table.filter(reel_likes::reel_id.eq(reels::id)).filter(reel_likes::user_id.eq(who));
    own.select(reel_likes::id).single_value().is_not_null()
}

/// Who is not signed in likes nothing.
fn nobody() -> UserId {
    Uuid::nil().into()
}

fn shown((reel, counts, product, seller, is_liked): Row) -> ShownReel {
    ShownReel { reel, counts, product, seller: seller.into(), is_liked, liked_at: None }
}
