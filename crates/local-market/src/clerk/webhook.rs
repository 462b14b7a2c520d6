//! Webhooks as Clerk sends them, and every way in which a test may want one to be wrong.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use rsa::sha2::Sha256;
use serde_json::{Map, Value, json};

use super::RequestError;
use super::token::{base62, session_id, user_id};

/// The instance that the stand-in is.
pub const INSTANCE_ID: &str = "ins_local";
/// A secret that no gateway is told.
const FOREIGN: &str = "whsec_YSBzZWNyZXQgdGhhdCBub2JvZHkgd2FzIHRvbGQ=";

/// Where webhooks go, and what signs them.
#[derive(Clone)]
pub struct WebhookTarget {
    /// Of the operation: `http://127.0.0.1:8080/api/v1/webhooks/clerk`.
    pub url: String,
    /// `whsec_…`; the first one signs unless a request says otherwise.
    pub secrets: Vec<String>,
}

impl std::fmt::Debug for WebhookTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebhookTarget").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Which secret signs a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SecretChoice {
    /// The first of the target's.
    #[default]
    First,
    /// The second of the target's: while secrets are rotated both are good.
    Second,
    /// One that nobody was told.
    Foreign,
}

/// The webhook that is wanted: a good one unless further members say otherwise.
///
/// As the body of `POST /webhooks/send`:
///
/// | member | meaning |
/// | --- | --- |
/// | `type` | required: `user.created` `user.updated` `user.deleted` `session.ended` … |
/// | `data` | the object of the event, default `{}` |
/// | `user` | a name as in `POST /tokens`: puts the ids that follow from it into `data` where they are missing |
/// | `id` | the `svix-id`, default a new one; sent twice it is a repeated webhook |
/// | `secret` | `first`, `second` or `foreign` (refused) |
/// | `broken_signature` | `true` changes one bit of the signature |
/// | `decoy_signatures` | `true` puts wrong ones before the right one |
/// | `seconds_off` | moves `svix-timestamp`: -301 is too old, 301 too new |
/// | `body` | this text instead of an event |
/// | any other | replaces or adds that member of the event; null removes it: `timestamp`, `instance_id` |
#[derive(Debug, Clone, PartialEq)]
pub struct WebhookRequest {
    kind: String,
    data: Map<String, Value>,
    user: Option<String>,
    id: Option<String>,
    secret: SecretChoice,
    broken_signature: bool,
    decoy_signatures: bool,
    seconds_off: i64,
    body: Option<String>,
    members: Map<String, Value>,
}

/// A webhook with its headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedWebhook {
    /// `svix-id`
    pub id: String,
    /// `svix-timestamp`
    pub timestamp: String,
    /// `svix-signature`
    pub signature: String,
    /// What was signed.
    pub body: String,
}

impl SignedWebhook {
    /// The three headers.
    #[must_use]
    pub fn headers(&self) -> [(&'static str, &str); 3] {
        [("svix-id", &self.id), ("svix-timestamp", &self.timestamp), ("svix-signature", &self.signature)]
    }
}

impl WebhookRequest {
    /// A good webhook; `data` is an object.
    #[must_use]
    pub fn new(kind: &str, data: Value) -> Self {
        let data = match data {
            Value::Object(data) => data,
            _ => Map::new(),
        };
        Self {
            kind: kind.to_owned(),
            data,
            user: None,
            id: None,
            secret: SecretChoice::First,
            broken_signature: false,
            decoy_signatures: false,
            seconds_off: 0,
            body: None,
            members: Map::new(),
        }
    }

    /// Reads the body of `POST /webhooks/send`.
    pub fn from_json(mut body: Map<String, Value>) -> Result<Self, RequestError> {
        let refuse = RequestError::new;
        let mut text = |member: &'static str| match body.remove(member) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() || member == "body" => Ok(Some(text)),
            Some(_) => Err(refuse(member, "must be a text")),
        };
        let kind = text("type")?.ok_or(refuse("type", "is required, such as user.updated"))?;
        let (user, id, secret, whole) = (text("user")?, text("id")?, text("secret")?, text("body")?);
        let data = match body.remove("data") {
            None => Value::Object(Map::new()),
            Some(Value::Object(data)) => Value::Object(data),
            Some(_) => return Err(refuse("data", "must be an object")),
        };
        let mut flag = |member: &'static str| match body.remove(member) {
            None => Ok(false),
            Some(value) => value.as_bool().ok_or(refuse(member, "must be true or false")),
        };
        let mut request = Self {
            user,
            id,
            body: whole,
            broken_signature: flag("broken_signature")?,
            decoy_signatures: flag("decoy_signatures")?,
            ..Self::new(&kind, data)
        };
        request.secret = match secret.as_deref() {
            None | Some("first") => SecretChoice::First,
            Some("second") => SecretChoice::Second,
            Some("foreign") => SecretChoice::Foreign,
            Some(_) => return Err(refuse("secret", "must be first, second or foreign")),
        };
        if let Some(seconds) = body.remove("seconds_off") {
            request.seconds_off = seconds.as_i64().ok_or(refuse("seconds_off", "must be an integer"))?;
        }
        request.members = body;
        Ok(request)
    }

    /// About this user of the stand-in.
    #[must_use]
    pub fn about(mut self, user: &str) -> Self {
        self.user = Some(user.to_owned());
        self
    }

    /// Under this `svix-id`.
    #[must_use]
    pub fn with_id(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    /// Signed by another secret than the first.
    #[must_use]
    pub fn signed_by(mut self, secret: SecretChoice) -> Self {
        self.secret = secret;
        self
    }

    /// Changes one bit of the signature.
    #[must_use]
    pub fn with_broken_signature(mut self) -> Self {
        self.broken_signature = true;
        self
    }

    /// Puts wrong signatures before the right one.
    #[must_use]
    pub fn with_decoy_signatures(mut self) -> Self {
        self.decoy_signatures = true;
        self
    }

    /// Moves `svix-timestamp`.
    #[must_use]
    pub fn seconds_off(mut self, seconds: i64) -> Self {
        self.seconds_off = seconds;
        self
    }

    /// This text instead of an event.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Replaces or adds a member of the event.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Signs it as sent at `now_ms`, by the secrets of a target.
    pub(super) fn sign(&self, secrets: &[String], now_ms: i64) -> Result<SignedWebhook, RequestError> {
        let secret = match self.secret {
            SecretChoice::First => secrets.first().map(String::as_str),
            SecretChoice::Second => secrets.get(1).map(String::as_str),
            SecretChoice::Foreign => Some(FOREIGN),
        };
        let secret = secret.ok_or(RequestError::new("secret", "is not configured at the market"))?;
        let key = secret.strip_prefix("whsec_").and_then(|key| STANDARD.decode(key).ok());
        let key = key.ok_or(RequestError::new("secret", "of the market is none of Clerk's"))?;
        let id = self.id.clone().unwrap_or_else(|| format!("msg_2{}", base62(&rand::random::<[u8; 32]>(), 26)));
        let timestamp = now_ms.div_euclid(1_000).saturating_add(self.seconds_off).to_string();
        let body = self.body.clone().unwrap_or_else(|| self.event(now_ms).to_string());
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key of any length suits this code");
        mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
        let mut signature = mac.finalize().into_bytes().to_vec();
        if self.broken_signature {
            signature[0] ^= 1;
        }
        let decoys =
            if self.decoy_signatures { format!("v1,{} v2,x ", STANDARD.encode([0; 32])) } else { String::new() };
        Ok(SignedWebhook { id, timestamp, signature: format!("{decoys}v1,{}", STANDARD.encode(signature)), body })
    }

    fn event(&self, now_ms: i64) -> Value {
        let mut data = self.data.clone();
        if let Some(user) = &self.user {
            let of_session = self.kind.starts_with("session.");
            let id = if of_session { session_id(user) } else { user_id(user) };
            data.entry("id").or_insert_with(|| id.into());
            if of_session {
                data.entry("user_id").or_insert_with(|| user_id(user).into());
            }
        }
        let mut event = json!({
            "object": "event", "type": self.kind, "data": data, "timestamp": now_ms, "instance_id": INSTANCE_ID,
            "event_attributes": { "http_request": { "client_ip": "127.0.0.1", "user_agent": "local-market" } },
        });
        for (name, value) in &self.members {
            match (value, event.as_object_mut()) {
                (Value::Null, Some(event)) => drop(event.remove(name)),
                (value, Some(event)) => drop(event.insert(name.clone(), value.clone())),
                (_, None) => {}
            }
        }
        event
    }
}
