//! JSON read strictly: no member twice, no deeper than allowed, and a form in which equal values are equal bytes.
//!
//! serde's derives see a repeated member only in some types and never the depth; this looks before they do.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Levels of objects and arrays.
pub(crate) const MOST_DEPTH: usize = 32;

/// Why a text is not taken as an object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    /// Not JSON, not UTF-8, too deep, or no object.
    #[error("not a JSON object")]
    Malformed,
    /// With the path of the member that is there twice.
    #[error("{0} is there twice")]
    Repeated(String),
}

/// The canonical form of an object: members in order, no white space, numbers by their value.
///
/// # Errors
/// The text is no object, or says something twice.
pub(crate) fn canonical_object(text: &[u8]) -> Result<Vec<u8>, Problem> {
    let problem = RefCell::new(None);
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let seed = Strict { depth: 0, path: String::new(), problem: &problem };
    let canonical = seed.deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    match canonical {
        Ok(value) if value.starts_with('{') => Ok(value.into_bytes()),
        Ok(_) => Err(Problem::Malformed),
        Err(_) => Err(problem.take().unwrap_or(Problem::Malformed)),
    }
}

struct Strict<'a> {
    depth: usize,
    path: String,
    problem: &'a RefCell<Option<Problem>>,
}

impl Strict<'_> {
    fn inside(&self, path: String) -> Self {
        Self { depth: self.depth + 1, path, problem: self.problem }
    }

    fn check_depth<E: Error>(&self) -> Result<(), E> {
        if self.depth < MOST_DEPTH { Ok(()) } else { Err(E::custom("too deep")) }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<String, E> {
        Ok("null".to_owned())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<String, E> {
        // `1.0` and `1e0` are 1. Display of a float never has an exponent, and -0 is 0.
        Ok(if value == 0.0 { "0".to_owned() } else { value.to_string() })
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<String, E> {
        serde_json::to_string(value).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<String, A::Error> {
        self.check_depth()?;
        let mut text = String::from("[");
        let mut index = 0_usize;
        while let Some(item) = items.next_element_seed(self.inside(format!("{}[{index}]", self.path)))? {
            if index > 0 {
                text.push(',');
            }
            text.push_str(&item);
            index += 1;
        }
        text.push(']');
        Ok(text)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<String, A::Error> {
        self.check_depth()?;
        let mut members = BTreeMap::new();
        while let Some(name) = map.next_key::<String>()? {
            let path = if self.path.is_empty() { name.clone() } else { format!("{}.{name}", self.path) };
            if members.contains_key(&name) {
                *self.problem.borrow_mut() = Some(Problem::Repeated(path));
                return Err(A::Error::custom("repeated member"));
            }
            let value = map.next_value_seed(self.inside(path))?;
            members.insert(name, value);
        }
        let mut text = String::from("{");
        for (index, (name, value)) in members.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            text.push_str(&serde_json::to_string(name).map_err(A::Error::custom)?);
            text.push(':');
            text.push_str(value);
        }
        text.push('}');
        Ok(text)
    }
}

/// How deep a JSON text is: 1 for an object that holds none.
pub(crate) fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn canonical(text: &str) -> Result<String, Problem> {
        canonical_object(text.as_bytes()).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn order_space_and_spelling_do_not_count() {
        let plain = canonical(r#"{"a":1,"b":[true,null,{"c":"é"}]}"#).unwrap();
        assert_eq!(canonical("{ \"b\" : [true , null,{\"c\":\"\\u00e9\"}] ,\n\"a\": 1.0 }").unwrap(), plain);
        assert_eq!(canonical(r#"{"a":1e0,"b":[true,null,{"c":"é"}]}"#).unwrap(), plain);
        assert_ne!(canonical(r#"{"a":1,"b":[null,true,{"c":"é"}]}"#).unwrap(), plain);
        assert_ne!(canonical(r#"{"a":"1","b":[true,null,{"c":"é"}]}"#).unwrap(), plain);
    }

    #[test]
    fn a_repeated_member_is_named() {
        let repeated = |path: &str| Err(Problem::Repeated(path.to_owned()));
        assert_eq!(canonical(r#"{"a":1,"a":1}"#), repeated("a"));
        assert_eq!(canonical(r#"{"items":[{"q":1},{"q":1,"\u0071":2}]}"#), repeated("items[1].q"));
    }

    #[test]
    fn what_is_no_object_is_malformed() {
        let deep = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
        assert!(canonical(&deep(MOST_DEPTH)).is_ok());
        for text in ["", "[]", "1", "null", "\"{}\"", "{", "{}}", "{'a':1}", "{\"a\":NaN}", "{\"a\":\"\\ud800\"}"] {
            assert_eq!(canonical(text), Err(Problem::Malformed), "{text}");
        }
        assert_eq!(canonical(&deep(MOST_DEPTH + 1)), Err(Problem::Malformed));
        assert_eq!(canonical(&deep(10_000)), Err(Problem::Malformed));
        assert_eq!(canonical_object(b"{\"a\":\"\xff\"}"), Err(Problem::Malformed));
        assert_eq!(canonical_object(b"\xef\xbb\xbf{}"), Err(Problem::Malformed));
    }

    proptest! {
        #[test]
        fn the_canonical_form_means_the_same(
            members in prop::collection::btree_map(".{0,6}", prop_oneof![
                any::<i64>().prop_map(Value::from), any::<bool>().prop_map(Value::from),
                ".{0,8}".prop_map(Value::from), Just(Value::Null),
            ], 0..8)
        ) {
            let object = Value::Object(members.into_iter().collect());
            let once = canonical(&object.to_string()).unwrap();
            prop_assert_eq!(serde_json::from_str::<Value>(&once).unwrap(), object);
            prop_assert_eq!(canonical(&once).unwrap(), once);
        }

        #[test]
        fn any_bytes_are_judged_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = canonical_object(&bytes);
        }
    }
}
