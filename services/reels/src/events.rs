//! What reels says, and what it hears.

use std::collections::{BTreeMap, BTreeSet};

use ::events::{Event, Handler, HandlerError, Received, names};
use commerce_types::{CommentId, Money, ProductId, PublicUser, ReelId, UserId};
use diesel_async::AsyncPgConnection;
use protocol::catalog::v1 as catalog;
use protocol::convert::{Malformed, parse, required};
use protocol::identity::v1 as identity;
use protocol::media::v1 as media;
use protocol::reels::v1 as wire;
use protocol::types::v1::AdminAction;
use serde_json::Value;
use uuid::Uuid;

use crate::app::App;
use crate::domain::comment::ShownComment;
use crate::domain::likes::Wish;
use crate::domain::product::{ProductNews, Standing, StockNews};
use crate::domain::reel::{Reel, SentVideo};
use crate::error::Error;
use crate::media_client::sent_video;
use crate::operations::follow_uploads::settle;
use crate::operations::forget_accounts::forget_accounts;
use crate::operations::hear_products::hear_product;
use crate::{reply, store};

/// So many rows at a time: a statement has an end to its values.
const ROWS: usize = 1_000;

/// Writes any number of events.
pub(crate) async fn write_all(conn: &mut AsyncPgConnection, said: &[Event]) -> Result<(), Error> {
    for rows in said.chunks(ROWS) {
        ::events::write(conn, rows).await?;
    }
    Ok(())
}

fn fact(reel: &Reel) -> Option<wire::ReelFact> {
    Some(wire::ReelFact {
        id: reel.id.to_string(),
        product_id: reel.product_id.to_string(),
        seller_id: reel.seller_id.to_string(),
        public: reel.is_public,
    })
}

/// It was made, or is shown again.
pub(crate) fn reel_published(reel: &Reel) -> Event {
    Event::new(names::REEL_PUBLISHED, reel.id.into(), &wire::ReelPublished { reel: fact(reel) })
}

pub(crate) fn reel_ready(reel: &Reel) -> Event {
    let payload = wire::ReelReady { reel: fact(reel), video: reply::video(&reel.file) };
    Event::new(names::REEL_READY, reel.id.into(), &payload)
}

/// Its product went off sale.
pub(crate) fn reel_hidden(reel: &Reel) -> Event {
    removed(reel, wire::ReelRemoval::Hidden)
}

pub(crate) fn reel_deleted(reel: &Reel) -> Event {
    removed(reel, wire::ReelRemoval::Deleted)
}

fn removed(reel: &Reel, reason: wire::ReelRemoval) -> Event {
    let upload_id = reel.upload_id.map(Into::into);
    let payload = wire::ReelRemoved { reel: fact(reel), reason: reason.into(), upload_id };
    Event::new(names::REEL_REMOVED, reel.id.into(), &payload)
}

/// A wish that moved the reel's likes to `likes`; under the id that was drawn for it.
pub(crate) fn like_moved(wish: &Wish, likes: i64) -> Event {
    let (reel_id, user_id) = (wish.reel_id.to_string(), wish.user_id.to_string());
    let event = if wish.liked {
        let payload = wire::ReelLiked { reel_id, user_id, likes_count: likes };
        Event::new(names::REEL_LIKED, wish.reel_id.into(), &payload)
    } else {
        let payload = wire::ReelUnliked { reel_id, user_id, likes_count: likes };
        Event::new(names::REEL_UNLIKED, wish.reel_id.into(), &payload)
    };
    event.with_id(wish.event_id)
}

/// A like went with its account.
pub(crate) fn reel_unliked(reel_id: ReelId, user_id: UserId, likes: i64) -> Event {
    let payload = wire::ReelUnliked { reel_id: reel_id.to_string(), user_id: user_id.to_string(), likes_count: likes };
    Event::new(names::REEL_UNLIKED, reel_id.into(), &payload)
}

/// Under the comment's own id, by which it is told anew when the comment goes.
pub(crate) fn comment_added(shown: &ShownComment, comments: i64) -> Event {
    let comment = &shown.comment;
    let payload = wire::CommentAdded { comment: Some(reply::comment(shown)), comments_count: comments };
    Event::new(names::COMMENT_ADDED, comment.reel_id.into(), &payload).with_id(comment.id.into())
}

/// What is left of [`comment_added`] when the comment is gone: neither what was said nor who said it.
pub(crate) fn comment_gone(reel_id: ReelId, id: CommentId) -> Event {
    let comment = wire::Comment { id: id.to_string(), reel_id: reel_id.to_string(), ..wire::Comment::default() };
    let payload = wire::CommentAdded { comment: Some(comment), comments_count: 0 };
    Event::new(names::COMMENT_ADDED, reel_id.into(), &payload).with_id(id.into())
}

pub(crate) fn comment_removed(reel_id: ReelId, id: CommentId, comments: i64) -> Event {
    let payload =
        wire::CommentRemoved { reel_id: reel_id.to_string(), comment_id: id.to_string(), comments_count: comments };
    Event::new(names::COMMENT_REMOVED, reel_id.into(), &payload)
}

pub(crate) fn views_counted(reel_id: ReelId, views: i64) -> Event {
    let payload = wire::ViewsCounted { reel_id: reel_id.to_string(), views_count: views };
    Event::new(names::VIEWS_COUNTED, reel_id.into(), &payload)
}

/// What an admin did to what is not theirs; `target` is its type and id.
pub(crate) fn admin_action(
    admin: UserId,
    action: &str,
    (target_type, target_id): (&str, Uuid),
    changes: &Value,
    request_id: &str,
) -> Event {
    let payload = AdminAction {
        actor_id: admin.to_string(),
        action: action.to_owned(),
        target_type: target_type.to_owned(),
        target_id: target_id.to_string(),
        changes: changes.to_string(),
        request_id: request_id.to_owned(),
    };
    Event::new(names::REELS_ADMIN_ACTION, target_id, &payload)
}

/// What is done with what is heard.
pub(crate) struct Hears {
    app: App,
}

impl Hears {
    pub(crate) fn new(app: App) -> Self {
        Self { app }
    }
}

impl Handler for Hears {
    /// Products one by one in their order, their stock in one statement, and what is deleted last and together: its reels
    /// are locked in one order.
    async fn apply(&self, conn: &mut AsyncPgConnection, batch: &[Received]) -> Result<(), HandlerError> {
        let now = self.app.clock.now();
        let (mut changed, mut gone) = (Vec::new(), BTreeSet::new());
        let (mut stock, mut deleted, mut settled) = (BTreeMap::new(), Vec::new(), Vec::new());
        for event in batch {
            match event.name.as_str() {
                names::USER_REGISTERED => changed.push(account(event.decode::<identity::UserRegistered>()?.account)?),
                names::USER_CHANGED => changed.push(account(event.decode::<identity::UserChanged>()?.account)?),
                names::USER_DELETED => {
                    gone.insert(parse("user_id", &event.decode::<identity::UserDeleted>()?.user_id)?);
                }
                names::STOCK_SHOWN => hear_stock(&mut stock, event.decode()?)?,
                names::VIDEO_READY => settled.push(sent(event.decode::<media::VideoReady>()?.upload)?),
                names::UPLOAD_FAILED => settled.push(sent(event.decode::<media::UploadFailed>()?.upload)?),
                _ => {
                    if let Some(news) = product_news(event)? {
                        store::named_videos::hear(conn, &news).await?;
                        deleted.extend(hear_product(conn, &news, now).await?);
                    }
                }
            }
        }
        if !changed.is_empty() {
            store::accounts::update(conn, &changed).await?;
        }
        if !stock.is_empty() {
            store::products::hear_stock(conn, &stock.into_values().collect::<Vec<_>>()).await?;
        }
        for video in settled {
            settle(conn, video, now).await?;
        }
        if !gone.is_empty() || !deleted.is_empty() {
            forget_accounts(conn, &gone, deleted, now).await?;
        }
        Ok(())
    }

    async fn committed(&self, _batch: &[Received]) {
        self.app.waker.wake();
    }
}

fn account(state: Option<identity::AccountState>) -> Result<(PublicUser, i64), Malformed> {
    let state = required("account", state)?;
    Ok((required("user", state.user)?.try_into()?, state.version))
}

fn sent(upload: Option<media::Upload>) -> Result<SentVideo, Malformed> {
    sent_video(required("upload", upload)?)
}

/// The newest of each product.
fn hear_stock(stock: &mut BTreeMap<ProductId, StockNews>, shown: catalog::StockShown) -> Result<(), Malformed> {
    for shown in shown.products {
        let id = parse("product_id", &shown.product_id)?;
        let news = StockNews { id, in_stock: shown.in_stock, version: shown.stock_version };
        let kept = stock.entry(id).or_insert(news);
        if news.version > kept.version {
            *kept = news;
        }
    }
    Ok(())
}

fn product_news(event: &Received) -> Result<Option<ProductNews>, HandlerError> {
    let (product, standing) = match event.name.as_str() {
        names::PRODUCT_PUBLISHED => (event.decode::<catalog::ProductPublished>()?.product, Standing::OnSale),
        names::PRODUCT_CHANGED => (event.decode::<catalog::ProductChanged>()?.product, Standing::OnSale),
        names::PRODUCT_REMOVED => {
            let removed: catalog::ProductRemoved = event.decode()?;
            let deleted = removed.reason() == catalog::RemovalReason::Deleted;
            (removed.product, if deleted { Standing::Deleted } else { Standing::OffSale })
        }
        _ => return Ok(None),
    };
    let product = required("product", product)?;
    let money = |field, centimes| Money::from_centimes(centimes).map_err(|_ignored| Malformed::Invalid(field));
    Ok(Some(ProductNews {
        id: parse("id", &product.id)?,
        price: money("price_centimes", product.price_centimes)?,
        original_price: product
            .original_price_centimes
            .map(|price| money("original_price_centimes", price))
            .transpose()?,
        slug: product.slug,
        name: product.name,
        image_url: product.image_url,
        video_url: product.video_url,
        version: product.version,
        standing,
    }))
}
