//! The API's document: it says what the router does, no more and no less.

use std::collections::BTreeSet;

use axum::Router;
use axum::body::Body;
use kyc_desk::http::openapi::document;
use kyc_tests::TestApp;
use serde_json::Value;

fn json() -> Value {
    serde_json::to_value(document()).unwrap()
}

/// Paths that are pages and their files, not API.
const PAGES: [&str; 12] = [
    "/",
    "/s/{session_id}",
    "/review",
    "/sign-ins",
    "/auth/popup",
    "/c",
    "/c/{token}",
    "/c/step/consent",
    "/c/step/capture",
    "/c/step/photo",
    "/c/step/send",
    "/c/file/{name}",
];

#[test]
fn its_shape_changes_only_on_purpose() {
    insta::assert_json_snapshot!(json(), { ".info.version" => "[version]" });
}

#[tokio::test]
async fn every_path_of_the_router_is_described_and_every_described_one_is_there() {
    let routes = include_str!("../../app/wire/src/routes.rs");
    let known: BTreeSet<&str> =
        routes.lines().filter_map(|line| line.split_once(" = \"/")).map(|(_, rest)| rest).collect();
    let known: BTreeSet<String> =
        known.iter().filter_map(|rest| rest.split_once("\";")).map(|(path, _)| format!("/{path}")).collect();
    let document = json();
    let described: BTreeSet<String> = document["paths"].as_object().unwrap().keys().cloned().collect();
    let pages: BTreeSet<String> = PAGES.map(str::to_owned).into();
    assert_eq!(known.difference(&described).cloned().collect::<BTreeSet<_>>(), pages);
    assert_eq!(described.difference(&known).count(), 0);
}

#[tokio::test]
async fn every_described_method_is_taken_and_no_other() {
    let app = TestApp::start().await;
    for (path, operations) in json()["paths"].as_object().unwrap() {
        let described: BTreeSet<String> =
            operations.as_object().unwrap().keys().map(|name| name.to_uppercase()).collect();
        let found = methods(&app, &filled(path)).await;
        if !["/healthz", "/readyz", "/metrics"].contains(&path.as_str()) {
            assert_eq!(found, described, "{path}");
        }
    }
}

/// The methods that a path takes, on whichever listener has it: what the refusal of another method lists (RFC 9110, section 15.5.6).
async fn methods(app: &TestApp, path: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for router in [&app.desk, &app.edge] {
        found.extend(allowed(app, router, path).await);
    }
    found.remove("HEAD");
    found
}

async fn allowed(app: &TestApp, router: &Router, path: &str) -> Vec<String> {
    let request = app.guest().desk_request("PROPFIND", path).body(Body::empty()).unwrap();
    let answer = app.guest().send(router, request).await;
    let allow = answer.headers.get("allow").filter(|_| answer.status == 405);
    allow.map(|allow| allow.to_str().unwrap().split(',').map(str::to_owned).collect()).unwrap_or_default()
}

fn filled(path: &str) -> String {
    let ids = path.replace("{session_id}", "0198c5a0-0000-7000-8000-000000000000");
    ids.replace("{txn_id}", "0198c5a0-0000-4000-8000-000000000000")
        .replace("{upload_id}", "0198c5a0-0000-4000-8000-000000000000")
        .replace(['{', '}'], "")
}

#[test]
fn every_reference_leads_somewhere() {
    let (document, text) = (json(), json().to_string());
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let names = text.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next());
    for name in names {
        assert!(schemas.contains_key(name), "{name} is referred to and not there");
    }
}

#[tokio::test]
async fn both_listeners_hand_it_out() {
    let app = TestApp::start().await;
    let on_desk = app.guest().get("/openapi.json").await;
    let on_edge = app.guest().get_edge("/openapi.json", None).await;
    assert_eq!((on_desk.status, on_edge.status), (200, 200));
    assert_eq!(on_desk.json(), json());
    assert_eq!(on_edge.json()["openapi"], "3.1.0");
}
