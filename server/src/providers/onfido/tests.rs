//! Reports, runs and webhooks as files; calls against a server on this machine.

mod calls;
mod enumerated;
mod reports;
mod webhooks;

use http::HeaderMap;
use kyc_wire::ids::Micros;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::start::language;
use super::*;
use crate::providers::{Outcome, ProviderResult};

/// What the fixtures' run is called by Onfido.
const RUN: &str = "c0ffee00-1111-4a11-8a11-000000000002";
/// What the fixtures' check is called.
const CHECK: &str = "c0ffee00-1111-4a11-8a11-000000000020";
const WORKFLOW: &str = "c0ffee00-1111-4a11-8a11-000000000003";
/// When the tests learn of things: later than anything in the fixtures.
const NOW: Micros = Micros(1_790_000_000_000_000);

macro_rules! fixture {
    ($name:literal) => {
        serde_json::from_slice::<serde_json::Value>(include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../tests/fixtures/onfido/",
            $name,
            ".json"
        )))
        .unwrap()
    };
}
use fixture;

fn keys(tokens: &[&str]) -> Keys {
    Keys::new(tokens.iter().map(|token| SecretString::from(*token)).collect()).unwrap()
}

fn workflow() -> Product {
    Product::Workflow { id: WORKFLOW.to_owned(), report_tasks: vec!["check".to_owned()] }
}

fn classic() -> Product {
    Product::Checks { report_names: vec!["document".to_owned(), "facial_similarity_photo".to_owned()] }
}

fn onfido(base_url: &str, product: Product, access: Access) -> Onfido {
    let settings = Settings {
        name: "onfido-eu".to_owned(),
        base_url: base_url.parse().unwrap(),
        credentials: Live::new(Credentials {
            access,
            webhook_tokens: keys(&["our-own-demo-token", "the-token-before"]),
        }),
        product,
        console: ConsoleLink::new("https://dashboard.example/results/{id}", &["dashboard.example".to_owned()]).unwrap(),
    };
    Onfido::new(settings, Transport::new(reqwest::Client::builder().no_proxy()).unwrap())
}

fn with_token(base_url: &str, product: Product) -> Onfido {
    onfido(base_url, product, Access::Token(SecretString::from("api_sandbox.demo")))
}

/// A client that calls nobody; made once, because making one reads the machine's roots of trust.
fn offline() -> &'static Onfido {
    static OFFLINE: std::sync::LazyLock<Onfido> =
        std::sync::LazyLock::new(|| with_token("https://api.onfido.example", workflow()));
    &OFFLINE
}

/// What a run and its reports come to; each report is the output of a task of this name.
fn run_result(run: &Value, reports: &[(&str, Value)]) -> ProviderResult {
    let run: Run = serde_json::from_value(run.clone()).unwrap();
    assert!(decision::of_run(&run).is_ok(), "it is not over");
    decision::read_run(&run, findings(reports), NOW)
}

/// What a check and its reports come to.
fn check_result(check: &Value, reports: &[Value]) -> ProviderResult {
    let check: Check = serde_json::from_value(check.clone()).unwrap();
    let named: Vec<_> = reports.iter().map(|report| ("report", report.clone())).collect();
    decision::read_check(&check, findings(&named), NOW)
}

fn findings(reports: &[(&str, Value)]) -> Findings {
    let mut findings = Findings::default();
    for (name, report) in reports {
        findings.take(&serde_json::from_value(report.clone()).unwrap(), name);
    }
    findings
}

/// The same with some members replaced.
fn but(of: &Value, changes: &Value) -> Value {
    let mut changed = of.clone();
    for (name, value) in changes.as_object().unwrap() {
        changed[name] = value.clone();
    }
    changed
}

fn approved() -> Vec<(&'static str, Value)> {
    vec![("document_check", fixture!("approved_document")), ("face_check", fixture!("approved_face"))]
}

/// A document report with one objection.
fn objecting(part: &str, detail: &str, value: &str, properties: &Value) -> Value {
    json!({ "name": "document", "status": "complete", "result": "consider", "breakdown": {
        part: { "result": "consider", "breakdown": { detail: { "result": value, "properties": properties } } },
    } })
}
