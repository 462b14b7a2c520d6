use events::names::{USER_CHANGED, USER_REGISTERED};
use protocol::identity::v1::{Profile, ResolveCallerRequest, UpdateProfileRequest};
use protocol::types::v1::TextChange;
use service_error::Reason;
use tonic::Status;

use access_token::Account;

use crate::harness::{IdentityTest, fields, reason};

fn to(text: &str) -> Option<TextChange> {
    Some(TextChange { value: Some(text.to_owned()) })
}

const CLEARED: Option<TextChange> = Some(TextChange { value: None });

async fn update(identity: &IdentityTest, account: &Account, message: UpdateProfileRequest) -> Result<Profile, Status> {
    let request = identity.by(account, message);
    identity.client.clone().update_profile(request).await.map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_are_set_kept_and_cleared() {
    let identity = IdentityTest::start().await;
    let account = identity.user().name("Amina Haddad").wilaya("Oran").insert().await;
    let message = UpdateProfileRequest {
        full_name: Some(" Amina Benali ".to_owned()),
        phone: to("0555 12 34 56"),
        bio: to("Bonjour"),
        wilaya: CLEARED,
        avatar_url: to("https://media.example.dz/a.jpg"),
    };
    let profile = update(&identity, &account, message).await.unwrap();
    assert_eq!(profile.full_name, "Amina Benali");
    assert_eq!(profile.phone.as_deref(), Some("+213555123456"));
    assert_eq!((profile.bio.as_deref(), profile.wilaya), (Some("Bonjour"), None));

    let profile = update(&identity, &account, UpdateProfileRequest { bio: CLEARED, ..Default::default() }).await;
    let profile = profile.unwrap();
    assert_eq!((profile.bio, profile.full_name.as_str()), (None, "Amina Benali"));
    assert_eq!(profile.avatar_url.as_deref(), Some("https://media.example.dz/a.jpg"));
}

#[tokio::test(flavor = "multi_thread")]
async fn others_hear_only_of_what_they_show() {
    let identity = IdentityTest::start().await;
    let account = identity.user().name("Amina Haddad").insert().await;
    let quiet = UpdateProfileRequest { phone: to("0661000000"), bio: to("x"), ..Default::default() };
    update(&identity, &account, quiet).await.unwrap();
    assert!(identity.said().await.is_empty());

    let loud = UpdateProfileRequest { full_name: Some("Amina B".to_owned()), ..Default::default() };
    update(&identity, &account, loud).await.unwrap();
    assert_eq!(identity.said().await, [USER_CHANGED]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_cleared_here_is_not_filled_by_a_token() {
    let identity = IdentityTest::start().await;
    let caller = identity.resolve("user_shy").await;
    let account = Account { user_id: caller.user_id.parse().unwrap(), ..test_support::customer() };
    update(&identity, &account, UpdateProfileRequest { avatar_url: CLEARED, ..Default::default() }).await.unwrap();
    let token = ResolveCallerRequest {
        clerk_id: "user_shy".to_owned(),
        picture: Some("https://img.clerk.com/shy".to_owned()),
        ..Default::default()
    };
    assert_eq!(identity.resolve_with(token).await.avatar_url, None);
    assert_eq!(identity.said().await, [USER_REGISTERED]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_value_is_named_and_nothing_is_written() {
    let identity = IdentityTest::start().await;
    let account = identity.user().name("Amina Haddad").insert().await;
    let message = UpdateProfileRequest {
        full_name: Some("A".to_owned()),
        phone: to("+33612345678"),
        wilaya: to("x"),
        bio: to(&"x".repeat(1_001)),
        avatar_url: to("https://media.example.dz/a.jpg"),
    };
    let refused = update(&identity, &account, message).await.unwrap_err();
    assert_eq!(reason(&refused), Reason::ValidationError);
    assert_eq!(fields(&refused), ["full_name", "phone", "wilaya", "bio"]);
    let same = update(&identity, &account, UpdateProfileRequest::default()).await.unwrap();
    assert_eq!((same.full_name.as_str(), same.avatar_url), ("Amina Haddad", None));
}
