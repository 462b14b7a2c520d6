//! `FindFilesInUse`, asked by media alone.

use access_token::Caller;
use protocol::types::v1::FindFilesInUseRequest;
use service_error::Reason;

use crate::harness::{ReelsTest, reason};

const VIDEO: &str = "https://media.zst.dz/v.mp4";
const FRAME: &str = "https://media.zst.dz/t.jpg";

#[tokio::test]
async fn what_reels_show_is_in_use() {
    let reels = ReelsTest::start().await;
    reels.made().await;
    let ask = async |caller: &Caller, urls: &[&str]| {
        let urls = urls.iter().map(|url| (*url).to_owned()).collect();
        let request = reels.by(caller, FindFilesInUseRequest { urls });
        reels.client.clone().find_files_in_use(request).await.map(|answer| answer.into_inner().urls)
    };
    let media = Caller::service("media");
    let mut used = ask(&media, &[VIDEO, "https://media.zst.dz/other.mp4", FRAME]).await.unwrap();
    used.sort();
    assert_eq!(used, [FRAME, VIDEO]);
    assert!(ask(&media, &[]).await.unwrap().is_empty());
    for caller in [Caller::GUEST, Caller::service("catalog"), Caller::Account(test_support::admin())] {
        assert_eq!(reason(ask(&caller, &[VIDEO]).await), Reason::Forbidden);
    }
    // A defect of the caller's code, not of anybody's input.
    assert_eq!(reason(ask(&media, &[VIDEO; 201]).await), Reason::InternalError);
}
