//! `ViewReel`, and the writing of what was counted.

use events::names::VIEWS_COUNTED;
use futures::future::join_all;
use protocol::reels::v1::ViewsCounted;
use service_error::Reason;
use test_support::{eventually, outbox};

use crate::harness::{ReelsTest, SOON, reason};

#[tokio::test]
async fn a_viewer_counts_once_and_the_number_never_falls() {
    let reels = ReelsTest::start().await;
    let reel = reels.made().await;
    let looks = (0..60).map(async |number| reels.view(reel, &format!("viewer-{}", number % 20)).await);
    let counted = join_all(looks).await.into_iter().filter(|look| look.as_ref().unwrap().counted).count();
    assert_eq!(counted, 20);
    let mut last = 20;
    for number in 20..60 {
        let look = reels.view(reel, &format!("viewer-{number}")).await.unwrap();
        assert!(look.counted && look.views_count > last, "{} after {last}", look.views_count);
        last = look.views_count;
    }
    let written = async || reels.number("SELECT views FROM reel_counts").await;
    eventually(SOON, async || written().await == 60).await;
    let said: Vec<ViewsCounted> = outbox::messages(&mut reels.database.conn().await, VIEWS_COUNTED).await;
    assert!(said.windows(2).all(|pair| pair[0].views_count < pair[1].views_count));
    assert_eq!(said.last().unwrap().views_count, 60);
}

#[tokio::test]
async fn without_redis_a_look_is_answered_with_what_is_written() {
    let reels = ReelsTest::start_with(None, |config| config.redis_url = "redis://127.0.0.1:1".to_owned()).await;
    let reel = reels.made().await;
    let look = reels.view(reel, "somebody").await.unwrap();
    assert_eq!((look.views_count, look.counted), (0, false));
    let hidden = reels.reel().off_sale().insert().await;
    assert_eq!(reason(reels.view(hidden, "somebody").await), Reason::ReelNotFound);
}
