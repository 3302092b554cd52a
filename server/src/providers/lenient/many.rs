//! Lists, and objects whose members have no fixed names, as leniently as the rest: what is no list or no object reads as empty, and an element
//! or member of another shape as absent. Whoever sends thousands is not read to the end of them.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// So many are kept; real answers have a dozen.
const MAX: usize = 64;

/// A list.
pub(in crate::providers) struct List<T>(pub(in crate::providers) Vec<T>);

/// An object's members in their order. One given twice is an error.
pub(in crate::providers) struct Entries<T>(pub(in crate::providers) Vec<(String, T)>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// What reads as empty when it is not what was looked for.
macro_rules! anything_else_is_empty {
    ($($visit:ident: $of:ty),*) => {
        $(fn $visit<E>(self, _: $of) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        })*

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("anything")
        }
    };
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    anything_else_is_empty!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<List<T>, A::Error> {
        let mut found = Vec::new();
        while found.len() < MAX
            && let Some(element) = list.next_element()?
        {
            found.push(element);
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(List(found))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<List<T>, A::Error> {
        IgnoredAny.visit_map(object).map(|_| List::default())
    }
}

struct EntriesVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for EntriesVisitor<T> {
    type Value = Entries<T>;

    anything_else_is_empty!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Entries<T>, A::Error> {
        IgnoredAny.visit_seq(list).map(|_| Entries::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Entries<T>, A::Error> {
        let mut found: Vec<(String, T)> = Vec::new();
        while let Some(name) = object.next_key::<String>()? {
            if found.len() == MAX {
                object.next_value::<IgnoredAny>()?;
                continue;
            }
            if found.iter().any(|(known, _)| *known == name) {
                return Err(A::Error::custom("a member is given twice"));
            }
            found.push((name, object.next_value()?));
        }
        Ok(Entries(found))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntriesVisitor(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Scalar;
    use super::*;

    fn list(json: &str) -> Vec<Option<String>> {
        let list: List<Scalar> = serde_json::from_str(json).unwrap();
        list.0.iter().map(|one| one.text().map(str::to_owned)).collect()
    }

    #[test]
    fn a_list_keeps_what_fits_and_is_empty_where_there_is_none() {
        assert_eq!(list(r#"["a", {"b": 1}, 2]"#), [Some("a".to_owned()), None, Some("2".to_owned())]);
        for other in ["null", "{}", r#"{"a":[1]}"#, "7", "-7", "1.5", "true", r#""x""#] {
            assert!(list(other).is_empty(), "{other}");
        }
        assert_eq!(list(&format!("[{}0]", "0,".repeat(999))).len(), MAX);
    }

    #[test]
    fn members_are_found_in_their_order_and_only_once_each() {
        let of = |json: &str| serde_json::from_str::<Entries<Scalar>>(json).map(|found| found.0);
        let names: Vec<String> = of(r#"{"b":1,"a":{"c":[]}}"#).unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["b", "a"]);
        assert!(of(r#"{"a":1,"a":2}"#).is_err());
        for other in ["null", "[]", r#"[{"a":1}]"#, "7", "-7", "1.5", "true", r#""x""#] {
            assert!(of(other).unwrap().is_empty(), "{other}");
        }
        let many: Vec<String> = (0..999).map(|n| format!("\"n{n}\":0")).collect();
        assert_eq!(of(&format!("{{{}}}", many.join(","))).unwrap().len(), MAX);
    }
}
