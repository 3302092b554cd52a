//! Veriff, from the start to the result, with everything that can go wrong in between.

use axum::body::Body;
use axum::http::Request;
use kyc_sandbox::veriff::{Call, Fault, Outcome, Step, WebhookFault};
use serde_json::json;

use kyc_tests::{Caller, Setup, TestApp};

use crate::customer::Visitor;

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
    let request = Request::post("/webhooks/veriff/veriff-de")
        .header("x-auth-client", "veriff-key")
        .header("x-hmac-signature", "00".repeat(32))
        .body(Body::from(r#"{"status":"success"}"#))
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

#[tokio::test]
async fn between_a_recapture_and_the_next_run_the_first_counts_no_more() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.verified_session().await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    mira.act(&id, "recapture", json!({ "item": "document_back", "reason": "glare" })).await;
    let visitor = Visitor::of(&app, &id).await;
    let page = visitor.get("/c").await.text;
    assert!(!page.contains("/c/step/capture"), "the customer is not sent to the run that is over: {page}");
    assert_eq!(visitor.get("/c/step/capture").await.headers["location"], "/c");
    app.veriff.fail_next_call(1, Call::Create, Fault::RateLimited { retry_after: Some(30) });
    app.work().await;
    let runs = app.veriff.sessions_of(&id);
    assert_eq!(runs.len(), 1, "the second run is not there yet");
    app.advance(10);
    app.veriff.decide(&runs[0], Outcome::Declined(102)).await.unwrap();
    app.veriff.settle().await;
    app.work().await;
    let seen = mira.open(&id).await;
    assert_eq!(seen["status"], "created", "{seen}");
    assert!(seen["checks"].as_array().unwrap().iter().all(|check| check["outcome"] == "passed"), "{seen}");
    app.advance(60);
    app.work().await;
    app.decide(&id, Outcome::Clean).await;
    assert_eq!(mira.open(&id).await["status"], "agent_verification");
}

/// The call ends, and she comes back in another.
async fn fresh_call(flow: &Caller<'_>, id: &str) {
    let end = flow.post_edge(&format!("/flow/v1/sessions/{id}/end"), Some(id), &json!({ "is_abandoned": false })).await;
    assert_eq!(end.status, 200, "{}", end.text);
    let back = json!({ "conversation_id": "conv-second", "customer_id": "C-4F2A-0093" });
    let resumed = flow.post_edge(&format!("/flow/v1/sessions/{id}/resume"), Some(id), &back).await;
    assert_eq!(resumed.status, 200, "{}", resumed.text);
}

#[tokio::test]
async fn where_a_fresh_call_is_wanted_the_provider_begins_again_too() {
    let app = TestApp::with(Setup { policy: "resume = \"precall_only\"", ..Setup::default() }).await;
    let (mira, flow) = (app.staff("mira").await, app.flow().await);
    let id = app.session().await;
    app.claims(&id, 0).await;
    let path = format!("/flow/v1/sessions/{id}");
    let attempt = async || flow.post_edge(&format!("{path}/attempts"), Some(&id), &json!({})).await.json();
    assert_eq!(attempt().await["attempt"], 1);
    assert_eq!(
        flow.post_edge(&format!("{path}/heartbeat"), Some(&id), &json!({ "until_end": true })).await.status,
        200
    );
    // The document is there, the face is not: the connection is lost in the middle.
    let first = app.veriff.sessions_of(&id)[0].clone();
    app.veriff.event(&first, Step::Submitted).await.unwrap();
    app.veriff.settle().await;
    app.work().await;
    assert_eq!(mira.open(&id).await["status"], "document_submitted");
    mira.act(&id, "take", json!({ "reason": null })).await;
    mira.act(&id, "mark", json!({ "item": "face_matches", "mark": "passed" })).await;
    app.advance(60);
    assert_eq!(attempt().await["attempt"], 2, "a gap is no other call");
    fresh_call(&flow, &id).await;
    assert_eq!(attempt().await["attempt"], 1, "the first of the fresh call");
    app.work().await;
    assert_eq!(app.veriff.sessions_of(&id).len(), 2, "a second run");
    let seen = mira.open(&id).await;
    assert_eq!(seen["status"], "created");
    assert!(seen["checklist"].as_array().unwrap().iter().all(|line| line["mark"] == "open"), "{seen}");
    app.veriff.decide(&first, Outcome::Clean).await.unwrap();
    app.veriff.settle().await;
    app.work().await;
    assert_eq!(mira.open(&id).await["status"], "created", "what the interrupted call brought counts no more");
    app.decide(&id, Outcome::Clean).await;
    assert_eq!(mira.open(&id).await["status"], "agent_verification");
}

#[tokio::test]
async fn a_fresh_call_forgets_what_was_read_from_the_document_in_the_last_one() {
    let app = TestApp::with(Setup { policy: "resume = \"precall_only\"", ..Setup::default() }).await;
    let (mira, flow) = (app.staff("mira").await, app.flow().await);
    let id = app.session().await;
    app.claims(&id, 0).await;
    let beat = format!("/flow/v1/sessions/{id}/heartbeat");
    assert_eq!(flow.post_edge(&beat, Some(&id), &json!({})).await.status, 200);
    app.decide(&id, Outcome::Resubmission(204)).await;
    let documents = async || {
        let seen = mira.open(&id).await;
        seen["fields"].as_array().unwrap().iter().filter(|field| !field["document"].is_null()).count()
    };
    assert!(documents().await > 0, "it was read before it had to be captured again");
    app.advance(45);
    app.work().await;
    assert!(documents().await > 0, "who is only away loses nothing");
    fresh_call(&flow, &id).await;
    assert_eq!(documents().await, 0);
    let seen = mira.open(&id).await;
    assert!(seen["fields"].as_array().unwrap().iter().all(|field| !field["claim"].is_null()), "{seen}");
}
