//! Typed ids: a product's id is never taken for an order's.
//!
//! Made by `service_runtime::Ids`, nowhere else; any version is accepted from callers, always written lower case.

use std::fmt;
use std::str::FromStr;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Uuid as SqlUuid;
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

/// The text is not a UUID in its hyphenated form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a UUID")]
pub struct IdError;

/// Exactly 36 characters: the other forms the `uuid` crate reads (braces, URN, no hyphens) are not ids of ours.
fn parse(text: &str) -> Result<Uuid, IdError> {
    if text.len() != 36 {
        return Err(IdError);
    }
    Uuid::try_parse(text).ok().ok_or(IdError)
}

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, AsExpression, FromSqlRow)]
        #[serde(transparent)]
        #[diesel(sql_type = SqlUuid)]
        pub struct $name(Uuid);

        impl $name {
            /// The bare UUID.
            #[must_use]
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }

            /// The sixteen bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse(text).map(Self)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = IdError;

            fn try_from(text: &str) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.as_hyphenated())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl ToSql<SqlUuid, Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                ToSql::<SqlUuid, Pg>::to_sql(&self.0, out)
            }
        }

        impl FromSql<SqlUuid, Pg> for $name {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                <Uuid as FromSql<SqlUuid, Pg>>::from_sql(value).map(Self)
            }
        }
    )*};
}

typed_ids! {
    /// An account; also the id of the seller or buyer it acts as.
    UserId;
    /// A product.
    ProductId;
    /// An image of a product.
    ImageId;
    /// A category of products.
    CategoryId;
    /// A line of a cart.
    CartItemId;
    /// What one seller delivers of a checkout.
    OrderId;
    /// A line of an order.
    OrderItemId;
    /// One act of buying: one or more orders.
    CheckoutId;
    /// A step of an order's status.
    HistoryId;
    /// A movement of stock.
    LedgerEntryId;
    /// A published fact.
    EventId;
    /// An entry of the audit log.
    AuditEntryId;
    /// A device that takes push messages.
    PushTokenId;
    /// A short video of a product.
    ReelId;
    /// An account's like of a reel.
    LikeId;
    /// What an account said of a reel.
    CommentId;
    /// A file that was sent to be stored.
    UploadId;
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOWER: &str = "0192f6a2-7c1e-7b3a-9f00-0123456789ab";

    #[test]
    fn any_case_is_read_and_lower_case_written() {
        let id: ProductId = LOWER.to_uppercase().parse().unwrap();
        assert_eq!(id.to_string(), LOWER);
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{LOWER}\""));
        assert_eq!(serde_json::from_str::<ProductId>(&format!("\"{}\"", LOWER.to_uppercase())).unwrap(), id);
        assert_eq!(format!("{id:?}"), format!("ProductId({LOWER})"));
    }

    #[test]
    fn other_forms_of_a_uuid_are_refused() {
        let simple = LOWER.replace('-', "");
        let all = ["", "7", &simple, &format!("{{{LOWER}}}"), &format!("urn:uuid:{LOWER}"), &format!(" {LOWER}")];
        for text in all {
            assert_eq!(text.parse::<UserId>(), Err(IdError), "{text:?}");
        }
        assert!(serde_json::from_str::<UserId>("7").is_err());
    }

    #[test]
    fn works_as_column_value_and_in_arrays() {
        use diesel::prelude::*;
        use diesel::sql_types::{Array, Nullable};

        diesel::table! { things (id) { id -> Uuid, owner -> Nullable<Uuid>, } }

        let id: UserId = LOWER.parse().unwrap();
        let query = things::table
            .filter(things::id.eq(id).and(things::owner.eq(Some(id))))
            .filter(things::id.eq_any([id, id]))
            .filter(things::owner.eq_any(vec![id]))
            .select((
                id.into_sql::<SqlUuid>(),
                vec![id].into_sql::<Array<SqlUuid>>(),
                Some(id).into_sql::<Nullable<SqlUuid>>(),
            ));
        assert!(diesel::debug_query::<Pg, _>(&query).to_string().contains(LOWER));
    }
}
