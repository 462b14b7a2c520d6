//! What Clerk tells by its webhooks, as far as anything follows from it.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::claims::Claims;

/// Smaller numbers are seconds, others milliseconds: Clerk writes both.
const FIRST_OF_MILLISECONDS: i64 = 100_000_000_000;
/// The end of the year 9999.
const LAST_MILLISECOND: i64 = 253_402_300_800_000;
const ID_LENGTH: usize = 128;

/// The body is no event object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body is not an event of Clerk's")]
pub(crate) struct NotAnEvent;

/// An event, and of which instance of Clerk it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClerkEvent {
    pub(crate) instance_id: Option<String>,
    pub(crate) change: Change,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// How an account is there now.
    User(ClerkUser),
    /// An account is gone there.
    UserDeleted { clerk_id: String, at: Option<DateTime<Utc>> },
    /// Somebody signed out, or was.
    SessionEnded { session_id: String },
    /// Nothing follows from it.
    Nothing,
}

/// An account at Clerk, each value as it may stand in a profile.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ClerkUser {
    pub(crate) clerk_id: String,
    pub(crate) claims: Claims,
    pub(crate) phone: Option<String>,
    /// Absent: not told.
    pub(crate) is_banned: Option<bool>,
    /// States are told in any order; the newest counts.
    pub(crate) updated_at: DateTime<Utc>,
}

impl std::fmt::Debug for ClerkUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClerkUser").field("clerk_id", &self.clerk_id).finish_non_exhaustive()
    }
}

impl ClerkEvent {
    /// # Errors
    /// [`NotAnEvent`]: no object with type and data, or of a type that is known but without what it must have.
    pub(crate) fn read(body: &[u8]) -> Result<Self, NotAnEvent> {
        let envelope: Envelope<'_> = parse(body)?;
        let data = envelope.data.get().as_bytes();
        if !data.starts_with(b"{") {
            return Err(NotAnEvent);
        }
        let sent_at = || envelope.timestamp.map(|at| time(at.get())).transpose();
        let change = match envelope.kind.as_str() {
            "user.created" | "user.updated" => Change::User(parse::<UserData>(data)?.user(sent_at()?)?),
            "user.deleted" => Change::UserDeleted { clerk_id: id(parse::<Named>(data)?.id)?, at: sent_at()? },
            "session.ended" | "session.removed" | "session.revoked" => {
                Change::SessionEnded { session_id: id(parse::<Named>(data)?.id)? }
            }
            _ => Change::Nothing,
        };
        Ok(Self { instance_id: envelope.instance_id, change })
    }

    /// The account it is about, where something personal may be kept of it.
    pub(crate) fn clerk_id(&self) -> Option<&str> {
        match &self.change {
            Change::User(user) => Some(&user.clerk_id),
            Change::UserDeleted { clerk_id, .. } => Some(clerk_id),
            Change::SessionEnded { .. } | Change::Nothing => None,
        }
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow)]
    data: &'a RawValue,
    #[serde(borrow, default)]
    timestamp: Option<&'a RawValue>,
    #[serde(default)]
    instance_id: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct UserData {
    id: String,
    first_name: Option<String>,
    last_name: Option<String>,
    image_url: Option<String>,
    primary_email_address_id: Option<String>,
    primary_phone_number_id: Option<String>,
    email_addresses: Option<Vec<EmailAddress>>,
    phone_numbers: Option<Vec<PhoneNumber>>,
    banned: Option<bool>,
    updated_at: Option<i64>,
}

#[derive(Deserialize)]
struct EmailAddress {
    id: String,
    email_address: String,
}

#[derive(Deserialize)]
struct PhoneNumber {
    id: String,
    phone_number: String,
}

impl UserData {
    fn user(self, sent_at: Option<DateTime<Utc>>) -> Result<ClerkUser, NotAnEvent> {
        let names = [self.first_name, self.last_name];
        let name = names.iter().flatten().map(|name| name.trim()).filter(|name| !name.is_empty()).collect::<Vec<_>>();
        let is_primary = |primary: &Option<String>, id: &String| primary.as_ref() == Some(id);
        let email = self.email_addresses.iter().flatten().find(|it| is_primary(&self.primary_email_address_id, &it.id));
        let phone = self.phone_numbers.iter().flatten().find(|it| is_primary(&self.primary_phone_number_id, &it.id));
        let updated_at = self.updated_at.map(from_number).transpose()?;
        Ok(ClerkUser {
            claims: Claims::new(
                Some(&name.join(" ")),
                email.map(|it| it.email_address.as_str()),
                self.image_url.as_deref(),
            ),
            phone: phone.and_then(|it| usable_phone(&it.phone_number)),
            is_banned: self.banned,
            updated_at: updated_at.or(sent_at).ok_or(NotAnEvent)?,
            clerk_id: id(self.id)?,
        })
    }
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, NotAnEvent> {
    serde_json::from_slice(body).map_err(|_malformed| NotAnEvent)
}

fn id(id: String) -> Result<String, NotAnEvent> {
    let is_id = (1..=ID_LENGTH).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    if is_id { Ok(id) } else { Err(NotAnEvent) }
}

fn time(number: &str) -> Result<DateTime<Utc>, NotAnEvent> {
    from_number(number.parse().map_err(|_no_integer| NotAnEvent)?)
}

fn from_number(number: i64) -> Result<DateTime<Utc>, NotAnEvent> {
    let millis = if number < FIRST_OF_MILLISECONDS { number.checked_mul(1_000) } else { Some(number) };
    let is_near = |millis: &i64| (0..LAST_MILLISECOND).contains(millis);
    millis.filter(is_near).and_then(DateTime::from_timestamp_millis).ok_or(NotAnEvent)
}

/// Numbers of Clerk's may be foreign: E.164, nothing more is asked.
fn usable_phone(phone: &str) -> Option<String> {
    let digits = phone.strip_prefix('+')?;
    let is_number = (5..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| phone.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(event: &Value) -> Result<Change, NotAnEvent> {
        ClerkEvent::read(event.to_string().as_bytes()).map(|event| event.change)
    }

    fn user(data: Value) -> ClerkUser {
        match read(
            &json!({ "object": "event", "type": "user.updated", "data": data, "timestamp": 1_654_012_591_835_i64 }),
        ) {
            Ok(Change::User(user)) => user,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_user_is_read_by_the_ids_of_its_primaries() {
        let amina = user(json!({
            "id": "user_1", "object": "user", "first_name": " Amina ", "last_name": "Haddad", "username": null,
            "image_url": "https://img.clerk.com/a", "has_image": true,
            "primary_email_address_id": "idn_2", "primary_phone_number_id": "idn_3",
            "email_addresses": [
                { "id": "idn_1", "email_address": "old@example.dz", "verification": { "status": "verified" } },
                { "id": "idn_2", "email_address": "amina@example.dz", "linked_to": [] },
            ],
            "phone_numbers": [{ "id": "idn_3", "phone_number": "+33612345678" }],
            "public_metadata": { "role": "admin" }, "banned": true, "updated_at": 1_654_012_591_514_i64,
        }));
        assert_eq!(amina.claims.name.as_deref(), Some("Amina Haddad"));
        assert_eq!(amina.claims.email.as_deref(), Some("amina@example.dz"));
        assert_eq!(amina.claims.picture.as_deref(), Some("https://img.clerk.com/a"));
        assert_eq!((amina.phone.as_deref(), amina.is_banned), (Some("+33612345678"), Some(true)));
        assert_eq!(amina.updated_at.timestamp_millis(), 1_654_012_591_514);
        assert!(!format!("{amina:?}").contains("Haddad"));
    }

    #[test]
    fn what_is_missing_or_unusable_is_left_out() {
        let nobody = user(json!({ "id": "user_1", "email_addresses": [], "phone_numbers": null, "last_name": null }));
        assert_eq!((nobody.claims, nobody.phone, nobody.is_banned), (Claims::default(), None, None));
        assert_eq!(nobody.updated_at.timestamp_millis(), 1_654_012_591_835, "the envelope's time stands in");

        let odd = user(json!({
            "id": "user_1", "first_name": null, "last_name": "Haddad", "primary_email_address_id": "idn_9",
            "primary_phone_number_id": "idn_3", "image_url": "http://img.clerk.com/a",
            "email_addresses": [{ "id": "idn_1", "email_address": "amina@example.dz" }],
            "phone_numbers": [{ "id": "idn_3", "phone_number": "0555 12 34 56" }],
        }));
        assert_eq!(odd.claims, Claims { name: Some("Haddad".to_owned()), ..Claims::default() });
        assert_eq!(odd.phone, None);
    }

    #[test]
    fn times_are_seconds_or_milliseconds() {
        for (timestamp, millis) in [(1_716_883_200_i64, 1_716_883_200_000), (1_654_012_591_835, 1_654_012_591_835)] {
            let event = json!({ "type": "user.deleted", "data": { "id": "user_1" }, "timestamp": timestamp });
            let at = DateTime::from_timestamp_millis(millis);
            assert_eq!(read(&event), Ok(Change::UserDeleted { clerk_id: "user_1".to_owned(), at }));
        }
        let untimed = json!({ "type": "user.deleted", "data": { "id": "user_1", "deleted": true } });
        assert_eq!(read(&untimed), Ok(Change::UserDeleted { clerk_id: "user_1".to_owned(), at: None }));
    }

    #[test]
    fn ends_of_sessions_are_told_and_all_else_is_nothing() {
        for kind in ["session.ended", "session.removed", "session.revoked"] {
            let event = json!({ "type": kind, "data": { "id": "sess_1", "user_id": "user_1" } });
            assert_eq!(read(&event), Ok(Change::SessionEnded { session_id: "sess_1".to_owned() }));
        }
        for kind in ["session.created", "email.created", "organization.deleted", "user.UPDATED", ""] {
            let event = json!({ "type": kind, "data": { "to": 5 }, "instance_id": "ins_1", "timestamp": "odd" });
            let event = ClerkEvent::read(event.to_string().as_bytes()).unwrap();
            assert_eq!((event.clerk_id(), event.instance_id.as_deref()), (None, Some("ins_1")));
            assert_eq!(event.change, Change::Nothing);
        }
    }

    #[test]
    fn what_is_no_event_is_refused() {
        let wrong = [
            json!([]),
            json!("user.updated"),
            json!({}),
            json!({ "type": "user.updated" }),
            json!({ "type": 1, "data": {} }),
            json!({ "type": "email.created", "data": [] }),
            json!({ "type": "user.updated", "data": {} }),
            json!({ "type": "user.updated", "data": { "id": "" }, "timestamp": 1 }),
            json!({ "type": "user.updated", "data": { "id": "user_1" } }),
            json!({ "type": "user.updated", "data": { "id": "user_1", "updated_at": -5 } }),
            json!({ "type": "user.updated", "data": { "id": "user_1", "updated_at": i64::MAX } }),
            json!({ "type": "user.updated", "data": { "id": "user_1", "updated_at": 1, "banned": "yes" } }),
            json!({ "type": "user.deleted", "data": { "id": "x".repeat(129) } }),
            json!({ "type": "user.deleted", "data": { "id": "user_1" }, "timestamp": "yesterday" }),
            json!({ "type": "session.ended", "data": { "user_id": "user_1" } }),
        ];
        for event in wrong {
            assert_eq!(read(&event), Err(NotAnEvent), "{event}");
        }
        for text in ["", "{", "null", "\u{feff}{}", "{\"type\":\"a\",\"type\":\"b\",\"data\":{}}"] {
            assert_eq!(ClerkEvent::read(text.as_bytes()), Err(NotAnEvent), "{text}");
        }
        assert_eq!(ClerkEvent::read(b"{\"type\":\"a\xff\",\"data\":{}}"), Err(NotAnEvent));
    }
}
