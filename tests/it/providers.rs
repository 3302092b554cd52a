//! Veriff, from the start to the result, with everything that can go wrong in between.

use kyc_sandbox::veriff::{Call, Fault, Outcome, Step, WebhookFault};
use serde_json::json;

use kyc_tests::TestApp;

async fn status(app: &TestApp, id: &str) -> String {
    app.staff("mira").await.open(id).await["status"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn veriff_is_told_our_reference_and_nothing_else() {
    let app = TestApp::start().await;
    let id = app.session().await;
    app.claims(&id, 2).await;
    let requests = app.veriff.requests();
    let created = requests.iter().find(|request| request.method == "POST").unwrap();
    let body: serde_json::Value = serde_json::from_str(&created.body).unwrap();
    assert_eq!(body["verification"]["vendorData"], id.as_str());
    assert!(body["verification"].get("person").is_none() && body["verification"].get("document").is_none());
}

#[tokio::test]
async fn a_webhook_with_a_wrong_signature_leaves_nothing() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let session = app.veriff.sessions_of(&id)[0].clone();
    app.veriff.hold_webhooks();
    app.veriff.event(&session, Step::Submitted).await.unwrap();
    app.veriff.decide(&session, Outcome::Clean).await.unwrap();
    app.veriff.lose_held_webhooks();
    let request = axum::http::Request::post("/webhooks/veriff/veriff-de")
        .header("x-auth-client", "veriff-key")
        .header("x-hmac-signature", "00".repeat(32))
        .body(axum::body::Body::from(r#"{"status":"success"}"#))
        .unwrap();
    let guest = app.guest();
    let answer = guest.send(&app.edge, request).await;
    assert_eq!((answer.status, answer.text.as_str()), (401, ""));
    app.work().await;
    assert_eq!(status(&app, &id).await, "created");
}

#[tokio::test]
async fn a_replayed_webhook_changes_nothing() {
    let app = TestApp::start().await;
    let id = app.session().await;
    app.veriff.spoil_next_webhook(WebhookFault::Duplicated);
    app.decide(&id, Outcome::Clean).await;
    let before = app.staff("mira").await.open(&id).await["version"].clone();
    app.veriff.settle().await;
    app.work().await;
    assert_eq!(app.staff("mira").await.open(&id).await["version"], before);
}

#[tokio::test]
async fn a_lost_webhook_is_made_up_for_by_asking() {
    let app = TestApp::start().await;
    let id = app.session().await;
    app.veriff.hold_webhooks();
    let session = app.veriff.sessions_of(&id)[0].clone();
    app.veriff.event(&session, Step::Submitted).await.unwrap();
    app.veriff.decide(&session, Outcome::Clean).await.unwrap();
    app.veriff.lose_held_webhooks();
    app.work().await;
    assert_eq!(status(&app, &id).await, "created");
    app.advance(61);
    app.work().await;
    assert_eq!(status(&app, &id).await, "agent_verification");
}

#[tokio::test]
async fn webhooks_in_the_wrong_order_lead_to_the_same_state() {
    let app = TestApp::start().await;
    let id = app.session().await;
    app.veriff.hold_webhooks();
    let session = app.veriff.sessions_of(&id)[0].clone();
    app.veriff.event(&session, Step::Submitted).await.unwrap();
    app.veriff.decide(&session, Outcome::Clean).await.unwrap();
    app.veriff.release_webhooks_reversed();
    app.veriff.settle().await;
    app.work().await;
    assert_eq!(status(&app, &id).await, "agent_verification");
}

#[tokio::test]
async fn a_start_that_is_refused_for_now_is_tried_again_later() {
    let app = TestApp::start().await;
    app.veriff.fail_next_call(1, Call::Create, Fault::RateLimited { retry_after: Some(30) });
    let id = app.session().await;
    assert!(app.veriff.sessions_of(&id).is_empty());
    let seen = app.staff("mira").await.open(&id).await;
    assert_eq!(seen["provider_view"]["phase"], "down");
    app.advance(29);
    app.work().await;
    assert!(app.veriff.sessions_of(&id).is_empty(), "Retry-After is honoured");
    app.advance(31);
    app.work().await;
    assert_eq!(app.veriff.sessions_of(&id).len(), 1);
    assert_eq!(app.staff("mira").await.open(&id).await["provider_view"]["phase"], "waiting_for_customer");
}

#[tokio::test]
async fn a_declined_document_is_explained_and_nothing_else_is_called_fine() {
    let app = TestApp::start().await;
    let id = app.session().await;
    app.claims(&id, 0).await;
    app.decide(&id, Outcome::Declined(102)).await;
    let seen = app.staff("mira").await.open(&id).await;
    let checks = seen["checks"].as_array().unwrap();
    assert!(
        checks.iter().any(|check| check["group"] == "document"
            && check["outcome"] == "failed"
            && check["provider_code"] == "102")
    );
    assert!(checks.iter().all(|check| check["outcome"] != "passed"));
}

#[tokio::test]
async fn a_new_capture_leaves_the_session_with_the_customer_and_the_next_result_wins() {
    let app = TestApp::start().await;
    let id = app.session().await;
    app.claims(&id, 0).await;
    app.decide(&id, Outcome::Resubmission(204)).await;
    assert_eq!(status(&app, &id).await, "created");
    app.advance(5);
    app.decide(&id, Outcome::Clean).await;
    assert_eq!(status(&app, &id).await, "agent_verification");
}

#[tokio::test]
async fn a_provider_that_changes_its_mind_after_the_approval_raises_a_flag_and_nothing_else() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.proposed_session(&mira).await;
    app.staff("jo").await.act(&id, "approve", json!({})).await;
    app.advance(60);
    app.decide(&id, Outcome::Declined(106)).await;
    let seen = app.staff("jo").await.open(&id).await;
    assert_eq!(
        (seen["status"].as_str(), seen["flag"]["reason"].as_str()),
        (Some("approved"), Some("provider_changed_its_mind"))
    );
}

#[tokio::test]
async fn after_a_recapture_the_results_of_the_first_run_are_ignored() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.verified_session().await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    mira.act(&id, "recapture", json!({ "item": "document_back", "reason": "glare" })).await;
    app.work().await;
    let runs = app.veriff.sessions_of(&id);
    assert_eq!(runs.len(), 2);
    app.advance(10);
    app.veriff.decide(&runs[0], Outcome::Declined(102)).await.unwrap();
    app.veriff.settle().await;
    app.work().await;
    assert_eq!(mira.open(&id).await["status"], "created");
    app.decide(&id, Outcome::Clean).await;
    assert_eq!(mira.open(&id).await["status"], "agent_verification");
}

#[tokio::test]
async fn a_webhook_about_a_session_that_is_not_ours_is_taken_and_ignored() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let session = app.veriff.sessions_of(&id)[0].clone();
    let mut tx = app.app.store.read(&app.app.tenant).await.unwrap();
    assert!(tx.find_run("veriff-de", &session).await.unwrap().is_some());
    assert!(tx.find_run("veriff-de", "unknown").await.unwrap().is_none());
}
