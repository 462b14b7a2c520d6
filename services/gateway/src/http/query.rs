//! Query parameters: each known, each once, empty ones absent, nothing coerced (`api.md` 2.1).

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use commerce_types::Day;
use garde::Validate;
use percent_encoding::percent_decode_str;
use serde::de::value::MapDeserializer;
use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};

use super::body::{mismatch, validated};
use super::error::ApiError;

/// The value that a query string says.
///
/// # Errors
/// 400: unknown, repeated, of the wrong type; or all that is out of its limits.
pub fn parse<T: DeserializeOwned + Validate<Context = ()>>(query: &str) -> Result<T, ApiError> {
    let pairs = pairs(query)?;
    let present = pairs.iter().filter(|(_, value)| !value.is_empty());
    let reading = Cell::new("");
    let texts = present.map(|(name, value)| (name.as_ref(), Text { name, value, reading: &reading }));
    let value = T::deserialize(MapDeserializer::new(texts)).map_err(|error: Mismatch| {
        let names_itself = error.message.starts_with("unknown field") || error.message.starts_with("missing field");
        mismatch(if names_itself { String::new() } else { reading.get().to_owned() }, &error.message)
    })?;
    // Which parameters there are is known to the type alone, also of those that were sent empty.
    for (name, _) in pairs.iter().filter(|(_, value)| value.is_empty()) {
        let empty = MapDeserializer::new(std::iter::once((name.as_ref(), Absent)));
        if let Err(error) = T::deserialize(empty)
            && error.message.starts_with("unknown field")
        {
            return Err(mismatch(String::new(), &error.message));
        }
    }
    validated(value)
}

/// An operation without parameters.
///
/// # Errors
/// 400 naming the first there is.
pub fn none(query: &str) -> Result<(), ApiError> {
    match pairs(query)?.first() {
        Some((name, _)) => Err(ApiError::invalid(name.clone().into_owned(), "is not known here")),
        None => Ok(()),
    }
}

/// For a parameter whose type reads itself from text, such as money.
///
/// # Errors
/// What the type says.
pub fn from_text<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: std::str::FromStr<Err: fmt::Display>,
{
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(de::Error::custom)).transpose()
}

/// The first day of a list is not after its last.
///
/// # Errors
/// 400 naming `date_from`.
pub fn days_in_order(from: Option<Day>, to: Option<Day>) -> Result<(), ApiError> {
    match (from, to) {
        (Some(from), Some(to)) if from > to => Err(ApiError::invalid("date_from", "must not be after date_to")),
        _ => Ok(()),
    }
}

/// The direction of a list, in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
#[schema(as = SortOrder)]
#[serde(rename_all = "UPPERCASE")]
pub enum Order {
    #[serde(rename = "ASC")]
    Ascending,
    #[serde(rename = "DESC")]
    Descending,
}

impl<'de> Deserialize<'de> for Order {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.to_ascii_lowercase().as_str() {
            "asc" => Ok(Self::Ascending),
            "desc" => Ok(Self::Descending),
            _ => Err(de::Error::custom("must be ASC or DESC")),
        }
    }
}

impl From<Order> for protocol::types::v1::SortOrder {
    fn from(order: Order) -> Self {
        match order {
            Order::Ascending => Self::Ascending,
            Order::Descending => Self::Descending,
        }
    }
}

type Pairs<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

fn pairs(query: &str) -> Result<Pairs<'_>, ApiError> {
    let mut pairs = Pairs::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(name).ok_or_else(|| ApiError::invalid("", "a parameter's name is not UTF-8"))?;
        let Some(value) = decode(value) else {
            return Err(ApiError::invalid(name.into_owned(), "is not UTF-8"));
        };
        if pairs.iter().any(|(other, _)| *other == name) {
            return Err(ApiError::invalid(name.into_owned(), "is there twice"));
        }
        pairs.push((name, value));
    }
    Ok(pairs)
}

fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(['%', '+']) {
        return Some(Cow::Borrowed(text));
    }
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(|text| Cow::Owned(text.into_owned()))
}

/// Why a query is not what it should be.
#[derive(Debug)]
struct Mismatch {
    message: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Mismatch {}

impl de::Error for Mismatch {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { message: message.to_string() }
    }
}

/// A parameter that was sent empty: it is as if it were not there.
#[derive(Clone, Copy)]
struct Absent;

impl<'de> IntoDeserializer<'de, Mismatch> for Absent {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Absent {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_none()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The text of one parameter, that becomes a number or a truth only if it is written exactly so.
#[derive(Clone, Copy)]
struct Text<'a> {
    name: &'a str,
    value: &'a str,
    /// The parameter that is being read: types that parse themselves fail after this was left.
    reading: &'a Cell<&'a str>,
}

fn wrong<T>(expected: &str) -> Result<T, Mismatch> {
    Err(de::Error::custom(expected))
}

impl<'de> IntoDeserializer<'de, Mismatch> for Text<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self.reading.set(self.name);
        self
    }
}

impl<'de> Deserializer<'de> for Text<'_> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_str(self.value)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.value {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => wrong("must be true or false"),
        }
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let digits = self.value.strip_prefix('-').unwrap_or(self.value);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return wrong("must be an integer");
        }
        // A number that no type can hold is out of every limit.
        match self.value.parse() {
            Ok(number) => visitor.visit_i64(number),
            Err(_) => wrong("is out of range"),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        allowed: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        if !allowed.contains(&self.value) {
            return wrong(&format!("must be one of: {}", allowed.join(", ")));
        }
        visitor.visit_enum(IntoDeserializer::<Mismatch>::into_deserializer(self.value))
    }

    fn deserialize_i8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_i16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_i64(visitor)
    }

    serde::forward_to_deserialize_any! {
        i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier
        ignored_any
    }
}

#[cfg(test)]
mod tests {
    use commerce_types::{Money, SellerCategory, UserId};
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, Validate)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[serde(default = "one")]
        #[garde(range(min = 1, max = 10_000))]
        page: i64,
        #[garde(skip)]
        search: Option<String>,
        #[garde(skip)]
        in_stock: Option<bool>,
        #[garde(skip)]
        seller_id: Option<UserId>,
        #[garde(skip)]
        seller_category: Option<SellerCategory>,
        #[serde(default, deserialize_with = "from_text")]
        #[garde(skip)]
        min_price: Option<Money>,
    }

    fn one() -> i64 {
        1
    }

    fn field(query: &str) -> String {
        let refusal = parse::<Sample>(query).unwrap_err();
        assert_eq!(refusal.reason.as_str(), "VALIDATION_ERROR");
        refusal.details[0].field.clone().into_owned()
    }

    #[test]
    fn every_type_is_read() {
        let query = "page=3&search=caf%C3%A9+noir&in_stock=false&min_price=12.5&seller_category=grossiste\
            &seller_id=0192F6A2-0000-7000-8000-000000000001";
        let sample: Sample = parse(query).unwrap();
        assert_eq!((sample.page, sample.search.as_deref(), sample.in_stock), (3, Some("café noir"), Some(false)));
        assert_eq!(sample.min_price.unwrap().to_string(), "12.5".parse::<Money>().unwrap().to_string());
        assert_eq!(sample.seller_category, Some(SellerCategory::Grossiste));
        assert_eq!(sample.seller_id.unwrap().to_string(), "0192f6a2-0000-7000-8000-000000000001");
    }

    #[test]
    fn an_empty_value_is_absent() {
        let sample: Sample = parse("page=&search=&in_stock=&min_price=&seller_id&&").unwrap();
        assert_eq!((sample.page, sample.search, sample.in_stock), (1, None, None));
        assert!(parse::<Sample>("").is_ok());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong = [
            ("colour=red", "colour"),
            ("colour=", "colour"),
            ("page=1&page=2", "page"),
            ("page=0", "page"),
            ("page=1.0", "page"),
            ("page=+1", "page"),
            ("page=1e3", "page"),
            ("page=9223372036854775808", "page"),
            ("page=-1", "page"),
            ("in_stock=TRUE", "in_stock"),
            ("in_stock=1", "in_stock"),
            ("seller_id=7", "seller_id"),
            ("seller_category=Grossiste", "seller_category"),
            ("min_price=-1", "min_price"),
            ("min_price=1.234", "min_price"),
            ("search=%ff", "search"),
            ("search=a&search=", "search"),
        ];
        for (query, name) in wrong {
            assert_eq!(field(query), name, "{query}");
        }
    }

    #[test]
    fn an_operation_without_parameters_names_the_first() {
        assert!(none("").is_ok() && none("&").is_ok());
        assert_eq!(none("a=1").unwrap_err().details[0].field, "a");
    }
}
