//! Who may send what.

use access_token::{Account, Caller};
use commerce_types::ProductId;
use protocol::media::v1::UploadIntent;
use protocol::media::v1::UploadKind::{self, Avatar, Image, OfferImage, ProductImage, ReelVideo};
use service_error::Reason;
use service_runtime::Ids;
use test_support::{admin, customer, guest, pending_seller, seller};

use crate::harness::{MediaTest, intent, of_product, reason};

fn by(account: Account) -> Caller {
    Caller::Account(account)
}

#[tokio::test]
async fn each_kind_has_its_senders() {
    let media = MediaTest::start_without_workers().await;
    let own = seller();
    let product = media.product_of(&own);
    let of = |kind: UploadKind| match kind {
        ProductImage | ReelVideo => of_product(kind, product),
        _ => intent(kind),
    };
    for kind in [Image, ProductImage, ReelVideo, Avatar, OfferImage] {
        media.check(&by(own.clone()), of(kind)).await.unwrap();
        assert_eq!(reason(media.check(&guest(), of(kind)).await), Reason::Unauthorized);
        let anybody = matches!(kind, Image | Avatar);
        for (caller, refusal) in [
            (by(customer()), Reason::Forbidden),
            (by(admin()), Reason::Forbidden),
            (by(pending_seller()), Reason::SellerNotApproved),
        ] {
            let answer = media.check(&caller, of(kind)).await;
            if anybody { answer.unwrap() } else { assert_eq!(reason(answer), refusal, "{kind:?}") }
        }
    }
    let untiered = Account { seller_category: None, ..seller() };
    assert_eq!(reason(media.check(&by(untiered), intent(OfferImage)).await), Reason::Forbidden);
}

#[tokio::test]
async fn a_product_is_the_callers_own_and_has_room() {
    let media = MediaTest::start_without_workers().await;
    let (own, other) = (seller(), seller());
    let product = media.product_of(&own);
    for kind in [ProductImage, ReelVideo] {
        let missing: ProductId = Ids.next();
        assert_eq!(reason(media.check(&by(own.clone()), of_product(kind, missing)).await), Reason::ProductNotFound);
        assert_eq!(reason(media.check(&by(other.clone()), of_product(kind, product)).await), Reason::ProductNotFound);
        assert_eq!(reason(media.check(&by(own.clone()), intent(kind)).await), Reason::ValidationError);
    }
    media.others.add_product(product, own.user_id, 19);
    media.check(&by(own.clone()), of_product(ProductImage, product)).await.unwrap();
    media.others.add_product(product, own.user_id, 20);
    assert_eq!(reason(media.check(&by(own.clone()), of_product(ProductImage, product)).await), Reason::TooManyImages);
    media.check(&by(own.clone()), of_product(ReelVideo, product)).await.unwrap();
    media.others.remove_product(product);
    assert_eq!(reason(media.check(&by(own.clone()), of_product(ReelVideo, product)).await), Reason::ProductNotFound);
    media.others.go_away("catalog");
    assert_eq!(reason(media.check(&by(own), of_product(ReelVideo, product)).await), Reason::Unavailable);
}

#[tokio::test]
async fn fields_fit_their_kind() {
    let media = MediaTest::start_without_workers().await;
    let own = seller();
    let product = media.product_of(&own);
    let image = of_product(ProductImage, product);
    let refused = |wrong: UploadIntent| async { reason(media.check(&by(own.clone()), wrong).await) };
    for (order, is_taken) in [(0, true), (1_000, true), (1_001, false)] {
        let answer = media.check(&by(own.clone()), UploadIntent { display_order: Some(order), ..image.clone() }).await;
        assert_eq!(answer.is_ok(), is_taken, "{order}");
    }
    assert_eq!(
        refused(UploadIntent { product_id: Some(product.to_string()), ..intent(Avatar) }).await,
        Reason::ValidationError
    );
    assert_eq!(refused(UploadIntent { is_primary: Some(true), ..intent(Image) }).await, Reason::ValidationError);
    let video = UploadIntent { display_order: Some(1), ..of_product(ReelVideo, product) };
    assert_eq!(refused(video).await, Reason::ValidationError);
}

#[tokio::test]
async fn exactly_two_gigabytes_a_day_are_taken() {
    let media = MediaTest::start_without_workers().await;
    let own = customer();
    let received = |bytes: i64, hours: i32| {
        format!(
            "DELETE FROM receipts; INSERT INTO receipts VALUES (gen_random_uuid(), '{}', {bytes}, \
             now() - interval '{hours} hours')",
            own.user_id
        )
    };
    const QUOTA: i64 = 2 * 1024 * 1024 * 1024;
    media.execute(&received(QUOTA - 1, 23)).await;
    media.check(&by(own.clone()), intent(Image)).await.unwrap();
    media.execute(&received(QUOTA, 23)).await;
    assert_eq!(reason(media.check(&by(own.clone()), intent(Image)).await), Reason::RateLimited);
    media.check(&by(customer()), intent(Image)).await.unwrap();
    media.execute(&received(QUOTA, 25)).await;
    media.check(&by(own), intent(Image)).await.unwrap();
}
