//! Lists of reels: who sees what, and walks that miss nothing and repeat nothing.

use access_token::{Account, Caller};
use protocol::reels::v1::{
    ListLikedReelsRequest, ListOwnReelsRequest, ListReelsRequest, ListReelsResponse, ReelStatus,
};
use service_error::Reason;
use test_support::customer;

use crate::builders::Made;
use crate::harness::{ReelsTest, after, first, reason};

fn ids(list: &ListReelsResponse) -> Vec<String> {
    list.reels.iter().map(|reel| reel.id.clone()).collect()
}

#[tokio::test]
async fn a_walk_shows_each_reel_once_whatever_comes_meanwhile() {
    let reels = ReelsTest::start().await;
    let mut made = Vec::new();
    for age in 0..7 {
        made.push(reels.reel().minutes_old(age).insert().await.id.to_string());
    }
    let mut page = reels.list(&Caller::GUEST, ListReelsRequest { page: first(3), ..Default::default() }).await.unwrap();
    assert_eq!(page.total, Some(7));
    let mut seen = Vec::new();
    loop {
        seen.extend(ids(&page));
        let Some(cursor) = page.next_cursor.clone() else { break };
        reels.made().await;
        let request = ListReelsRequest { page: after(3, &cursor), ..Default::default() };
        page = reels.list(&Caller::GUEST, request).await.unwrap();
        assert_eq!(page.total, None);
    }
    assert_eq!(seen, made);
}

#[tokio::test]
async fn a_cursor_is_of_one_list() {
    let reels = ReelsTest::start().await;
    let reel = reels.made().await;
    reels.reel().beside(reel).minutes_old(1).insert().await;
    let of_seller = |page| ListReelsRequest { page, seller_id: Some(reel.seller_id.to_string()), product_id: None };
    let cursor = reels.list(&Caller::GUEST, of_seller(first(1))).await.unwrap().next_cursor.unwrap();
    assert_eq!(reels.list(&Caller::GUEST, of_seller(after(1, &cursor))).await.unwrap().reels.len(), 1);
    for (page, seller_id) in [(after(1, &cursor), None), (after(1, "AAAA"), Some(reel.seller_id.to_string()))] {
        let foreign = reels.list(&Caller::GUEST, ListReelsRequest { page, seller_id, product_id: None }).await;
        assert_eq!(reason(foreign), Reason::InvalidCursor);
    }
}

#[tokio::test]
async fn what_is_not_public_is_its_sellers_and_the_admins() {
    let reels = ReelsTest::start().await;
    let shown = reels.made().await;
    let hidden = reels.reel().off_sale().insert().await;
    let processing = reels.reel().beside(shown).processing().minutes_old(1).insert().await;
    let seller = |reel: Made| Caller::Account(Account { user_id: reel.seller_id, ..test_support::seller() });
    let admin = Caller::Account(test_support::admin());
    for reel in [hidden, processing] {
        for nobody in [Caller::GUEST, Caller::Account(customer()), Caller::Account(test_support::seller())] {
            assert_eq!(reason(reels.get(&nobody, reel).await), Reason::ReelNotFound);
        }
        for somebody in [seller(reel), admin.clone()] {
            assert_eq!(reels.get(&somebody, reel).await.unwrap().id, reel.id.to_string());
        }
    }
    let all = reels.list(&admin, ListReelsRequest { page: first(9), ..Default::default() }).await.unwrap();
    assert_eq!((ids(&all), all.total), (vec![shown.id.to_string()], Some(1)));

    let own = async |status: ReelStatus| {
        let message = ListOwnReelsRequest { page: first(9), status: status.into(), ..Default::default() };
        reels.client.clone().list_own_reels(reels.by(&seller(shown), message)).await.unwrap().into_inner()
    };
    assert_eq!(ids(&own(ReelStatus::Unspecified).await), [shown.id.to_string(), processing.id.to_string()]);
    let in_work = own(ReelStatus::Processing).await;
    assert_eq!(ids(&in_work), [processing.id.to_string()]);
    assert!(in_work.reels[0].video.is_none());
}

#[tokio::test]
async fn liked_reels_are_listed_latest_like_first() {
    let reels = ReelsTest::start().await;
    let who = customer();
    let mut made = Vec::new();
    for _ in 0..3 {
        let reel = reels.made().await;
        reels.set_like(&who, reel, true).await.unwrap();
        made.push(reel.id.to_string());
    }
    made.reverse();
    let list = async |page| {
        let request = reels.by(&Caller::Account(who.clone()), ListLikedReelsRequest { page });
        reels.client.clone().list_liked_reels(request).await.unwrap().into_inner()
    };
    let page = list(first(2)).await;
    assert_eq!((ids(&page), page.total), (made[..2].to_vec(), Some(3)));
    assert!(page.reels.iter().all(|reel| reel.is_liked && reel.liked_at.is_some()));
    let rest = list(after(2, &page.next_cursor.unwrap())).await;
    assert_eq!((ids(&rest), rest.next_cursor), (made[2..].to_vec(), None));
}
