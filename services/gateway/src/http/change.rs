//! A member of a PATCH: left out, cleared, or set.

use garde::{Path, Report, Validate};
use serde::{Deserialize, Deserializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// Needs `#[serde(default)]` on the member, or it is required.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Change<T> {
    /// Left as it is.
    #[default]
    Absent,
    /// `null`.
    Cleared,
    Set(T),
}

impl<T> Change<T> {
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The new value, if there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Absent | Self::Cleared => None,
        }
    }

    /// As protobuf says it: no message, a message without a value, a message with one.
    pub fn map<U>(self, change: impl FnOnce(Option<T>) -> U) -> Option<U> {
        match self {
            Self::Absent => None,
            Self::Cleared => Some(change(None)),
            Self::Set(value) => Some(change(Some(value))),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Self::Cleared, Self::Set))
    }
}

impl<T: Validate> Validate for Change<T> {
    type Context = T::Context;

    fn validate_into(&self, context: &Self::Context, parent: &mut dyn FnMut() -> Path, report: &mut Report) {
        if let Self::Set(value) = self {
            value.validate_into(context, parent, report);
        }
    }
}

impl<T: PartialSchema> PartialSchema for Change<T> {
    fn schema() -> RefOr<Schema> {
        OneOfBuilder::new().item(ObjectBuilder::new().schema_type(Type::Null)).item(T::schema()).into()
    }
}

impl<T: ToSchema> ToSchema for Change<T> {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Sample {
        #[serde(default)]
        bio: Change<String>,
    }

    fn bio(text: &str) -> Change<String> {
        serde_json::from_str::<Sample>(text).unwrap().bio
    }

    #[test]
    fn left_out_cleared_and_set_differ() {
        assert_eq!(bio("{}"), Change::Absent);
        assert_eq!(bio(r#"{"bio":null}"#), Change::Cleared);
        assert_eq!(bio(r#"{"bio":"x"}"#), Change::Set("x".to_owned()));
        assert!(serde_json::from_str::<Sample>(r#"{"bio":1}"#).is_err());
    }
}
