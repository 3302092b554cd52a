//! What `docs/security.md` promises and no other test sees; and that every test it names is there.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use kyc_tests::TestApp;
use metrics_exporter_prometheus::PrometheusBuilder;
use sqlx::Row;

use crate::rules::sources;

fn has_them(headers: &HeaderMap, path: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("strict-transport-security", "max-age=31536000; includeSubDomains"),
    ] {
        assert_eq!(headers.get(name).map(|found| found.to_str().unwrap()), Some(value), "{path}: {name}");
    }
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors"), "{path}: {policy}");
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{path}: {policy}");
    for name in headers.keys() {
        assert!(!name.as_str().starts_with("access-control-"), "{path} lets others read it: {name}");
    }
}

async fn ask(app: &TestApp, router: &Router, method: &str, path: &str) {
    let request = Request::builder().method(method).uri(path).header("origin", "https://evil.example");
    let request = request.header("access-control-request-method", "POST").body(Body::empty()).unwrap();
    let answer = app.guest().send(router, request).await;
    has_them(&answer.headers, &format!("{method} {path}"));
}

#[tokio::test]
async fn every_answer_of_every_listener_has_its_headers_and_lets_nobody_else_read_it() {
    let app = TestApp::start().await;
    let operator = kyc_desk::http::operator(&app.app, PrometheusBuilder::new().build_recorder().handle());
    let pages =
        ["/", "/review", "/auth/popup", "/auth/popup.js", "/auth/oidc/bank/callback", "/auth/saml/none/metadata"];
    let others = ["/api/me", "/api/sessions", "/openapi.json", "/no/such/page", "/auth/txn"];
    for path in pages.into_iter().chain(others) {
        ask(&app, &app.desk, "GET", path).await;
        ask(&app, &app.desk, "OPTIONS", path).await;
        ask(&app, &app.desk, "POST", path).await;
    }
    let token = format!("/c/{}", "a".repeat(43));
    for path in [
        "/c",
        "/c/step/consent",
        "/c/step/capture",
        "/c/step/photo",
        "/c/heartbeat",
        "/c/uploads",
        "/c/file/none",
        token.as_str(),
    ] {
        ask(&app, &app.edge, "GET", path).await;
        ask(&app, &app.edge, "POST", path).await;
    }
    for path in ["/openapi.json", "/flow/v1/sessions", "/oauth/token", "/webhooks/veriff/veriff-de", "/no/such/page"] {
        ask(&app, &app.edge, "GET", path).await;
        ask(&app, &app.edge, "OPTIONS", path).await;
        ask(&app, &app.edge, "POST", path).await;
    }
    for path in ["/healthz", "/readyz", "/no/such/page"] {
        ask(&app, &operator, "GET", path).await;
    }
}

#[tokio::test]
async fn the_cookie_is_long_and_kept_as_a_hash_only() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let value = mira.cookie.as_ref().unwrap().split_once('=').unwrap().1.to_owned();
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(&value).unwrap();
    assert!(bytes.len() >= 16, "128 bits");
    let rows = sqlx::query("SELECT hash, data FROM web_session").fetch_all(&app.database.raw().await).await.unwrap();
    assert_eq!(rows.len(), 1);
    let (hash, data): (Vec<u8>, String) = (rows[0].get(0), rows[0].get(1));
    assert!(hash.len() == 32 && !hash.windows(8).any(|part| bytes.windows(8).any(|of| of == part)));
    assert!(!data.contains(&value), "{data}");
    let thief = app.guest().with_cookie(&format!("__Host-Http-kyc={}", BASE64_URL_SAFE_NO_PAD.encode(&hash[..16])));
    assert_eq!(thief.get("/api/me").await.status, 401, "what is kept opens nothing");
}

#[test]
fn every_test_that_the_page_names_is_there() {
    let code: String = ["server/src", "tests", "sandbox/src", "app"]
        .iter()
        .flat_map(|folder| sources(folder, "rs"))
        .map(|(_, text)| text)
        .collect();
    let page = include_str!("../../docs/security.md");
    let rows = page.lines().filter(|line| line.starts_with("| ") && line.matches('|').count() == 4);
    let mut named = 0;
    for row in rows.filter_map(|line| line.trim_end_matches([' ', '|']).rsplit_once('|')) {
        for name in row.1.split('`').skip(1).step_by(2) {
            let is_there = [format!("fn {name}("), format!(" {name} ="), format!("=> {name},")]
                .iter()
                .any(|form| code.contains(form));
            assert!(is_there, "docs/security.md names {name}, which is no test");
            named += 1;
        }
    }
    assert!(named > 40, "{named} were found");
}
