//! `FindFilesInUse`, asked by media alone.

use access_token::Caller;
use protocol::types::v1::FindFilesInUseRequest;
use service_error::Reason;

use crate::harness::{IdentityTest, reason};

const FACE: &str = "https://media.zst.dz/avatars/a.jpg";

#[tokio::test(flavor = "multi_thread")]
async fn what_profiles_show_is_in_use() {
    let identity = IdentityTest::start().await;
    let account = identity.user().insert().await;
    identity.execute(&format!("UPDATE users SET avatar_url = '{FACE}' WHERE id = '{}'", account.user_id)).await;
    let ask = async |caller: &Caller, urls: &[&str]| {
        let urls = urls.iter().map(|url| (*url).to_owned()).collect();
        let request = identity.by_caller(caller, FindFilesInUseRequest { urls });
        identity.client.clone().find_files_in_use(request).await.map(|answer| answer.into_inner().urls)
    };
    let media = Caller::service("media");
    assert_eq!(ask(&media, &["https://media.zst.dz/avatars/b.jpg", FACE]).await.unwrap(), [FACE]);
    for caller in [Caller::GUEST, Caller::service("reels"), Caller::Account(account)] {
        assert_eq!(reason(&ask(&caller, &[FACE]).await.unwrap_err()), Reason::Forbidden);
    }
}
