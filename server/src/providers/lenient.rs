//! Reading JSON whose types cannot be relied on.
//!
//! Providers write the same field as a number, a string, null or the string "null", and leave objects out or send another shape
//! after an update. A decision must not be lost over a field nobody looks at, so a value of an unexpected type reads as absent;
//! what is needed is checked after reading. Text is wiped from memory when dropped. A member given twice is an error: two readers
//! could each believe another one.

mod many;

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

pub(super) use many::{Entries, List};

/// Longer text than this reads as absent.
const MAX: usize = 2_048;

/// A text, number or boolean, as text. Empty text and "null" read as absent. It may be about a person, so it does not print.
#[derive(Default)]
pub(super) struct Scalar(Option<Zeroizing<String>>);

impl Scalar {
    /// The text, without white space around it.
    pub(super) fn text(&self) -> Option<&str> {
        self.0.as_ref().map(|text| text.as_str())
    }

    /// The text, if it is a code: 1 to `max` letters, digits, `_` or `-`. Anything else could be about a person.
    pub(super) fn code(&self, max: usize) -> Option<&str> {
        let is_code = |text: &&str| {
            text.len() <= max && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        };
        self.text().filter(is_code)
    }

    fn of(text: &str) -> Self {
        let text = text.trim();
        let is_absent = text.is_empty() || text.len() > MAX || text.eq_ignore_ascii_case("null");
        Self((!is_absent).then(|| Zeroizing::new(text.to_owned())))
    }
}

/// An object, or the first of a list of objects; anything else reads as absent.
pub(super) struct Object<T>(pub(super) Option<T>);

impl<T> Default for Object<T> {
    fn default() -> Self {
        Self(None)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::of(text))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar::of(&value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar::of(&value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Scalar, E> {
        Ok(Scalar::of(&value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Scalar, E> {
        Ok(Scalar::of(&value.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Scalar, E> {
        Ok(Scalar(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Scalar, A::Error> {
        IgnoredAny.visit_seq(list).map(|_| Scalar(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Scalar, A::Error> {
        IgnoredAny.visit_map(object).map(|_| Scalar(None))
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(|value| Object(Some(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Object<T>, A::Error> {
        let first = list.next_element::<Object<T>>()?.unwrap_or_default();
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(first)
    }

    fn visit_str<E>(self, _: &str) -> Result<Object<T>, E> {
        Ok(Object(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Object<T>, E> {
        Ok(Object(None))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Object<T>, E> {
        Ok(Object(None))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Object<T>, E> {
        Ok(Object(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Object<T>, E> {
        Ok(Object(None))
    }

    fn visit_unit<E>(self) -> Result<Object<T>, E> {
        Ok(Object(None))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ObjectVisitor(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(json: &str) -> Option<String> {
        serde_json::from_str::<Scalar>(json).unwrap().text().map(str::to_owned)
    }

    #[test]
    fn a_scalar_reads_whatever_stands_there() {
        assert_eq!(scalar(r#""204""#).as_deref(), Some("204"));
        assert_eq!(scalar("204").as_deref(), Some("204"));
        assert_eq!(scalar("-1").as_deref(), Some("-1"));
        assert_eq!(scalar(r#"" a b ""#).as_deref(), Some("a b"));
        for absent in ["null", r#""null""#, r#""""#, r#"" ""#, "[1,[2]]", r#"{"a":{"b":1}}"#] {
            assert_eq!(scalar(absent), None, "{absent}");
        }
    }

    #[test]
    fn a_code_has_no_room_for_a_sentence() {
        let of = |text: &str| Scalar::of(text).code(16).map(str::to_owned);
        assert_eq!(of("9001").as_deref(), Some("9001"));
        assert_eq!(of("resubmission_req").as_deref(), Some("resubmission_req"));
        assert_eq!(of("resubmission_requ"), None);
        assert_eq!(of("Mara Kask"), None);
    }

    #[test]
    fn an_object_is_found_alone_or_first_in_a_list() {
        #[derive(Deserialize)]
        struct Named {
            name: u8,
        }
        let name = |json: &str| serde_json::from_str::<Object<Named>>(json).unwrap().0.map(|named| named.name);
        assert_eq!(name(r#"{"name":1}"#), Some(1));
        assert_eq!(name(r#"[{"name":1},{"other":[]}]"#), Some(1));
        for absent in ["null", "[]", "[null]", "7", r#""x""#, "true", "1.5", "-2"] {
            assert_eq!(name(absent), None, "{absent}");
        }
    }

    #[test]
    fn a_member_given_twice_is_an_error() {
        #[derive(Deserialize)]
        struct Status {
            #[expect(dead_code, reason = "only its presence matters here")]
            status: Scalar,
        }
        assert!(serde_json::from_str::<Object<Status>>(r#"{"status":"declined","status":"approved"}"#).is_err());
    }
}
