//! Our token: got once, renewed early, got anew when it or the secret changes.

use kyc_desk::config::Config;
use kyc_sandbox::genesys_api::Fault;
use kyc_tests::TestApp;
use serde_json::json;

use super::{begin, conversation, with};

fn tokens(app: &TestApp) -> usize {
    app.contact_centre().requests().iter().filter(|request| request.path == "/oauth/token").count()
}

/// Somebody opens a session that she has not opened before; gives the status.
async fn open_another(app: &TestApp) -> u16 {
    let id = app.new_id();
    let mut body = kyc_tests::new_session(&id);
    body["conversation_id"] = json!(conversation(&id));
    // A token of its own: days go by in these tests.
    let flow = app.guest().with_token(app.guest().token("flow", "flow-secret").await);
    assert_eq!(flow.post_edge("/flow/v1/sessions", Some(&id), &body).await.status, 201);
    begin(app, &id, &["mira"]);
    app.staff("mira").await.get(&format!("/api/sessions/{id}")).await.status
}

#[tokio::test]
async fn one_token_serves_many_calls_and_is_renewed_before_it_ends() {
    let app = with("").await;
    for _ in 0..3 {
        assert_eq!(open_another(&app).await, 200);
    }
    assert_eq!(tokens(&app), 1);
    app.advance(86_400 - 8_640);
    assert_eq!(open_another(&app).await, 200);
    assert_eq!(tokens(&app), 2);
}

#[tokio::test]
async fn a_token_that_still_counts_is_used_while_no_other_can_be_got() {
    let app = with("").await;
    assert_eq!(open_another(&app).await, 200);
    app.advance(86_400 - 8_000);
    app.contact_centre().fail_next(&[Fault::Status(503)]);
    assert_eq!(open_another(&app).await, 200);
    assert_eq!(tokens(&app), 2, "it was tried");
}

#[tokio::test]
async fn a_token_that_was_ended_is_replaced_at_once() {
    let app = with("").await;
    assert_eq!(open_another(&app).await, 200);
    app.contact_centre().end_tokens();
    assert_eq!(open_another(&app).await, 200);
    assert_eq!(tokens(&app), 2);
}

#[tokio::test]
async fn a_new_secret_counts_from_the_reload_on() {
    let app = with("").await;
    assert_eq!(open_another(&app).await, 200);
    app.contact_centre().reconfigure(|config| config.client_secret = "the-next-secret".to_owned());
    app.contact_centre().end_tokens();
    assert_eq!(open_another(&app).await, 503, "the old one is no good any more");
    let text = app.configuration().replace("genesys-secret", "the-next-secret");
    let replaced = app.app.config.adopt(&Config::parse(&text).unwrap());
    assert_eq!(replaced.settings, ["genesys.client_secret"]);
    assert!(replaced.waiting.is_empty(), "{replaced:?}");
    assert_eq!(open_another(&app).await, 200);
}

#[tokio::test]
async fn a_wrong_secret_is_not_tried_again_and_again() {
    let app = with("").await;
    app.contact_centre().reconfigure(|config| config.client_secret = "another".to_owned());
    for _ in 0..5 {
        assert_eq!(open_another(&app).await, 503);
    }
    assert_eq!(tokens(&app), 1);
}
