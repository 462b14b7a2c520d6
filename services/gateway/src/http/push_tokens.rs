//! Devices of the caller that take push messages (`api.md` 4.3).

use chrono::{DateTime, Utc};
use garde::Validate;
use protocol::convert::time;
use protocol::identity::v1 as wire;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::Call;
use super::fields::{Text, length};
use super::reply::Reply;
use super::route::{Answer, Route};
use super::shapes::time::iso;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(__path_register_push_token, register_push_token).with_body(),
        Route::new(__path_remove_push_tokens, remove_push_tokens).with_query(),
    ]
}

#[derive(Deserialize, Clone, Copy, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Platform {
    Ios,
    Android,
}

/// A device.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPushToken)]
struct PushToken {
    /// `ExponentPushToken[…]`, `ExpoPushToken[…]` or a UUID.
    #[garde(custom(length(1..=255)), custom(is_push_token))]
    #[schema(value_type = String, min_length = 1, max_length = 255, example = "ExponentPushToken[xxxxxxxxxxxxxxxxxxxxxx]")]
    push_token: Text,
    #[garde(skip)]
    platform: Option<Platform>,
}

/// What Expo's own client library takes for a token.
fn is_push_token(Text(token): &Text, (): &()) -> garde::Result {
    let is_of_expo = ["ExponentPushToken[", "ExpoPushToken["].iter().any(|start| {
        let inside = token.strip_prefix(start).and_then(|rest| rest.strip_suffix(']'));
        inside.is_some_and(|inside| !inside.is_empty() && inside.bytes().all(|byte| byte.is_ascii_graphic()))
    });
    let is_uuid = token.len() == 36 && uuid::Uuid::try_parse(token).is_ok();
    if is_of_expo || is_uuid {
        Ok(())
    } else {
        Err(garde::Error::new("must be ExponentPushToken[…], ExpoPushToken[…] or a UUID"))
    }
}

#[derive(Serialize, ToSchema)]
struct PushTokenRegistered {
    push_token: String,
    #[serde(serialize_with = "iso")]
    #[schema(value_type = String, format = DateTime)]
    registered_at: DateTime<Utc>,
}

/// Let a device take push messages
#[utoipa::path(post, path = "/api/v1/users/me/push-token", tag = "accounts", request_body = PushToken,
    responses((status = 200, description = "It is the caller's now", body = PushTokenRegistered)))]
async fn register_push_token(call: Call) -> Answer {
    let PushToken { push_token: Text(token), platform } = call.body()?;
    let platform = platform.map(|platform| match platform {
        Platform::Ios => wire::Platform::Ios.into(),
        Platform::Android => wire::Platform::Android.into(),
    });
    let message = wire::RegisterPushTokenRequest { token, platform };
    let registered = call.app.upstream.register_push_token(message, call.account.as_ref()).await?;
    let registered_at = time("registered_at", registered.registered_at.as_ref())?;
    Ok(Reply::done(&PushTokenRegistered { push_token: registered.token, registered_at }))
}

#[derive(Deserialize, Validate, Default, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct WhichPushToken {
    /// Absent: all of the caller's.
    #[garde(skip)]
    push_token: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct PushTokensRemoved {
    message: &'static str,
    removed: u32,
}

/// Let a device, or all of them, take push messages no more
#[utoipa::path(delete, path = "/api/v1/users/me/push-token", tag = "accounts", params(WhichPushToken),
    responses((status = 200, description = "Gone, also when there was none", body = PushTokensRemoved)))]
async fn remove_push_tokens(call: Call) -> Answer {
    let WhichPushToken { push_token } = call.query()?;
    let message = wire::RemovePushTokensRequest { token: push_token };
    let answer = call.app.upstream.remove_push_tokens(message, call.account.as_ref()).await?;
    Ok(Reply::done(&PushTokensRemoved { message: "No push messages any more.", removed: answer.removed }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_those_of_expo() {
        let is = |token: &str| is_push_token(&Text(token.to_owned()), &()).is_ok();
        assert!(is("ExponentPushToken[xxxxxxxxxxxxxxxxxxxxxx]") && is("ExpoPushToken[a-b_c]"));
        assert!(is("0192f6a2-7c1e-7b3a-9f00-0123456789ab"));
        for wrong in [
            "",
            "x",
            "ExponentPushToken[]",
            "ExponentPushToken[x",
            "exponentpushtoken[x]",
            "ExpoPushToken[a b]",
            "0192f6a27c1e7b3a9f000123456789ab",
            "ExpoPushToken[é]",
        ] {
            assert!(!is(wrong), "{wrong}");
        }
    }
}
