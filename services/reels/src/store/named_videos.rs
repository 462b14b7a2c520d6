//! Queries on `named_videos`: what products name as their video.

use commerce_types::ProductId;
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::domain::product::{ProductNews, Standing};
use crate::schema::named_videos;

/// A video that nobody has looked at.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = named_videos)]
pub(crate) struct Named {
    pub(crate) product_id: ProductId,
    pub(crate) video_url: String,
}

/// Keeps what an event says, unless a newer one was heard; another video than before is to be looked at. What is off sale is
/// looked at when it comes back.
pub(crate) async fn hear(conn: &mut AsyncPgConnection, news: &ProductNews) -> QueryResult<()> {
    let url = match (news.standing, &news.video_url) {
        (Standing::OnSale, Some(url)) => url,
        (Standing::OffSale, _) => return Ok(()),
        (Standing::OnSale, None) | (Standing::Deleted, _) => {
            let gone = named_videos::table.find(news.id).filter(named_videos::version.le(news.version));
            diesel::delete(gone).execute(conn).await?;
            return Ok(());
        }
    };
    statement(
        "INSERT INTO named_videos AS kept (product_id, video_url, version) VALUES (?, ?, ?) \
         ON CONFLICT (product_id) DO UPDATE SET version = excluded.version, video_url = excluded.video_url, \
           looked_at = CASE WHEN kept.video_url = excluded.video_url THEN kept.looked_at END \
         WHERE kept.version < excluded.version",
    )
    .bind::<SqlUuid, _>(news.id)
    .bind::<Text, _>(url)
    .bind::<BigInt, _>(news.version)
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn list_new(conn: &mut AsyncPgConnection, limit: i64) -> QueryResult<Vec<Named>> {
    let new = Named::query().filter(named_videos::looked_at.is_null());
    new.order(named_videos::product_id).limit(limit).load(conn).await
}

/// Somebody has looked at it, unless the product names another one by now.
pub(crate) async fn looked_at(conn: &mut AsyncPgConnection, named: &Named) -> QueryResult<()> {
    let same = named_videos::table.find(named.product_id).filter(named_videos::video_url.eq(&named.video_url));
    diesel::update(same).set(named_videos::looked_at.eq(diesel::dsl::now)).execute(conn).await?;
    Ok(())
}
