//! As much of JSON Schema as Onfido's published description uses (`OpenAPI` 3.0). A keyword that is not understood fails: a rule that is not
//! looked at must not look kept.

use regex::Regex;
use serde_json::{Map, Value};

/// The published description.
pub struct Published(Value);

/// Whether members that are not described are allowed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// In answers: they may grow.
    Allowed,
    /// In what we send.
    Refused,
}

impl Published {
    pub fn new(document: Value) -> Self {
        Self(document)
    }

    /// A schema by its name.
    pub fn schema(&self, name: &str) -> &Value {
        let found = &self.0["components"]["schemas"][name];
        assert!(found.is_object(), "{name} is not described");
        found
    }

    /// What is wrong with a value.
    pub fn faults(&self, name: &str, value: &Value, unknown: Unknown) -> Vec<String> {
        let mut faults = Vec::new();
        self.check(self.schema(name), value, name, &mut faults);
        if unknown == Unknown::Refused {
            self.refuse_unknown(self.schema(name), value, name, &mut faults);
        }
        faults
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(path) => self.resolved(self.schema(path.strip_prefix("#/components/schemas/").unwrap())),
            None => schema,
        }
    }

    /// The members that a schema describes, with those of its parts.
    fn described<'a>(&'a self, schema: &'a Value, found: &mut Map<String, Value>) {
        let schema = self.resolved(schema);
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.described(part, found);
        }
        for (name, of) in schema["properties"].as_object().into_iter().flatten() {
            found.insert(name.clone(), of.clone());
        }
    }

    fn refuse_unknown(&self, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        let Some(members) = value.as_object() else { return };
        let mut described = Map::new();
        self.described(schema, &mut described);
        for (name, value) in members {
            match described.get(name) {
                None => faults.push(format!("{at}.{name} is not described")),
                Some(of) => self.refuse_unknown(of, value, &format!("{at}.{name}"), faults),
            }
        }
    }

    fn check(&self, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        let schema = self.resolved(schema);
        for (keyword, rule) in schema.as_object().expect("a schema is an object") {
            self.check_rule((keyword, rule), value, at, faults);
        }
    }

    fn check_rule(&self, (keyword, rule): (&str, &Value), value: &Value, at: &str, faults: &mut Vec<String>) {
        let length = || value.as_str().map_or(0, |text| text.chars().count() as u64);
        let is_kept = match keyword {
            // The last two: reports are checked against the schema of their own name.
            "description" | "example" | "readOnly" | "title" | "deprecated" | "default" | "nullable"
            | "discriminator" | "oneOf" => true,
            "type" => is_of_type(rule.as_str().unwrap(), value),
            "enum" => rule.as_array().unwrap().contains(value),
            "format" => value.as_str().is_none_or(|text| has_format(rule.as_str().unwrap(), text)),
            "pattern" => value.as_str().is_none_or(|text| Regex::new(rule.as_str().unwrap()).unwrap().is_match(text)),
            "minLength" => length() >= rule.as_u64().unwrap(),
            "maxLength" => length() <= rule.as_u64().unwrap(),
            "maxItems" => value.as_array().is_none_or(|list| list.len() as u64 <= rule.as_u64().unwrap()),
            "additionalProperties" => *rule == Value::Bool(true) || rule.is_object(),
            "required" => {
                let has = |name: &Value| value.get(name.as_str().unwrap()).is_some();
                !value.is_object() || rule.as_array().unwrap().iter().all(has)
            }
            _ => return self.descend((keyword, rule), value, at, faults),
        };
        if !is_kept {
            faults.push(format!("{at}: {keyword} {rule} is not kept by {value}"));
        }
    }

    fn descend(&self, (keyword, rule): (&str, &Value), value: &Value, at: &str, faults: &mut Vec<String>) {
        match keyword {
            "allOf" => rule.as_array().unwrap().iter().for_each(|part| self.check(part, value, at, faults)),
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    self.check(rule, item, &format!("{at}[{index}]"), faults);
                }
            }
            "properties" => {
                for (name, of) in rule.as_object().unwrap() {
                    if let Some(member) = value.get(name) {
                        self.check(of, member, &format!("{at}.{name}"), faults);
                    }
                }
            }
            _ => faults.push(format!("{at}: the keyword {keyword} is not understood")),
        }
    }
}

fn is_of_type(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        other => panic!("the type {other} is not understood"),
    }
}

fn has_format(name: &str, text: &str) -> bool {
    use time::format_description::well_known::Rfc3339;
    match name {
        "uuid" => uuid::Uuid::parse_str(text).is_ok(),
        "date-time" => time::OffsetDateTime::parse(text, &Rfc3339).is_ok(),
        "date" => time::OffsetDateTime::parse(&format!("{text}T00:00:00Z"), &Rfc3339).is_ok(),
        "float" => true,
        other => panic!("the format {other} is not understood"),
    }
}

/// The same without nulls: Onfido sends them where its description does not allow any.
pub fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(_, value)| !value.is_null());
            kept.map(|(name, value)| (name.clone(), without_nulls(value))).collect()
        }
        Value::Array(list) => list.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

#[test]
fn what_is_wrong_is_found() {
    let document = serde_json::json!({"components": {"schemas": {
        "name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 3},
        "thing": {"allOf": [{"$ref": "#/components/schemas/other"}, {"required": ["id"], "type": "object", "properties": {
            "id": {"type": "string", "format": "uuid"}, "on": {"type": "string", "format": "date"}, "kind": {"enum": ["a"]},
        }}]},
        "other": {"type": "object", "properties": {"names": {"type": "array", "maxItems": 1, "items": {"$ref": "#/components/schemas/name"}}}},
        "odd": {"minimum": 3},
    }}});
    let published = Published::new(document);
    let faults = |value: Value| published.faults("thing", &value, Unknown::Refused).len();
    let id = "c0ffee00-1111-4a11-8a11-000000000001";
    assert_eq!(faults(serde_json::json!({"id": id, "on": "2026-11-27", "kind": "a", "names": ["abc"]})), 0);
    for wrong in [
        serde_json::json!({}),
        serde_json::json!({"id": "x"}),
        serde_json::json!({"id": 7}),
        serde_json::json!({"id": id, "on": "27.11.2026"}),
        serde_json::json!({"id": id, "kind": "b"}),
        serde_json::json!({"id": id, "names": ["ABC"]}),
        serde_json::json!({"id": id, "names": ["abcd"]}),
        serde_json::json!({"id": id, "names": ["a", "b"]}),
        serde_json::json!({"id": id, "more": 1}),
    ] {
        assert!(faults(wrong.clone()) > 0, "{wrong}");
    }
    assert_eq!(published.faults("odd", &Value::Null, Unknown::Allowed), ["odd: the keyword minimum is not understood"]);
}
