//! The matrix of bad input, made from the API's own document: every operation, with every role and none, each header missing or foreign,
//! and bodies of the wrong type, size and shape. Each is refused by a problem with a stable code that repeats nothing of what was sent, and
//! nothing is changed. A new route is in here without anybody's doing.

mod operation;

use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use kyc_desk::store::TenantId;
use kyc_tests::{Answer, Caller, TestApp, new_session};
use kyc_wire::ids::SessionId;
use serde_json::{Value, json};

use crate::customer::Visitor;
use operation::{Guard, Operation, operations};

/// What no answer may repeat.
const CANARY: &str = "Canary-Zwölf-4111";
/// Larger than any listener takes.
const TOO_LARGE: usize = 2 * 1024 * 1024;
const UNKNOWN: &str = "0198c5a0-0000-7000-8000-000000000000";

/// An installation with one session that Mira holds, and everybody who could call.
struct Stage<'a> {
    app: &'a TestApp,
    id: String,
    people: Vec<(&'static str, &'static [&'static str], Caller<'a>)>,
    flow: Caller<'a>,
    bank: Caller<'a>,
    customer: Caller<'a>,
}

impl<'a> Stage<'a> {
    async fn set(app: &'a TestApp) -> Self {
        let mut people = Vec::new();
        for (login, roles) in [
            ("mira", &["agent"][..]),
            ("ines", &["supervisor"]),
            ("jo", &["agent", "supervisor"]),
            ("sanna", &["auditor"]),
            ("ravi", &["admin"]),
        ] {
            people.push((login, roles, app.staff(login).await));
        }
        let id = app.verified_session().await;
        people[0].2.act(&id, "take", json!({ "reason": null })).await;
        let visit = Visitor::begun(app, &id).await.cookie.unwrap();
        let customer = app.guest().with_cookie(&visit);
        Self { app, id, people, flow: app.flow().await, bank: app.bank_system().await, customer }
    }

    /// Somebody who may call it.
    fn allowed(&self, operation: &Operation) -> Caller<'a> {
        match &operation.guard {
            Guard::Staff(roles) => {
                let may = |known: &[&str]| roles.is_empty() || roles.iter().any(|role| known.contains(&role.as_str()));
                self.people.iter().find(|(_, known, _)| may(known)).unwrap().2.clone()
            }
            Guard::Client(scope) if scope == "flow" => self.flow.clone(),
            Guard::Client(_) => self.bank.clone(),
            Guard::Customer => self.customer.clone(),
            Guard::Nobody => self.app.guest(),
        }
    }

    async fn send(&self, operation: &Operation, by: &Caller<'_>, request: operation::Sent) -> Answer {
        let router = if operation.is_of_desk() { &self.app.desk } else { &self.app.edge };
        by.send(router, request.build(by)).await
    }

    /// Everything that a refused request must leave as it is.
    async fn rows(&self) -> (Value, usize, u64) {
        let id: SessionId = self.id.parse().unwrap();
        let mut tx = self.app.app.store.read(&self.app.app.tenant).await.unwrap();
        let session = serde_json::to_value(tx.find_session(id).await.unwrap()).unwrap();
        let fields = tx.list_fields(id).await.unwrap().len();
        (session, fields, tx.find_head().await.unwrap().seq)
    }

    /// Sends it and expects a refusal without effect.
    async fn refused(&self, what: &str, operation: &Operation, by: &Caller<'_>, request: operation::Sent) -> Answer {
        let before = self.rows().await;
        let answer = self.send(operation, by, request).await;
        let at = format!("{} {}, {what}: {} {}", operation.method, operation.path, answer.status, answer.text);
        assert!((400..500).contains(&answer.status), "{at}");
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{at}");
        assert_eq!(answer.headers["cache-control"], "no-store", "{at}");
        assert!(!answer.text.contains(CANARY), "{at}");
        let after = self.rows().await;
        assert_eq!(after.0, before.0, "{at}");
        assert_eq!(after.1, before.1, "{at}");
        answer
    }

    /// The same, expecting this code.
    async fn refused_as(
        &self,
        (code, what): (&str, &str),
        operation: &Operation,
        by: &Caller<'_>,
        request: operation::Sent,
    ) {
        let answer = self.refused(what, operation, by, request).await;
        assert_eq!(answer.code(), code, "{} {}, {what}: {}", operation.method, operation.path, answer.text);
    }
}

#[tokio::test]
async fn whoever_has_not_the_role_is_refused() {
    let app = TestApp::start().await;
    let stage = Stage::set(&app).await;
    for operation in &operations() {
        let good = || operation.good(&stage.id);
        match &operation.guard {
            Guard::Staff(roles) => {
                stage.refused_as(("sign_in_required", "nobody"), operation, &app.guest(), good()).await;
                let forged = app.guest().with_cookie("__Host-Http-kyc=forged");
                stage.refused_as(("sign_in_required", "a forged cookie"), operation, &forged, good()).await;
                stage.refused_as(("sign_in_required", "a client's token"), operation, &stage.flow, good()).await;
                for (login, known, caller) in &stage.people {
                    if !roles.is_empty() && !roles.iter().any(|role| known.contains(&role.as_str())) {
                        stage.refused_as(("not_found", login), operation, caller, good()).await;
                    }
                }
            }
            Guard::Client(scope) => {
                stage.refused_as(("sign_in_required", "nobody"), operation, &app.guest(), good()).await;
                stage.refused_as(("sign_in_required", "an agent"), operation, &stage.people[0].2, good()).await;
                let forged = app.guest().with_token("forged".to_owned());
                stage.refused_as(("sign_in_required", "a forged token"), operation, &forged, good()).await;
                let other = if scope == "flow" { &stage.bank } else { &stage.flow };
                stage.refused_as(("forbidden", "another client"), operation, other, good()).await;
            }
            Guard::Customer => {
                stage.refused_as(("sign_in_required", "nobody"), operation, &app.guest(), good()).await;
                stage.refused_as(("sign_in_required", "an agent"), operation, &stage.people[0].2, good()).await;
                let forged = app.guest().with_cookie("__Host-kyc-visit=forged");
                stage.refused_as(("sign_in_required", "a forged cookie"), operation, &forged, good()).await;
            }
            Guard::Nobody => {}
        }
    }
}

#[tokio::test]
async fn a_header_that_is_missing_or_foreign_is_refused() {
    let app = TestApp::start().await;
    let stage = Stage::set(&app).await;
    for operation in &operations() {
        let by = stage.allowed(operation);
        for header in &operation.headers {
            let (code, foreign): (_, &[&str]) = match header.as_str() {
                "sec-fetch-site" => ("cross_site", &["cross-site", "same-site", "none", ""]),
                "origin" => ("cross_site", &["null", "https://evil.example", "http://localhost:7310.evil.example", ""]),
                "x-kycdesk-csrf" => ("cross_site", &["0", "true", ""]),
                "x-session-id" => ("bad_header", &[UNKNOWN, "nonsense", ""]),
                "upload-offset" => ("bad_header", &["", "-1", "1.5", "0x10", "nonsense"]),
                "idempotency-key" => ("bad_header", &["", "short", "with space in it", "k\u{e9}y-with-an-accent"]),
                other => panic!("{other} has no line here"),
            };
            let mut missing = operation.good(&stage.id);
            missing.headers.remove(header.as_str());
            stage.refused_as((code, &format!("without {header}")), operation, &by, missing).await;
            for value in foreign {
                let mut request = operation.good(&stage.id);
                let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
                request.headers.insert(operation::name(header), value.clone());
                stage.refused_as((code, &format!("{header}: {value:?}")), operation, &by, request).await;
            }
            let mut twice = operation.good(&stage.id);
            let value = twice.headers[header.as_str()].clone();
            twice.headers.append(operation::name(header), value);
            stage.refused_as((code, &format!("{header} twice")), operation, &by, twice).await;
        }
    }
}

#[tokio::test]
async fn a_body_of_another_kind_or_size_is_refused() {
    let app = TestApp::start().await;
    let stage = Stage::set(&app).await;
    for operation in operations().iter().filter(|operation| operation.schema.is_some()) {
        let by = stage.allowed(operation);
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp", ""]
        {
            let mut request = operation.good(&stage.id);
            request.headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            stage.refused_as(("unsupported_media_type", kind), operation, &by, request).await;
        }
        let mut request = operation.good(&stage.id);
        request.body = format!("\"{}\"", "x".repeat(TOO_LARGE)).into_bytes();
        stage.refused_as(("too_large", "two megabytes"), operation, &by, request).await;
        let nested = "[".repeat(5_000);
        for body in ["", "{", "[]", "null", "7", "\"x\"", "{}}", "\u{feff}{}", "{\"a\":NaN}", nested.as_str()] {
            let mut request = operation.good(&stage.id);
            request.body = body.as_bytes().to_vec();
            let shown: String = body.chars().take(12).collect();
            stage.refused_as(("bad_request", &shown), operation, &by, request).await;
        }
        let mut request = operation.good(&stage.id);
        request.body = b"{\"\xff\":1}".to_vec();
        stage.refused_as(("bad_request", "not UTF-8"), operation, &by, request).await;
    }
}

#[tokio::test]
async fn a_field_that_is_wrong_missing_or_unknown_is_refused() {
    let app = TestApp::start().await;
    let stage = Stage::set(&app).await;
    for operation in &operations() {
        let Some(schema) = &operation.schema else { continue };
        let by = stage.allowed(operation);
        for (what, body) in schema.broken(CANARY) {
            // A data action cannot leave a field out, so an empty one is none there.
            if operation.path == "/flow/v1/sessions" && what == "session_id: \"\"" {
                continue;
            }
            let mut request = operation.good(&stage.id);
            request.body = body.into_bytes();
            let answer = stage.refused(&what, operation, &by, request).await;
            let code = answer.code();
            assert!(
                ["bad_request", "invalid"].contains(&code.as_str()),
                "{} {}, {what}: {code}",
                operation.method,
                operation.path
            );
        }
    }
}

#[tokio::test]
async fn what_belongs_to_others_is_not_there() {
    let app = TestApp::start().await;
    let stage = Stage::set(&app).await;
    let elsewhere = in_another_tenant(&stage).await;
    let hidden = app.new_id();
    let mut body = new_session(&hidden);
    body["queue"] = json!("business-de");
    assert_eq!(stage.flow.post_edge("/flow/v1/sessions", Some(&hidden), &body).await.status, 201);
    for operation in operations().iter().filter(|operation| operation.path.contains("{session_id}")) {
        let by = stage.allowed(operation);
        for id in [UNKNOWN, elsewhere.as_str()] {
            stage.refused_as(("not_found", id), operation, &by, fitting(operation, &by, id).await).await;
        }
        for id in ["nonsense", "..%2f..%2fetc", "%00", "'%20OR%201=1--"] {
            let mut request = operation.good(UNKNOWN);
            request.path = operation.path.replace("{session_id}", id);
            stage.refused_as(("not_found", id), operation, &by, request).await;
        }
        let is_agents = matches!(&operation.guard, Guard::Staff(roles) if roles.iter().any(|role| role == "agent"));
        if is_agents {
            let mira = &stage.people[0].2;
            let request = fitting(operation, mira, &hidden).await;
            stage.refused_as(("not_found", "another queue"), operation, mira, request).await;
        }
    }
}

/// A session with the same customer, of another tenant in the same database.
async fn in_another_tenant(stage: &Stage<'_>) -> String {
    let store = &stage.app.app.store;
    let session = {
        let mut tx = store.read(&stage.app.app.tenant).await.unwrap();
        tx.find_session(stage.id.parse().unwrap()).await.unwrap().unwrap()
    };
    let id = stage.app.new_id();
    let mut moved = session.clone();
    moved.id = id.parse().unwrap();
    let mut tx = store.begin(&TenantId::new("other")).await.unwrap();
    tx.insert_session(&moved, None).await.unwrap();
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn a_command_on_a_version_that_is_over_is_refused() {
    let app = TestApp::start().await;
    let stage = Stage::set(&app).await;
    let mut tried = 0;
    for operation in &operations() {
        if !operation.schema.as_ref().is_some_and(|schema| schema.has("expected_version")) {
            continue;
        }
        let by = stage.allowed(operation);
        for version in [json!(0), json!(1), json!(9_999), json!(u64::MAX)] {
            let mut request = fitting(operation, &by, &stage.id).await;
            let mut body: Value = serde_json::from_slice(&request.body).unwrap();
            body["expected_version"] = version.clone();
            request.body = body.to_string().into_bytes();
            stage.refused_as(("stale_version", &version.to_string()), operation, &by, request).await;
        }
        tried += 1;
    }
    assert!(tried > 10, "the document names the version: {tried}");
}

/// A request whose values are acceptable too: its reason is one that is configured for the act.
async fn fitting(operation: &Operation, by: &Caller<'_>, session: &str) -> operation::Sent {
    let mut request = operation.good(session);
    let act = operation.path.strip_prefix("/api/sessions/{session_id}/").unwrap_or_default().replace('-', "_");
    // Looking at a photo is a reveal.
    let act = if act == "photo" { "reveal".to_owned() } else { act };
    let has_reason = operation.path.starts_with("/api/") && operation.schema.as_ref().is_some_and(|s| s.has("reason"));
    if let Some(schema) = operation.schema.as_ref().filter(|_| has_reason) {
        let me = by.get("/api/me").await.json();
        let fits = |reason: &&Value| reason["acts"].as_array().unwrap().iter().any(|known| *known == act);
        let mut body = schema.good();
        body["reason"] =
            me["reasons"].as_array().unwrap().iter().find(fits).map_or(Value::Null, |one| one["code"].clone());
        request.body = body.to_string().into_bytes();
    }
    request
}

#[tokio::test]
async fn a_parameter_that_makes_no_sense_is_refused() {
    let app = TestApp::start().await;
    let stage = Stage::set(&app).await;
    let mut tried = 0;
    for operation in &operations() {
        let by = stage.allowed(operation);
        for name in &operation.parameters {
            for value in ["Canary-Zw%C3%B6lf-4111", "%00", "%ff", ""] {
                let mut request = operation.good(&stage.id);
                request.path = format!("{}?{name}={value}", request.path);
                let what = format!("?{name}={value}");
                if value.is_empty() {
                    let answer = stage.send(operation, &by, request).await;
                    assert!(answer.status < 500, "{} {what}: {}", operation.path, answer.text);
                } else {
                    stage.refused(&what, operation, &by, request).await;
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 30, "the document names the parameters: {tried}");
}

#[tokio::test]
async fn a_parameter_that_nobody_knows_is_refused() {
    let app = TestApp::start().await;
    let stage = Stage::set(&app).await;
    let mut tried = 0;
    for operation in operations().iter().filter(|operation| !operation.parameters.is_empty()) {
        let mut request = operation.good(&stage.id);
        request.path = format!("{}?no_such_parameter=1", request.path);
        stage.refused("?no_such_parameter", operation, &stage.allowed(operation), request).await;
        tried += 1;
    }
    assert!(tried > 2, "{tried}");
}
