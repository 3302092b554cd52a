//! Onfido, from the start to the result, with everything that can go wrong in between: workflow runs and classic checks.

mod published;
mod schema;

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use kyc_desk::jobs;
use kyc_desk::providers::{Fetched, ProviderError, ProviderRef};
use kyc_sandbox::onfido::{Call, Fault, Outcome, WebhookFault};
use kyc_tests::{Answer, Setup, TestApp, new_session};
use serde_json::{Value, json};

use crate::customer::capture_of;

/// The integration with workflow runs, and the one with classic checks.
pub const BOTH: [&str; 2] = ["onfido-eu", "onfido-classic"];

pub const SECTIONS: &str = r#"
[providers.onfido-eu]
kind = "onfido"
base_url = "<onfido>"
api_token = "onfido-token"
webhook_tokens = ["onfido-webhook-token"]
workflow_id = "0f1d0000-0000-4000-8000-000000000001"
requests_per_minute = 60000
burst = 1000
[providers.onfido-classic]
kind = "onfido"
base_url = "<onfido>"
oauth_client_id = "onfido-client"
oauth_client_secret = "onfido-client-secret"
webhook_tokens = ["newer-webhook-token", "onfido-webhook-token"]
report_names = ["document", "facial_similarity_photo"]
requests_per_minute = 60000
burst = 1000
"#;

/// An installation whose webhooks go to one of the two.
pub async fn start(integration: &str) -> TestApp {
    let app = TestApp::with(Setup { more: SECTIONS, ..Setup::default() }).await;
    app.onfido_tells(integration);
    app
}

/// A session at this integration that was not started yet.
async fn unstarted(app: &TestApp, integration: &str) -> String {
    let id = app.new_id();
    let mut body = new_session(&id);
    body["provider"] = json!(integration);
    let made = app.flow().await.post_edge("/flow/v1/sessions", Some(&id), &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    id
}

/// A session at this integration, waiting for the customer.
pub async fn session(app: &TestApp, integration: &str) -> String {
    let id = unstarted(app, integration).await;
    app.work().await;
    assert_eq!(app.onfido.runs_of(&id).len(), 1, "it was started");
    id
}

/// The customer hands everything in, and Onfido decides.
pub async fn decide(app: &TestApp, id: &str, outcome: Outcome) {
    let run = app.onfido.runs_of(id).pop().expect("it was started");
    app.onfido.decide(&run, outcome).await.unwrap();
    app.work().await;
}

async fn claims(app: &TestApp, id: &str, identity: usize) -> Answer {
    app.onfido.assign(id, identity);
    let claims = app.onfido.identities()[identity].claims();
    app.bank_system().await.put_edge(&format!("/bank/v1/sessions/{id}/claims"), &claims).await
}

async fn seen(app: &TestApp, id: &str) -> Value {
    app.staff("mira").await.open(id).await
}

async fn status(app: &TestApp, id: &str) -> String {
    seen(app, id).await["status"].as_str().unwrap().to_owned()
}

fn outcomes(seen: &Value, group: &str) -> Vec<(String, String)> {
    let checks = seen["checks"].as_array().unwrap().iter().filter(|check| check["group"] == group);
    let text = |check: &Value, name: &str| check[name].as_str().unwrap_or_default().to_owned();
    checks.map(|check| (text(check, "outcome"), text(check, "provider_code"))).collect()
}

#[tokio::test]
async fn onfido_is_told_our_reference_and_nothing_else() {
    for integration in BOTH {
        let app = start(integration).await;
        let id = session(&app, integration).await;
        claims(&app, &id, 2).await;
        decide(&app, &id, Outcome::Clear).await;
        let identity = app.onfido.identities()[2].clone();
        let sent: Vec<_> = app.onfido.requests().into_iter().flat_map(|sent| [sent.path, sent.body]).collect();
        let sent = sent.join("\n");
        assert!(sent.contains(&id));
        for value in [
            identity.first_name,
            identity.last_name,
            identity.number,
            identity.birth_date,
            identity.email,
            identity.street,
        ] {
            assert!(!sent.contains(&value), "{integration} was told {value}");
        }
    }
}

#[tokio::test]
async fn a_clear_case_is_approved() {
    for integration in BOTH {
        let app = start(integration).await;
        let id = session(&app, integration).await;
        assert_eq!(claims(&app, &id, 0).await.status, 204);
        let run = app.onfido.runs_of(&id).pop().unwrap();
        app.onfido.submit(&run).await.unwrap();
        app.work().await;
        assert_eq!(status(&app, &id).await, "document_submitted");
        decide(&app, &id, Outcome::Clear).await;
        let shown = seen(&app, &id).await;
        assert_eq!(shown["status"], "agent_verification", "{shown}");
        for group in ["document", "face", "liveness", "data"] {
            assert_eq!(outcomes(&shown, group)[0].0, "passed", "{group} of {integration}");
        }
        assert!(shown["provider_view"]["console_url"].as_str().unwrap().starts_with("https://dashboard.onfido.com/"));
        assert!(shown["fields"].as_array().unwrap().iter().all(|field| field["agreement"] != "differs"), "{shown}");
        let mira = app.staff("mira").await;
        mira.act(&id, "take", json!({ "reason": null })).await;
        mira.tick_off(&id).await;
        assert_eq!(mira.act(&id, "propose", json!({ "reason": null })).await["status"], "final_approval");
        assert_eq!(app.staff("jo").await.act(&id, "approve", json!({})).await["status"], "approved");
    }
}

#[tokio::test]
async fn fraud_is_explained_and_rejected() {
    for integration in BOTH {
        let app = start(integration).await;
        let id = session(&app, integration).await;
        decide(&app, &id, Outcome::Screen).await;
        let shown = seen(&app, &id).await;
        assert_eq!(shown["status"], "agent_verification");
        let (outcome, code) = outcomes(&shown, "document").remove(0);
        assert_eq!(outcome, "failed");
        assert!(code.ends_with("visual_authenticity.original_document_present.photo_of_screen"), "{code}");
        let check = shown["checks"].as_array().unwrap().iter().find(|check| check["outcome"] == "failed").unwrap();
        assert!(check["explanation"]["en"].as_str().unwrap().contains("screen") && check["look_at"]["de"].is_string());
        let mira = app.staff("mira").await;
        mira.act(&id, "take", json!({ "reason": null })).await;
        let reason = mira.reason_for("reject").await;
        assert_eq!(mira.act(&id, "reject", json!({ "reason": reason })).await["status"], "rejected");
    }
}

#[tokio::test]
async fn doubts_are_for_a_person_and_another_face_fails() {
    for integration in BOTH {
        let app = start(integration).await;
        let (doubts, face) = (session(&app, integration).await, session(&app, integration).await);
        decide(&app, &doubts, Outcome::Doubts).await;
        decide(&app, &face, Outcome::OtherFace).await;
        let shown = seen(&app, &doubts).await;
        assert_eq!(
            (shown["status"].as_str(), outcomes(&shown, "document")[0].0.as_str()),
            (Some("agent_verification"), "review")
        );
        let shown = seen(&app, &face).await;
        assert_eq!(outcomes(&shown, "face")[0].0, "failed");
        assert_eq!(outcomes(&shown, "liveness")[0].0, "passed");
    }
}

#[tokio::test]
async fn a_blurred_picture_is_taken_again_in_a_run_of_its_own() {
    for integration in BOTH {
        let app = start(integration).await;
        let id = session(&app, integration).await;
        decide(&app, &id, Outcome::Blurred).await;
        assert_eq!(app.onfido.runs_of(&id).len(), 2, "the customer gets another link");
        assert_eq!(status(&app, &id).await, "created");
        let capture = capture_of(&app, &id).await;
        let second = app.onfido.runs_of(&id).pop().unwrap();
        assert!(capture.ends_with(&second), "{capture}");
        app.advance(5);
        decide(&app, &id, Outcome::Clear).await;
        assert_eq!(status(&app, &id).await, "agent_verification");
    }
}

#[tokio::test]
async fn who_never_finishes_expires_and_what_is_withdrawn_is_for_a_person() {
    let app = start("onfido-eu").await;
    let id = session(&app, "onfido-eu").await;
    decide(&app, &id, Outcome::Abandoned).await;
    assert_eq!(status(&app, &id).await, "expired");
    let app = start("onfido-classic").await;
    let id = session(&app, "onfido-classic").await;
    decide(&app, &id, Outcome::Abandoned).await;
    let shown = seen(&app, &id).await;
    assert_eq!(
        (shown["status"].as_str(), outcomes(&shown, "document")[0].0.as_str()),
        (Some("agent_verification"), "review")
    );
}

#[tokio::test]
async fn a_technical_failure_says_nothing_about_the_customer() {
    let app = start("onfido-eu").await;
    let id = session(&app, "onfido-eu").await;
    decide(&app, &id, Outcome::Error).await;
    let shown = seen(&app, &id).await;
    assert_eq!(shown["status"], "agent_verification");
    assert_eq!(outcomes(&shown, "document"), [("review".to_owned(), "task_failed".to_owned())]);
}

#[tokio::test]
async fn what_onfido_holds_is_deleted_and_then_unknown() {
    for integration in BOTH {
        let app = start(integration).await;
        let id = session(&app, integration).await;
        decide(&app, &id, Outcome::Clear).await;
        let run = ProviderRef::parse(app.onfido.runs_of(&id).remove(0)).unwrap();
        let provider = &app.app.providers[integration].provider;
        let now = kyc_desk::clock::Clock::now(&app.clock);
        assert!(matches!(provider.result(&run, now).await.unwrap(), Fetched::Decided(_)));
        provider.delete(&run).await.unwrap();
        assert_eq!((app.onfido.count(), app.onfido.applicants()), (0, 0));
        assert!(matches!(provider.result(&run, now).await, Err(ProviderError::NotFound)));
        provider.delete(&run).await.unwrap();
    }
}

#[tokio::test]
async fn a_webhook_that_overtakes_the_answer_to_our_start_is_applied_later() {
    for integration in BOTH {
        let app = start(integration).await;
        let other = app.beside().await;
        other.onfido_tells(integration);
        let id = unstarted(&app, integration).await;
        app.onfido.fail_next_call(1, Call::Create, Fault::Unanswered);
        let slow = Arc::clone(&app.app);
        let slow = tokio::spawn(async move { jobs::run_due(&slow).await.map_err(|error| error.code()) });
        while app.onfido.runs_of(&id).is_empty() {
            assert!(!slow.is_finished(), "the start ended without a run");
            tokio::task::yield_now().await;
        }
        decide_quietly(&other, &id).await;
        assert!(!slow.is_finished(), "the webhooks were not faster");
        app.onfido.answer_now();
        assert!(slow.await.unwrap().is_ok());
        app.work().await;
        for _ in 0..4 {
            app.advance(10);
            app.work().await;
        }
        assert_eq!(status(&app, &id).await, "agent_verification", "{integration}");
        assert_eq!(app.onfido.runs_of(&id).len(), 1, "it was started again");
    }
}

async fn decide_quietly(app: &TestApp, id: &str) {
    let run = app.onfido.runs_of(id).remove(0);
    app.onfido.decide(&run, Outcome::Clear).await.unwrap();
    while jobs::run_due(&app.app).await.unwrap() > 0 {}
}

#[tokio::test]
async fn a_start_whose_answer_got_lost_is_looked_up_and_not_made_again() {
    let app = start("onfido-eu").await;
    app.onfido.fail_next_call(1, Call::Create, Fault::ResetAfterwards);
    let id = session(&app, "onfido-eu").await;
    assert_eq!(seen(&app, &id).await["provider_view"]["phase"], "waiting_for_customer");
    // Where even the question gets lost, the next start asks once more.
    app.onfido.fail_next_call(1, Call::Create, Fault::ResetAfterwards);
    app.onfido.fail_next_call(1, Call::Read, Fault::Reset);
    let id = unstarted(&app, "onfido-eu").await;
    app.work().await;
    assert_eq!(seen(&app, &id).await["provider_view"]["phase"], "down");
    app.advance(60);
    app.work().await;
    assert_eq!(seen(&app, &id).await["provider_view"]["phase"], "waiting_for_customer");
    assert_eq!(app.onfido.runs_of(&id).len(), 1);
}

#[tokio::test]
async fn a_lost_webhook_is_made_up_for_by_asking() {
    for integration in BOTH {
        let app = start(integration).await;
        let id = session(&app, integration).await;
        app.onfido.hold_webhooks();
        let run = app.onfido.runs_of(&id).remove(0);
        app.onfido.submit(&run).await.unwrap();
        app.advance(61);
        app.work().await;
        assert_eq!(status(&app, &id).await, "document_submitted", "that too is found out by asking");
        app.onfido.decide(&run, Outcome::Clear).await.unwrap();
        assert!(app.onfido.lose_held_webhooks() > 0);
        app.advance(121);
        app.work().await;
        assert_eq!(status(&app, &id).await, "agent_verification");
    }
}

#[tokio::test]
async fn bursts_of_429_slowness_and_resets_only_delay_a_result() {
    let app = start("onfido-eu").await;
    let id = session(&app, "onfido-eu").await;
    app.onfido.fail_next_call(3, Call::Read, Fault::RateLimited { retry_after: Some(20) });
    app.onfido.fail_next_call(1, Call::Read, Fault::Reset);
    app.onfido.fail_next_call(1, Call::Read, Fault::Slow(20));
    app.onfido.fail_next_call(1, Call::Read, Fault::Status(503));
    decide(&app, &id, Outcome::Clear).await;
    assert_eq!(status(&app, &id).await, "created");
    for _ in 0..12 {
        app.advance(30);
        app.work().await;
    }
    assert_eq!(status(&app, &id).await, "agent_verification");
}

#[tokio::test]
async fn an_answer_that_is_a_web_page_is_not_taken_for_a_result() {
    let app = start("onfido-eu").await;
    let id = session(&app, "onfido-eu").await;
    app.onfido.fail_next_call(1, Call::Read, Fault::NotJson);
    decide(&app, &id, Outcome::Clear).await;
    assert_ne!(status(&app, &id).await, "approved");
    app.advance(61);
    app.work().await;
    assert_eq!(status(&app, &id).await, "agent_verification", "asking once more helps");
}

#[tokio::test]
async fn a_clock_that_is_wrong_at_onfido_loses_no_result() {
    for skew in [-900, 900] {
        let app = start("onfido-eu").await;
        app.onfido.reconfigure(|config| config.clock_skew_seconds = skew);
        let id = session(&app, "onfido-eu").await;
        decide(&app, &id, Outcome::Doubts).await;
        assert_eq!(status(&app, &id).await, "agent_verification");
        app.advance(5);
        decide(&app, &id, Outcome::Clear).await;
        assert_eq!(outcomes(&seen(&app, &id).await, "document")[0].0, "passed", "the later word counts");
    }
}

#[tokio::test]
async fn a_webhook_with_a_wrong_signature_leaves_nothing() {
    let app = start("onfido-eu").await;
    let id = session(&app, "onfido-eu").await;
    app.onfido.reconfigure(|config| config.retry_delays.clear());
    for _ in 0..4 {
        app.onfido.spoil_next_webhook(WebhookFault::WrongSignature);
    }
    let run = app.onfido.runs_of(&id).remove(0);
    app.onfido.decide(&run, Outcome::Clear).await.unwrap();
    assert!(app.onfido.deliveries().iter().all(|delivery| delivery.status == Some(401)));
    app.work().await;
    assert_eq!(status(&app, &id).await, "created");
}

#[tokio::test]
async fn a_right_signature_over_broken_json_is_a_bad_request_and_leaves_nothing() {
    let app = start("onfido-eu").await;
    let id = session(&app, "onfido-eu").await;
    app.onfido.reconfigure(|config| config.retry_delays.clear());
    app.onfido.spoil_next_webhook(WebhookFault::BrokenJson);
    let run = app.onfido.runs_of(&id).remove(0);
    app.onfido.submit(&run).await.unwrap();
    assert_eq!(app.onfido.deliveries()[0].status, Some(400));
    app.work().await;
    assert_eq!(status(&app, &id).await, "created");
    let mut tx = app.app.store.begin(&app.app.tenant).await.unwrap();
    assert!(tx.list_dead_jobs(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_replayed_webhook_changes_nothing() {
    let app = start("onfido-eu").await;
    let id = session(&app, "onfido-eu").await;
    app.onfido.spoil_next_webhook(WebhookFault::Duplicated);
    decide(&app, &id, Outcome::Clear).await;
    let before = seen(&app, &id).await["version"].clone();
    for delivery in app.onfido.deliveries() {
        app.onfido.replay(&delivery.body).await;
    }
    assert!(app.onfido.deliveries().iter().all(|delivery| delivery.status == Some(200)));
    app.work().await;
    assert_eq!(seen(&app, &id).await["version"], before);
}

#[tokio::test]
async fn onfido_changes_its_mind_after_the_approval_and_raises_a_flag_and_nothing_else() {
    for integration in BOTH {
        let app = start(integration).await;
        let id = session(&app, integration).await;
        claims(&app, &id, 0).await;
        decide(&app, &id, Outcome::Clear).await;
        let mira = app.staff("mira").await;
        mira.act(&id, "take", json!({ "reason": null })).await;
        mira.tick_off(&id).await;
        mira.act(&id, "propose", json!({ "reason": null })).await;
        app.staff("jo").await.act(&id, "approve", json!({})).await;
        app.advance(60);
        decide(&app, &id, Outcome::Screen).await;
        let shown = app.staff("jo").await.open(&id).await;
        assert_eq!(
            (shown["status"].as_str(), shown["flag"]["reason"].as_str()),
            (Some("approved"), Some("provider_changed_its_mind")),
            "{integration}"
        );
    }
}

#[tokio::test]
async fn webhooks_about_what_is_not_ours_or_no_longer_ours_are_taken_and_forgotten() {
    let app = start("onfido-eu").await;
    let id = session(&app, "onfido-eu").await;
    let run = app.onfido.runs_of(&id).remove(0);
    app.onfido.hold_webhooks();
    app.onfido.decide(&run, Outcome::Clear).await.unwrap();
    // As after a purge: neither the session nor its run is there any more.
    let pool = app.database.raw().await;
    for table in ["provider_run", "session"] {
        sqlx::query(&format!("DELETE FROM {table}")).execute(&pool).await.unwrap();
    }
    app.onfido.release_webhooks(|_| {});
    app.onfido.settle().await;
    let foreign =
        json!({"payload": {"resource_type": "check", "action": "check.completed", "object": {"id": "somebody-elses"}}});
    app.onfido.replay(&foreign.to_string()).await;
    let other =
        json!({"payload": {"resource_type": "audit_log", "action": "audit_log.created", "object": {"id": "a-1"}}});
    app.onfido.replay(&other.to_string()).await;
    assert!(
        app.onfido.deliveries().iter().all(|delivery| delivery.status == Some(200)),
        "else they would be sent again"
    );
    for _ in 0..8 {
        app.work().await;
        app.advance(60);
    }
    let mut tx = app.app.store.begin(&app.app.tenant).await.unwrap();
    assert!(tx.list_dead_jobs(10).await.unwrap().is_empty());
    assert!(
        tx.claim_jobs(kyc_desk::store::work::JobKind::ApplyWebhook, far(&app), far(&app), 10).await.unwrap().is_empty()
    );
}

fn far(app: &TestApp) -> kyc_wire::ids::Micros {
    kyc_desk::clock::Clock::now(&app.clock).plus_seconds(7200)
}

#[tokio::test]
async fn tokens_are_replaced_while_the_server_runs() {
    let app = start("onfido-eu").await;
    let id = session(&app, "onfido-eu").await;
    let file = app.directory.path().join("kyc-desk.toml");
    let text = app.configuration().replace("\"onfido-token\"", "\"onfido-token-2\"");
    let text = text.replace(
        "webhook_tokens = [\"onfido-webhook-token\"]",
        "webhook_tokens = [\"next-token\", \"onfido-webhook-token\"]",
    );
    std::fs::write(&file, text).unwrap();
    let replaced = kyc_desk::reload::reload(&app.app, &file).unwrap();
    for setting in ["providers.onfido-eu.api_token", "providers.onfido-eu.webhook_tokens[1]"] {
        assert!(replaced.settings.contains(&setting.to_owned()), "{replaced:?}");
    }
    assert!(replaced.waiting.is_empty(), "{replaced:?}");
    app.onfido.reconfigure(|config| {
        config.api_token = "onfido-token-2".to_owned();
        config.webhook_token = "next-token".to_owned();
    });
    decide(&app, &id, Outcome::Clear).await;
    assert_eq!(status(&app, &id).await, "agent_verification");
}

#[tokio::test]
async fn a_webhook_for_one_integration_is_not_taken_by_another() {
    let app = start("onfido-eu").await;
    let request = Request::post("/webhooks/veriff/onfido-eu").body(Body::from("{}")).unwrap();
    assert_eq!(app.guest().send(&app.edge, request).await.status, 404);
    let request = Request::post("/webhooks/onfido/veriff-de").body(Body::from("{}")).unwrap();
    assert_eq!(app.guest().send(&app.edge, request).await.status, 404);
}

#[tokio::test]
async fn the_applicant_goes_at_onfido_when_its_time_is_over_here() {
    for integration in BOTH {
        let app = start(integration).await;
        let id = session(&app, integration).await;
        decide(&app, &id, Outcome::Clear).await;
        let mira = app.staff("mira").await;
        mira.act(&id, "take", json!({ "reason": null })).await;
        mira.act(&id, "reject", json!({ "reason": mira.reason_for("reject").await })).await;
        assert_eq!(app.onfido.applicants(), 1);
        app.advance(90 * 24 * 3600);
        app.work().await;
        app.work().await;
        assert_eq!(app.onfido.applicants(), 0, "{integration}");
        assert!(app.audit_log().await.contains(&format!("{integration}:run-1")), "it is written down");
    }
}
