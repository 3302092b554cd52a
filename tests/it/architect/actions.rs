//! The data actions: each is one operation of our API, with its path, its headers, its fields and its answer. A renamed field fails here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{codes, document, files, schema};

/// Where the exports say that the product is.
pub const EDGE: &str = "https://kyc-edge.example.com";

/// A data action as exported.
pub struct DataAction(Value);

impl DataAction {
    pub fn all() -> BTreeMap<String, Self> {
        let read = files("actions", ".custom.json").into_values().map(|text| Self(super::json(&text)));
        read.map(|action| (action.name().to_owned(), action)).collect()
    }

    pub fn name(&self) -> &str {
        self.0["name"].as_str().unwrap()
    }

    pub fn request(&self, part: &str) -> &str {
        self.0["config"]["request"][part].as_str().unwrap()
    }

    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let headers = self.0["config"]["request"]["headers"].as_object().unwrap();
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
    }

    pub fn response(&self) -> &Value {
        &self.0["config"]["response"]
    }

    /// What it takes, by name, with the type.
    pub fn inputs(&self) -> BTreeMap<String, String> {
        types(&self.0["contract"]["input"]["inputSchema"])
    }

    /// What it gives.
    pub fn outputs(&self) -> BTreeMap<String, String> {
        types(&self.0["contract"]["output"]["successSchema"])
    }

    /// Its path in our document's words.
    fn path(&self) -> String {
        let url = self.request("requestUrlTemplate");
        let path = url.strip_prefix(EDGE).unwrap_or_else(|| panic!("{url} is elsewhere"));
        path.replace("$esc.url(${input.session_id})", "{session_id}")
    }

    /// Its body with something of the right type in each place.
    fn example(&self) -> Value {
        let inputs = self.inputs();
        let filled = fill(self.request("requestTemplate"), &|name| {
            let name = name.strip_prefix("input.").unwrap();
            match inputs.get(name).unwrap_or_else(|| panic!("{name} is not in the contract")).as_str() {
                "string" => "text".to_owned(),
                _ => "1".to_owned(),
            }
        });
        serde_json::from_str(&filled).unwrap_or_else(|error| panic!("{filled}: {error}"))
    }
}

fn types(schema: &Value) -> BTreeMap<String, String> {
    let of = |(name, of): (&String, &Value)| (name.clone(), of["type"].as_str().unwrap().to_owned());
    schema["properties"].as_object().unwrap().iter().map(of).collect()
}

/// How a reference begins and ends, and how its value is written.
type Form = (&'static str, &'static str, fn(&str) -> String);

/// A Velocity template with its references filled in: `${name}`, and the two escapes that our actions use.
pub fn fill(template: &str, value: &dyn Fn(&str) -> String) -> String {
    let (mut out, mut rest) = (String::new(), template);
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let forms: [Form; 3] = [
            ("$esc.jsonString(${", "})", in_json),
            ("$esc.url(${", "})", kyc_wire::routes::encode),
            ("${", "}", str::to_owned),
        ];
        let (begin, end, escape) =
            forms.into_iter().find(|(begin, _, _)| rest.starts_with(begin)).unwrap_or_else(|| panic!("{rest}"));
        let (name, after) = rest[begin.len()..].split_once(end).expect("a reference that ends");
        out.push_str(&escape(&value(name)));
        rest = after;
    }
    out + rest
}

fn in_json(text: &str) -> String {
    let quoted = json!(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[test]
fn every_action_is_an_operation_of_ours_with_its_headers_and_its_body() {
    let document = document();
    for (name, action) in DataAction::all() {
        let method = action.request("requestType").to_lowercase();
        let operation = &document["paths"][action.path()][&method];
        assert!(operation.is_object(), "{name}: {method} {} is not in our document", action.path());
        let sent: BTreeSet<String> = action.headers().map(|(name, _)| name.to_lowercase()).collect();
        let wanted = operation["parameters"].as_array().into_iter().flatten().filter(|one| one["in"] == "header");
        for header in wanted.map(|one| one["name"].as_str().unwrap().to_lowercase()) {
            assert!(sent.contains(&header), "{name} does not send {header}");
        }
        assert!(sent.contains("authorization"), "{name}");
        let Some(reference) = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str() else {
            continue;
        };
        let schema = schema(&document, reference.rsplit('/').next().unwrap());
        let example = action.example();
        for field in example.as_object().unwrap().keys() {
            assert!(schema["properties"].get(field).is_some(), "{name} sends {field}, which nobody takes");
        }
        for field in schema["required"].as_array().into_iter().flatten() {
            assert!(example.get(field.as_str().unwrap()).is_some(), "{name} does not send {field}");
        }
    }
}

#[test]
fn every_operation_of_the_flow_has_an_action() {
    let paths: BTreeSet<(String, String)> =
        DataAction::all().values().map(|one| (one.path(), one.request("requestType").to_lowercase())).collect();
    for (path, methods) in document()["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|_| path.starts_with("/flow/")) {
            assert!(paths.contains(&(path.clone(), method.clone())), "{method} {path} has no data action");
        }
    }
}

#[test]
fn every_action_gives_what_we_answer_field_by_field() {
    let document = document();
    let answer = schema(&document, "FlowAnswer");
    let resolved = |of: &Value| match of["$ref"].as_str().or_else(|| of["oneOf"][0]["$ref"].as_str()) {
        Some(reference) => schema(&document, reference.rsplit('/').next().unwrap()),
        None => of.clone(),
    };
    let kind = |of: &Value| resolved(of)["type"].as_str().unwrap_or("string").to_owned();
    let ours: BTreeMap<String, String> =
        answer["properties"].as_object().unwrap().iter().map(|(name, of)| (name.clone(), kind(of))).collect();
    for (name, action) in DataAction::all() {
        assert_eq!(action.outputs(), ours, "{name}");
        for field in ours.keys() {
            assert_eq!(action.response()["translationMap"][field], format!("$.{field}"), "{name}");
            let default = action.response()["translationMapDefaults"][field].as_str().unwrap();
            serde_json::from_str::<Value>(default).unwrap_or_else(|error| panic!("{name}: {field}: {error}"));
        }
        let filled = fill(action.response()["successTemplate"].as_str().unwrap(), &|name| {
            action.response()["translationMapDefaults"][name].as_str().unwrap().to_owned()
        });
        let given: Value = serde_json::from_str(&filled).unwrap();
        let named: BTreeSet<&String> = given.as_object().unwrap().keys().collect();
        assert_eq!(named, ours.keys().collect(), "{name}: {filled}");
    }
}

#[test]
fn every_action_is_secure_needs_all_it_takes_and_repeats_harmlessly() {
    for (name, action) in DataAction::all() {
        assert_eq!(action.0["secure"], true, "{name}: what is not secure shows in the flow's execution data");
        let seconds = action.0["config"]["timeoutSeconds"].as_u64().unwrap();
        assert!((1..=60).contains(&seconds), "{name}");
        let required = action.0["contract"]["input"]["inputSchema"]["required"].as_array().unwrap().len();
        assert_eq!(required, action.inputs().len(), "{name}");
        let mut used = action.request("requestUrlTemplate").to_owned() + action.request("requestTemplate");
        for (_, value) in action.headers() {
            used.push_str(value);
        }
        for input in action.inputs().keys() {
            assert!(used.contains(&format!("${{input.{input}}}")), "{name} asks for {input} and does not use it");
        }
        if let Some((_, key)) = action.headers().find(|(name, _)| *name == "Idempotency-Key") {
            assert!(key.starts_with("${input.conversation_id}-"), "{name}: {key}");
        }
    }
}

#[test]
fn codes_that_actions_send_are_codes_of_ours() {
    let action = &DataAction::all()["KYC Report Quality"];
    let reporter = action.example()["reporter"].as_str().unwrap().to_owned();
    assert!(codes("Reporter").contains(&reporter), "{reporter}");
}

#[test]
fn nothing_about_a_person_goes_through_an_action() {
    let known = [
        "session_id",
        "conversation_id",
        "customer_id",
        "queue",
        "language",
        "attempt",
        "score",
        "frame_height",
        "cause",
    ];
    for (name, action) in DataAction::all() {
        for input in action.inputs().keys() {
            assert!(
                known.contains(&input.as_str()),
                "{name}: {input} is new here: does it tell anything about a person?"
            );
        }
    }
}
