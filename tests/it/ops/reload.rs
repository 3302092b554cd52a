//! SIGHUP: new secrets without an interruption, and nothing else.

use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use kyc_desk::reload::reload;
use kyc_tests::{TestApp, captured};
use sha2::Sha256;

use super::{plan_event, text};

/// What a webhook signed with this secret is answered: 401 for a wrong one, 400 for a body that says nothing under a right one.
async fn webhook(app: &TestApp, secret: &str) -> u16 {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(b"{}");
    let signature = hex::encode(mac.finalize().into_bytes());
    let request = Request::post("/webhooks/veriff/veriff-de")
        .header("x-auth-client", "veriff-key")
        .header("x-hmac-signature", signature)
        .body(Body::from("{}"))
        .unwrap();
    app.guest().send(&app.edge, request).await.status
}

async fn token(app: &TestApp, secret: &str) -> u16 {
    let request = Request::post("/oauth/token")
        .header("authorization", format!("Basic {}", BASE64_STANDARD.encode(format!("flow:{secret}"))))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from("grant_type=client_credentials"))
        .unwrap();
    app.guest().send(&app.edge, request).await.status
}

#[tokio::test]
async fn a_providers_secret_is_replaced_with_an_overlap() {
    let app = TestApp::start().await;
    let file = app.directory.path().join("kyc-desk.toml");
    let begins_with = |secrets: &str| {
        std::fs::write(&file, text(&app, &[("[\"veriff-secret\"]", secrets)])).unwrap();
        reload(&app.app, &file).unwrap()
    };
    assert_eq!((webhook(&app, "veriff-secret").await, webhook(&app, "newer").await), (400, 401));
    let replaced = begins_with("[\"newer\", \"veriff-secret\"]");
    assert!(replaced.settings.contains(&"providers.veriff-de.shared_secrets[0]".to_owned()), "{replaced:?}");
    assert_eq!((webhook(&app, "veriff-secret").await, webhook(&app, "newer").await), (400, 400));
    begins_with("[\"newer\"]");
    assert_eq!((webhook(&app, "veriff-secret").await, webhook(&app, "newer").await), (401, 400));
}

#[tokio::test]
async fn a_clients_secret_and_the_banks_are_replaced() {
    let app = TestApp::start().await;
    let file = app.directory.path().join("kyc-desk.toml");
    let others = "whsec_YW5vdGhlci1zZWNyZXQtdGhhdC10aGUtYmFuay1sYWNrcw==";
    let ours = "whsec_dGVzdC1iYW5rLXdlYmhvb2stc2VjcmV0LTEyMzQ1Ng==";
    std::fs::write(&file, text(&app, &[("flow-secret", "flow-secret-2"), (ours, others)])).unwrap();
    assert_eq!(token(&app, "flow-secret").await, 200);
    let replaced = reload(&app.app, &file).unwrap();
    for setting in ["clients.flow.secret", "bank.event_secret"] {
        assert!(replaced.settings.iter().any(|found| found == setting), "{replaced:?}");
    }
    assert_eq!((token(&app, "flow-secret").await, token(&app, "flow-secret-2").await), (401, 200));
    plan_event(&app.app).await;
    app.work().await;
    assert!(app.bank.events().is_empty() && !app.bank.refused().is_empty(), "signed with the new secret");
}

#[tokio::test]
async fn a_token_ends_with_the_secret_that_it_was_issued_under() {
    let app = TestApp::start().await;
    let file = app.directory.path().join("kyc-desk.toml");
    let flow = app.guest().with_token(app.guest().token("flow", "flow-secret").await);
    let works = async || flow.post_edge("/flow/v1/sessions", None, &kyc_tests::new_session(&app.new_id())).await.status;
    let secret = "secret = \"flow-secret\"";
    let begins_with = |now: &str| {
        std::fs::write(&file, text(&app, &[(secret, now)])).unwrap();
        reload(&app.app, &file).unwrap()
    };
    assert_eq!(works().await, 201);
    let both = begins_with("secret = \"newer\"\nold_secrets = [\"flow-secret\"]");
    assert!(both.settings.contains(&"clients.flow.old_secrets[0]".to_owned()), "{both:?}");
    assert_eq!((works().await, token(&app, "flow-secret").await, token(&app, "newer").await), (201, 200, 200), "both");
    let newer = app.guest().with_token(app.guest().token("flow", "newer").await);
    begins_with("secret = \"newer\"");
    assert_eq!(
        (works().await, token(&app, "flow-secret").await),
        (401, 401),
        "the old one is worth nothing, nor are its tokens"
    );
    let body = kyc_tests::new_session(&app.new_id());
    assert_eq!(newer.post_edge("/flow/v1/sessions", None, &body).await.status, 201);
}

#[tokio::test]
async fn a_client_that_is_taken_out_is_out_at_once() {
    let app = TestApp::start().await;
    let file = app.directory.path().join("kyc-desk.toml");
    let flow = app.guest().with_token(app.guest().token("flow", "flow-secret").await);
    std::fs::write(&file, text(&app, &[("[clients.flow]", "[clients.other]")])).unwrap();
    reload(&app.app, &file).unwrap();
    let id = app.new_id();
    let refused = flow.post_edge("/flow/v1/sessions", None, &kyc_tests::new_session(&id)).await;
    assert_eq!(refused.status, 403, "its token is worth nothing either: {}", refused.text);
}

#[tokio::test]
async fn a_scope_that_is_taken_from_a_client_is_gone_at_once() {
    let app = TestApp::start().await;
    let file = app.directory.path().join("kyc-desk.toml");
    let flow = app.guest().with_token(app.guest().token("flow", "flow-secret").await);
    std::fs::write(&file, text(&app, &[(r#"scopes = ["flow"]"#, r#"scopes = ["claims:write"]"#)])).unwrap();
    reload(&app.app, &file).unwrap();
    let refused = flow.post_edge("/flow/v1/sessions", None, &kyc_tests::new_session(&app.new_id())).await;
    assert_eq!(refused.status, 403, "{}", refused.text);
}

#[tokio::test]
async fn a_configuration_with_a_mistake_changes_nothing_and_the_log_says_why() {
    let app = TestApp::start().await;
    let file = app.directory.path().join("kyc-desk.toml");
    let mistake = [("flow-secret", "half-written"), ("[\"veriff-secret\"]", "[]")];
    std::fs::write(&file, text(&app, &mistake)).unwrap();
    assert!(reload(&app.app, &file).unwrap_err().to_string().contains("providers.veriff-de.shared_secrets"));
    assert_eq!((token(&app, "flow-secret").await, token(&app, "half-written").await), (200, 401));
    assert_eq!(webhook(&app, "veriff-secret").await, 400);
    let log = captured();
    assert!(log.contains("nothing was changed") && log.contains("providers.veriff-de.shared_secrets: names no secret"));
    assert!(!log.contains("half-written"), "no secret gets into the log");
}
