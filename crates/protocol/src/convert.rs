//! Between generated value types and ours: ids, money, times, the public user's enums. One place for every service.

use std::fmt::Display;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use commerce_types::{Approval, Money, PublicUser, Role, SellerCategory};

use crate::types::v1 as wire;

/// A message that is not what its contract says: a defect of the caller's code, not of its input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("field {0} is missing")]
    Missing(&'static str),
    #[error("field {0} is malformed")]
    Invalid(&'static str),
}

impl From<Malformed> for tonic::Status {
    fn from(malformed: Malformed) -> Self {
        Self::invalid_argument(malformed.to_string())
    }
}

/// Text of the wire as an id, an enum or whatever else reads itself.
///
/// # Errors
/// [`Malformed::Invalid`] names `field`.
pub fn parse<T: FromStr>(field: &'static str, text: &str) -> Result<T, Malformed> {
    text.parse().map_err(|_ignored| Malformed::Invalid(field))
}

/// Addresses of files of which somebody asks whether they are in use.
///
/// # Errors
/// [`Malformed::Invalid`]: more than 200.
pub fn file_urls(request: wire::FindFilesInUseRequest) -> Result<Vec<String>, Malformed> {
    const AT_MOST: usize = 200;
    if request.urls.len() > AT_MOST { Err(Malformed::Invalid("urls")) } else { Ok(request.urls) }
}

/// A member that must be there.
///
/// # Errors
/// [`Malformed::Missing`] names `field`.
pub fn required<T>(field: &'static str, value: Option<T>) -> Result<T, Malformed> {
    value.ok_or(Malformed::Missing(field))
}

/// An optional member, read with `parse`.
///
/// # Errors
/// [`Malformed::Invalid`] names `field`.
pub fn parse_optional<T: FromStr>(field: &'static str, text: Option<&str>) -> Result<Option<T>, Malformed> {
    text.map(|text| parse(field, text)).transpose()
}

/// An id or enum as text of the wire.
pub fn text(value: Option<impl Display>) -> Option<String> {
    value.map(|value| value.to_string())
}

/// A point in time, to the nanosecond.
pub fn timestamp(at: DateTime<Utc>) -> prost_types::Timestamp {
    let nanos = i32::try_from(at.timestamp_subsec_nanos().min(999_999_999)).unwrap_or(0);
    prost_types::Timestamp { seconds: at.timestamp(), nanos }
}

/// A point in time that must be there.
///
/// # Errors
/// [`Malformed`] names `field` when it is missing or no time of our calendar.
pub fn time(field: &'static str, at: Option<&prost_types::Timestamp>) -> Result<DateTime<Utc>, Malformed> {
    optional_time(field, at)?.ok_or(Malformed::Missing(field))
}

/// A point in time that may be absent.
///
/// # Errors
/// [`Malformed::Invalid`] names `field` when it is no time of our calendar.
pub fn optional_time(
    field: &'static str,
    at: Option<&prost_types::Timestamp>,
) -> Result<Option<DateTime<Utc>>, Malformed> {
    at.map(|at| {
        let nanos = u32::try_from(at.nanos).map_err(|_ignored| Malformed::Invalid(field))?;
        DateTime::from_timestamp(at.seconds, nanos).ok_or(Malformed::Invalid(field))
    })
    .transpose()
}

/// An enum number of the wire as ours; zero and unknown numbers are malformed.
///
/// # Errors
/// [`Malformed::Invalid`] names `field`.
pub fn choice<W, T>(field: &'static str, number: i32) -> Result<T, Malformed>
where
    W: TryFrom<i32>,
    T: TryFrom<W>,
{
    let wire = W::try_from(number).map_err(|_ignored| Malformed::Invalid(field))?;
    T::try_from(wire).map_err(|_ignored| Malformed::Invalid(field))
}

/// An optional enum number; absent stays absent.
///
/// # Errors
/// [`Malformed::Invalid`] names `field`.
pub fn optional_choice<W, T>(field: &'static str, number: Option<i32>) -> Result<Option<T>, Malformed>
where
    W: TryFrom<i32>,
    T: TryFrom<W>,
{
    number.map(|number| choice::<W, T>(field, number)).transpose()
}

impl From<Money> for wire::Money {
    fn from(money: Money) -> Self {
        Self { centimes: money.centimes(), currency: Money::CURRENCY.to_owned() }
    }
}

/// Money that must be there.
///
/// # Errors
/// [`Malformed`] names `field` when it is missing or of a foreign currency.
pub fn money(field: &'static str, money: Option<&wire::Money>) -> Result<Money, Malformed> {
    optional_money(field, money)?.ok_or(Malformed::Missing(field))
}

/// Money that may be absent.
///
/// # Errors
/// [`Malformed::Invalid`] names `field` when it is of a foreign currency.
pub fn optional_money(field: &'static str, money: Option<&wire::Money>) -> Result<Option<Money>, Malformed> {
    match money {
        None => Ok(None),
        Some(money) if money.currency == Money::CURRENCY => {
            Money::from_centimes(money.centimes).map(Some).map_err(|_ignored| Malformed::Invalid(field))
        }
        Some(_) => Err(Malformed::Invalid(field)),
    }
}

impl From<PublicUser> for wire::PublicUser {
    fn from(user: PublicUser) -> Self {
        Self {
            id: user.id.to_string(),
            full_name: user.full_name,
            avatar_url: user.avatar_url,
            seller_category: user.seller_category.map(|category| wire::SellerCategory::from(category).into()),
            is_verified: user.is_verified,
        }
    }
}

impl TryFrom<wire::PublicUser> for PublicUser {
    type Error = Malformed;

    fn try_from(user: wire::PublicUser) -> Result<Self, Malformed> {
        Ok(Self {
            id: parse("id", &user.id)?,
            full_name: user.full_name,
            avatar_url: user.avatar_url,
            seller_category: optional_choice::<wire::SellerCategory, _>("seller_category", user.seller_category)?,
            is_verified: user.is_verified,
        })
    }
}

/// Both directions of an enum that the wire and we name alike.
///
/// `wire_enum!(wire::Role, Role, { Customer, Seller })` for variants of the same names; the wire's `Unspecified` is
/// malformed.
#[macro_export]
macro_rules! wire_enum {
    ($wire:ty, $ours:ty, { $($variant:ident),+ $(,)? }) => {
        impl From<$ours> for $wire {
            fn from(value: $ours) -> Self {
                match value { $(<$ours>::$variant => Self::$variant,)+ }
            }
        }

        impl TryFrom<$wire> for $ours {
            type Error = $crate::convert::Malformed;

            fn try_from(value: $wire) -> Result<Self, Self::Error> {
                match value {
                    $(<$wire>::$variant => Ok(Self::$variant),)+
                    <$wire>::Unspecified => Err($crate::convert::Malformed::Invalid(stringify!($ours))),
                }
            }
        }
    };
}

wire_enum!(wire::Role, Role, { Customer, Seller, Freelancer, Admin });
wire_enum!(wire::SellerCategory, SellerCategory, { Importateur, Grossiste, Fournisseur });
wire_enum!(wire::Approval, Approval, { Pending, Approved, Rejected });
