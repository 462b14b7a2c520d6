//! What media does with what it hears, and that what it says is sent.

use events::{Event, Relay, names};
use protocol::catalog::v1 as catalog;
use protocol::identity::v1::UserDeleted;
use protocol::media::v1::Upload;
use protocol::media::v1::UploadKind::{Avatar, Image, ProductImage, ReelVideo};
use protocol::reels::v1 as reels;
use service_runtime::Ids;
use test_support::{TestDatabase, customer, eventually, seller};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::harness::{MediaTest, SOON, intent, jpeg, of_product, video};

/// Another service's outbox, published.
struct Others {
    database: TestDatabase,
}

impl Others {
    async fn start() -> Self {
        Self { database: TestDatabase::new("cart").await }
    }

    async fn say(&self, media: &MediaTest, said: &[Event]) {
        events::write(&self.database.conn().await, said).await.unwrap();
        let stop = CancellationToken::new();
        let relay = Relay::new("others", self.database.pool(), media.broker.as_ref().unwrap().broker());
        let sent = async {
            let unsent = "SELECT count(*) FROM outbox WHERE sent_at IS NULL";
            eventually(SOON, async || self.database.number(unsent).await == 0).await;
            stop.cancel();
        };
        let (ended, ()) = futures::future::join(relay.run(stop.clone()), sent).await;
        ended.unwrap();
    }
}

fn product_removed(id: Uuid, reason: catalog::RemovalReason) -> Event {
    let product = catalog::ProductFact { id: id.to_string(), ..Default::default() };
    let payload = catalog::ProductRemoved { product: Some(product), reason: reason.into() };
    Event::new(names::PRODUCT_REMOVED, id, &payload)
}

fn reel_removed(upload: &Upload, reason: reels::ReelRemoval) -> Event {
    let id: Uuid = Ids.next();
    let reel = reels::ReelFact { id: id.to_string(), ..Default::default() };
    let payload = reels::ReelRemoved { reel: Some(reel), reason: reason.into(), upload_id: Some(upload.id.clone()) };
    Event::new(names::REEL_REMOVED, id, &payload)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_a_deleted_product_go_and_those_that_were_sold_stay() {
    let (media, others) = (MediaTest::start_with_broker().await, Others::start().await);
    let own = seller();
    let (product, other) = (media.product_of(&own), media.product_of(&own));
    let mut images = Vec::new();
    for product in [product, product, other] {
        let sent = media.send(&own, of_product(ProductImage, product), &jpeg()).await.unwrap();
        images.push(media.settled(&sent).await);
    }
    media.others.show("ordering", images[1].url.as_ref().unwrap());
    let off_sale = product_removed(other.into(), catalog::RemovalReason::OffSale);
    others.say(&media, &[off_sale, product_removed(product.into(), catalog::RemovalReason::Deleted)]).await;
    media.has_objects(4).await;
    let ids = "SELECT count(*) FROM uploads WHERE ask_at IS NOT NULL";
    assert_eq!((media.number("SELECT count(*) FROM uploads").await, media.number(ids).await), (2, 1));
    // What media says reaches the broker.
    eventually(SOON, async || media.number("SELECT count(*) FROM outbox WHERE sent_at IS NULL").await == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_video_of_a_deleted_reel_goes_and_one_that_may_become_a_reel_does_not() {
    let (media, others) = (MediaTest::start_with_broker().await, Others::start().await);
    let own = seller();
    let product = media.product_of(&own);
    let mut videos = Vec::new();
    for _ in 0..2 {
        let sent = media.send(&own, of_product(ReelVideo, product), video()).await.unwrap();
        videos.push(media.settled(&sent).await);
    }
    let gone =
        [reel_removed(&videos[1], reels::ReelRemoval::Hidden), reel_removed(&videos[0], reels::ReelRemoval::Deleted)];
    others.say(&media, &gone).await;
    media.has_objects(2).await;
    assert_eq!(media.s3.keys()[0], *videos[1].key.as_ref().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_a_deleted_account_but_what_others_show() {
    let (media, others) = (MediaTest::start_with_broker().await, Others::start().await);
    let (gone, stays) = (customer(), customer());
    let mut sent = Vec::new();
    for (owner, kind) in [(&gone, Avatar), (&gone, Image), (&stays, Avatar)] {
        let upload = media.send(owner, intent(kind), &jpeg()).await.unwrap();
        sent.push(media.settled(&upload).await);
    }
    media.write(&gone, intent(Avatar), "image/jpeg", &jpeg()).await;
    media.others.show("ordering", sent[1].url.as_ref().unwrap());
    let payload = UserDeleted { user_id: gone.user_id.to_string(), clerk_id: "user_x".to_owned() };
    others.say(&media, &[Event::new(names::USER_DELETED, gone.user_id.into(), &payload)]).await;
    eventually(SOON, async || media.number("SELECT count(*) FROM uploads").await == 2).await;
    media.execute("UPDATE doomed_objects SET due_at = now()").await;
    media.has_objects(4).await;
}
