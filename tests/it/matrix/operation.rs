//! Operations as `/openapi.json` describes them, with a request that fits each and bodies that do not.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Request};
use kyc_tests::{Caller, fresh_key};
use serde_json::{Map, Value, json};

const DESK: &str = "http://localhost:7310";

/// Who may call it.
pub enum Guard {
    /// Staff with one of these roles; with any when there are none.
    Staff(Vec<String>),
    /// A client with this scope.
    Client(String),
    /// The script of the customer's page.
    Customer,
    /// Whoever reaches the listener.
    Nobody,
}

/// One operation.
pub struct Operation {
    pub method: String,
    pub path: String,
    pub guard: Guard,
    /// Headers it needs, in lower case.
    pub headers: Vec<String>,
    /// What its query may say.
    pub parameters: Vec<String>,
    pub schema: Option<BodySchema>,
}

/// A request on its way.
pub struct Sent {
    method: String,
    pub path: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Sent {
    /// As this caller sends it.
    pub fn build(self, by: &Caller<'_>) -> Request<Body> {
        let mut request =
            Request::builder().method(self.method.as_str()).uri(self.path).body(Body::from(self.body)).unwrap();
        *request.headers_mut() = self.headers;
        by.identify(&mut request);
        request
    }
}

/// A header's name.
pub fn name(text: &str) -> HeaderName {
    HeaderName::from_bytes(text.as_bytes()).unwrap()
}

impl Operation {
    /// Whether agents call it.
    pub fn is_of_desk(&self) -> bool {
        self.path.starts_with("/api/") || self.path.starts_with("/auth/")
    }

    /// A request about this session that fits the document.
    pub fn good(&self, session: &str) -> Sent {
        let path = self.path.replace("{session_id}", session).replace("{conversation_id}", "conv-of-nobody");
        let path = path.replace("{txn_id}", "0198c5a0-0000-4000-8000-000000000000");
        let path = path.replace("{sign_in_id}", "0198c5a0-0000-7000-8000-000000000001");
        let path = path.replace("{person_id}", "0198c5a0-0000-7000-8000-000000000002");
        let path = path.replace("{upload_id}", "0198c5a0-0000-4000-8000-000000000000");
        let mut headers = HeaderMap::new();
        for header in &self.headers {
            let value = match header.as_str() {
                "sec-fetch-site" => "same-origin".to_owned(),
                "origin" => DESK.to_owned(),
                "x-kycdesk-csrf" => "1".to_owned(),
                "x-session-id" => session.to_owned(),
                "idempotency-key" => fresh_key(),
                "upload-offset" => "0".to_owned(),
                other => panic!("{other} has no line here"),
            };
            headers.insert(name(header), HeaderValue::from_str(&value).unwrap());
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let body = self.schema.as_ref().map_or_else(|| json!({}), BodySchema::good).to_string().into_bytes();
        Sent { method: self.method.clone(), path, headers, body }
    }
}

/// Every operation that somebody must be allowed to call, or that takes a body.
pub fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(kyc_desk::http::openapi::document()).unwrap();
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, described) in methods.as_object().unwrap() {
            let operation = Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                guard: guard(&described["security"][0]),
                headers: named(&described["parameters"], "header"),
                parameters: named(&described["parameters"], "query"),
                schema: BodySchema::of(&described["requestBody"], &document),
            };
            if !matches!(operation.guard, Guard::Nobody) || operation.schema.is_some() {
                all.push(operation);
            }
        }
    }
    assert!(all.len() > 30, "the document is read");
    all
}

fn guard(security: &Value) -> Guard {
    let texts =
        |value: &Value| value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect();
    if let Some(roles) = security.get("sign-in") {
        Guard::Staff(texts(roles))
    } else if let Some(scopes) = security.get("client") {
        Guard::Client(scopes[0].as_str().unwrap().to_owned())
    } else if security.get("visit").is_some() {
        Guard::Customer
    } else {
        Guard::Nobody
    }
}

fn named(parameters: &Value, place: &str) -> Vec<String> {
    let all = parameters.as_array().into_iter().flatten();
    all.filter(|one| one["in"] == place).map(|one| one["name"].as_str().unwrap().to_lowercase()).collect()
}

/// The shape of a body.
pub struct BodySchema {
    properties: Map<String, Value>,
    required: Vec<String>,
}

impl BodySchema {
    fn of(body: &Value, document: &Value) -> Option<Self> {
        let schema = resolved(body.get("content")?.get("application/json")?.get("schema")?, document);
        assert_eq!(schema["additionalProperties"], false, "unknown fields must be refused: {schema}");
        let properties = schema["properties"].as_object()?;
        let properties = properties.iter().map(|(name, of)| (name.clone(), resolved(of, document))).collect();
        let required = schema["required"].as_array().into_iter().flatten();
        Some(Self { properties, required: required.map(|name| name.as_str().unwrap().to_owned()).collect() })
    }

    /// Whether it has this field.
    pub fn has(&self, field: &str) -> bool {
        self.properties.contains_key(field)
    }

    /// A body with the fields that must be there.
    pub fn good(&self) -> Value {
        self.required.iter().map(|name| (name.clone(), example(&self.properties[name]))).collect()
    }

    /// Bodies that do not fit, each with what is wrong.
    pub fn broken(&self, canary: &str) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for (name, schema) in &self.properties {
            for value in wrong(schema, canary) {
                let mut body = self.good();
                body[name] = value.clone();
                all.push((format!("{name}: {value}"), body.to_string()));
            }
            let body = self.good().to_string();
            let value = example(schema);
            let rest = body.trim_start_matches('{');
            let comma = if rest == "}" { "" } else { "," };
            all.push((format!("{name} twice"), format!("{{\"{name}\":{value},\"{name}\":{value}{comma}{rest}")));
        }
        for name in &self.required {
            let mut body = self.good();
            body.as_object_mut().unwrap().remove(name);
            all.push((format!("without {name}"), body.to_string()));
        }
        for unknown in ["surprise", "__proto__", canary] {
            let mut body = self.good();
            body[unknown] = json!(canary);
            all.push((format!("unknown {unknown}"), body.to_string()));
        }
        all
    }
}

fn resolved(schema: &Value, document: &Value) -> Value {
    let one_of = schema["oneOf"].as_array().and_then(|all| all.iter().find(|one| one.get("$ref").is_some()));
    match schema.get("$ref").or_else(|| one_of?.get("$ref")).and_then(Value::as_str) {
        Some(reference) => resolved(document.pointer(reference.trim_start_matches('#')).unwrap(), document),
        None => schema.clone(),
    }
}

fn kind(schema: &Value) -> &str {
    let named = &schema["type"];
    named.as_str().or_else(|| named.as_array()?.iter().filter_map(Value::as_str).find(|kind| *kind != "null")).unwrap()
}

fn example(schema: &Value) -> Value {
    match (kind(schema), schema["enum"].get(0)) {
        (_, Some(first)) => first.clone(),
        ("string", _) if schema["format"] == "uuid" => json!("0198c5a0-0000-7000-8000-00000000000f"),
        ("string", _) => json!("some-text"),
        ("integer", _) => json!(1),
        ("number", _) => json!(0.5),
        ("boolean", _) => json!(true),
        ("object", _) => json!({}),
        ("array", _) => json!([]),
        (other, _) => panic!("{other} has no line here"),
    }
}

/// Values that do not fit.
fn wrong(schema: &Value, canary: &str) -> Vec<Value> {
    let mut all = vec![json!([canary])];
    if kind(schema) != "array" {
        all.push(json!([]));
    }
    if kind(schema) != "object" {
        all.push(json!({ canary: canary }));
    }
    if kind(schema) != "string" {
        all.push(json!(canary));
        all.push(json!(""));
    }
    if kind(schema) != "boolean" {
        all.push(json!(true));
    }
    match kind(schema) {
        "integer" => all.extend([json!(-1), json!(1.5), json!(1e300)]),
        "number" => {}
        _ => all.extend([json!(0), json!(-1.5)]),
    }
    if schema.get("enum").is_some() || schema["format"] == "uuid" {
        all.extend([json!(canary), json!("")]);
    }
    all
}
