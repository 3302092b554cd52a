//! Jumio, from the start to the result, with everything that can go wrong in between.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use kyc_desk::jobs;
use kyc_sandbox::jumio::{Call, CallbackFault, Fault, Outcome, Step};
use kyc_tests::{Caller, Setup, TestApp, claims_of};
use serde_json::{Value, json};

use crate::customer::capture_of;

/// For stories that take longer than a customer has.
const PATIENT: &str = "connect_seconds = 86400\nprocess_seconds = 86400";

const HOOK: &str = "/webhooks/jumio/jumio-de";

/// A session with Jumio, of the person at this place of the table.
pub async fn session(app: &TestApp, person: usize) -> String {
    let id = app.new_id();
    app.jumio.assign(&id, person);
    let mut body = kyc_tests::new_session(&id);
    body["provider"] = json!("jumio-de");
    let made = app.flow().await.post_edge("/flow/v1/sessions", Some(&id), &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    app.work().await;
    id
}

async fn claims(app: &TestApp, id: &str, person: usize) {
    let claims = claims_of(&app.jumio.identities()[person]);
    let answer = app.bank_system().await.put_edge(&format!("/bank/v1/sessions/{id}/claims"), &claims).await;
    assert_eq!(answer.status, 204, "{}", answer.text);
}

fn execution(app: &TestApp, id: &str) -> String {
    app.jumio.executions_of(id).pop().expect("a workflow was started")
}

pub async fn decide(app: &TestApp, id: &str, outcome: Outcome) {
    app.jumio.decide(&execution(app, id), outcome).await.unwrap();
    app.work().await;
}

async fn seen(app: &TestApp, id: &str) -> Value {
    app.staff("mira").await.open(id).await
}

async fn status(app: &TestApp, id: &str) -> String {
    seen(app, id).await["status"].as_str().unwrap().to_owned()
}

fn check<'a>(seen: &'a Value, reason: &str) -> &'a Value {
    let checks = seen["checks"].as_array().unwrap();
    checks.iter().find(|check| check["provider_code"] == reason).unwrap_or_else(|| panic!("no {reason} in {seen}"))
}

fn calls(app: &TestApp, method: &str, end: &str) -> usize {
    let is_it = |path: &str| path.ends_with(end);
    app.jumio.requests().iter().filter(|request| request.method == method && is_it(&request.path)).count()
}

fn reads_of_details(app: &TestApp) -> usize {
    let is_it = |path: &str| path.starts_with("/retrieval") && !path.ends_with("/status");
    app.jumio.requests().iter().filter(|request| request.method == "GET" && is_it(&request.path)).count()
}

/// Hands a callback over, from this address.
async fn call_back(app: &TestApp, body: &str, from: &str) -> u16 {
    let request = Request::post(HOOK).header("content-type", "application/json").body(Body::from(body.to_owned()));
    app.guest().from(from).send(&app.edge, request.unwrap()).await.status
}

async fn take(mira: &Caller<'_>, id: &str) {
    mira.act(id, "take", json!({ "reason": null })).await;
}

#[tokio::test]
async fn jumio_is_told_our_reference_and_nothing_else() {
    let app = TestApp::start().await;
    let id = session(&app, 2).await;
    claims(&app, &id, 2).await;
    let requests = app.jumio.requests();
    let start = requests.iter().find(|request| request.path == "/account/api/v1/accounts").unwrap();
    let body: Value = serde_json::from_str(&start.body).unwrap();
    let names: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        ["callbackUrl", "customerInternalReference", "tokenLifetime", "userReference", "web", "workflowDefinition"]
    );
    assert_eq!(body["customerInternalReference"], id.as_str());
    assert!(body["userReference"].as_str().unwrap().starts_with(&format!("{id}.")));
    assert!(body["callbackUrl"].as_str().unwrap().ends_with(HOOK));
    let back = app.app.config.http.edge_url.join("/c").unwrap();
    assert_eq!(body["web"], json!({ "locale": "en", "successUrl": back, "errorUrl": back }));
}

#[tokio::test]
async fn a_customer_who_passes_is_approved_by_two_people() {
    let app = TestApp::start().await;
    let id = session(&app, 0).await;
    claims(&app, &id, 0).await;
    let capture = capture_of(&app, &id).await;
    assert!(capture.starts_with(app.jumio.base_url()), "{capture}");
    app.jumio.event(&execution(&app, &id), Step::Submitted).await.unwrap();
    app.work().await;
    assert_eq!(status(&app, &id).await, "document_submitted");
    decide(&app, &id, Outcome::Clean).await;
    let mira = app.staff("mira").await;
    let shown = mira.open(&id).await;
    assert_eq!(shown["status"], "agent_verification");
    assert!(shown["checks"].as_array().unwrap().iter().all(|check| check["outcome"] == "passed"), "{shown}");
    let agrees = |field: &Value| field["agreement"]["agreement"] == "agrees" || field["document"].is_null();
    assert!(shown["fields"].as_array().unwrap().iter().all(agrees), "{shown}");
    assert_eq!((&shown["document"]["country"], &shown["document"]["document_type"]), (&json!("EE"), &json!("id_card")));
    take(&mira, &id).await;
    mira.tick_off(&id).await;
    assert_eq!(mira.act(&id, "propose", json!({ "reason": null })).await["status"], "final_approval");
    assert_eq!(app.staff("jo").await.act(&id, "approve", json!({})).await["status"], "approved");
}

#[tokio::test]
async fn a_rejected_document_is_explained_and_the_agent_refuses() {
    let app = TestApp::start().await;
    let id = session(&app, 0).await;
    claims(&app, &id, 0).await;
    decide(&app, &id, Outcome::ScreenCopy).await;
    let mira = app.staff("mira").await;
    let shown = mira.open(&id).await;
    assert_eq!(shown["status"], "agent_verification");
    let copy = check(&shown, "DIGITAL_COPY");
    assert_eq!((&copy["group"], &copy["outcome"]), (&json!("document"), &json!("failed")));
    assert!(copy["explanation"]["de"].as_str().unwrap().contains("Bildschirm"), "{copy}");
    assert!(copy["look_at"]["en"].as_str().unwrap().contains("tilted"), "{copy}");
    assert_eq!(check(&shown, "NO_MATCH")["group"], "face");
    take(&mira, &id).await;
    assert_eq!(mira.act(&id, "reject", json!({ "reason": "data_does_not_match" })).await["status"], "rejected");
}

#[tokio::test]
async fn a_warning_is_left_to_the_agent() {
    let app = TestApp::start().await;
    let id = session(&app, 0).await;
    decide(&app, &id, Outcome::RepeatedFace).await;
    let shown = seen(&app, &id).await;
    assert_eq!(shown["status"], "agent_verification");
    assert_eq!(check(&shown, "REPEATED_FACE")["outcome"], "review");
    assert_eq!(check(&shown, "NOT_POSSIBLE")["outcome"], "review");
}

#[tokio::test]
async fn jumio_failing_is_for_a_person_and_says_nothing_about_the_customer() {
    let app = TestApp::start().await;
    let id = session(&app, 0).await;
    decide(&app, &id, Outcome::Technical).await;
    let shown = seen(&app, &id).await;
    assert_eq!(shown["status"], "agent_verification");
    assert!(shown["checks"].as_array().unwrap().iter().all(|check| check["outcome"] == "review"), "{shown}");
}

#[tokio::test]
async fn a_capture_that_cannot_be_used_is_made_again_under_a_new_link_for_the_same_account() {
    let app = TestApp::start().await;
    let id = session(&app, 0).await;
    claims(&app, &id, 0).await;
    let first = capture_of(&app, &id).await;
    decide(&app, &id, Outcome::Blurred).await;
    let shown = seen(&app, &id).await;
    assert_eq!(shown["status"], "created");
    assert_eq!(check(&shown, "BLURRED")["outcome"], "new_capture");
    assert_eq!(app.jumio.executions_of(&id).len(), 2, "another run was started by itself");
    let accounts = app.jumio.accounts_of(&id);
    assert_eq!(accounts[0], accounts[1], "to Jumio she is the same person");
    let second = capture_of(&app, &id).await;
    assert_ne!(second, first);
    // What the first run still says counts no more.
    app.advance(5);
    app.jumio.decide(&app.jumio.executions_of(&id)[0], Outcome::ScreenCopy).await.unwrap();
    app.work().await;
    assert_eq!(status(&app, &id).await, "created");
    app.advance(5);
    decide(&app, &id, Outcome::Clean).await;
    assert_eq!(status(&app, &id).await, "agent_verification");
}

#[tokio::test]
async fn whoever_cannot_manage_a_capture_gets_to_an_agent_in_the_end() {
    let app = TestApp::with(Setup { policy: "recaptures_per_item = 2", ..Setup::default() }).await;
    let id = session(&app, 0).await;
    for run in 1..=3 {
        assert_eq!(app.jumio.executions_of(&id).len(), run);
        app.advance(5);
        decide(&app, &id, Outcome::DarkFace).await;
    }
    assert_eq!(app.jumio.executions_of(&id).len(), 3, "not for ever");
    assert_eq!(status(&app, &id).await, "agent_verification");
}

#[tokio::test]
async fn an_agent_asks_for_another_capture_and_the_first_run_counts_no_more() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = session(&app, 0).await;
    claims(&app, &id, 0).await;
    decide(&app, &id, Outcome::Clean).await;
    take(&mira, &id).await;
    mira.act(&id, "recapture", json!({ "item": "document_back", "reason": "glare" })).await;
    app.work().await;
    let runs = app.jumio.executions_of(&id);
    assert_eq!(runs.len(), 2);
    app.advance(10);
    app.jumio.decide(&runs[0], Outcome::Tampered).await.unwrap();
    app.work().await;
    assert_eq!(mira.open(&id).await["status"], "created");
    decide(&app, &id, Outcome::Clean).await;
    assert_eq!(mira.open(&id).await["status"], "agent_verification");
}

#[tokio::test]
async fn a_link_that_nobody_uses_expires_there_and_she_has_a_day_here() {
    let app = TestApp::start().await;
    for outcome in [Outcome::TokenExpired, Outcome::SessionExpired] {
        let id = session(&app, 0).await;
        decide(&app, &id, outcome).await;
        assert_eq!(status(&app, &id).await, "created", "{outcome:?}");
        let seen = app.staff("mira").await.open(&id).await;
        assert_eq!(seen["provider_view"]["phase"], "waiting_for_customer");
        let lines = seen["timeline"].as_array().unwrap();
        assert!(lines.iter().any(|line| line["action"] == "provider_lapsed"), "{lines:?}");
        app.work().await;
        assert_eq!(app.jumio.executions_of(&id).len(), 1, "nobody pays while nobody is there");
        let flow = app.flow().await;
        let path = format!("/flow/v1/sessions/{id}");
        let back = json!({ "conversation_id": "conv-later", "customer_id": "C-4F2A-0093" });
        assert_eq!(flow.post_edge(&format!("{path}/resume"), Some(&id), &back).await.status, 200);
        app.work().await;
        assert_eq!(app.jumio.executions_of(&id).len(), 2, "she is back, in a run of her own");
        let told = flow.get_edge(&path, Some(&id)).await.json();
        assert!(!told["capture_url"].as_str().unwrap().is_empty() && told["attempt"] == 0, "{told}");
        app.advance(10);
        decide(&app, &id, Outcome::Clean).await;
        assert_eq!(status(&app, &id).await, "agent_verification");
    }
}

#[tokio::test]
async fn our_clocks_end_what_the_provider_gave_up() {
    let app = TestApp::start().await;
    let id = session(&app, 0).await;
    decide(&app, &id, Outcome::SessionExpired).await;
    app.advance(300);
    app.work().await;
    app.advance(24 * 3600 - 1);
    app.work().await;
    assert_eq!(app.jumio.executions_of(&id).len(), 1);
    app.advance(1);
    app.work().await;
    assert_eq!(app.bank.events().last().unwrap().json["status"], "expired");
}

#[tokio::test]
async fn deleting_takes_the_whole_account_and_what_comes_later_changes_nothing() {
    let app = TestApp::with(Setup { policy: PATIENT, ..Setup::default() }).await;
    let id = session(&app, 0).await;
    app.jumio.hold_callbacks();
    decide(&app, &id, Outcome::Clean).await;
    let late = app.jumio.take_held_callbacks();
    let session_id = id.parse().unwrap();
    let run = app.app.store.read(&app.app.tenant).await.unwrap().find_latest_run(session_id).await.unwrap().unwrap();
    let names = serde_json::from_str(run.provider_names.as_deref().unwrap()).unwrap();
    let provider = &app.app.providers["jumio-de"].provider;
    provider.delete(&names).await.unwrap();
    assert!(app.jumio.executions_of(&id).is_empty());
    provider.delete(&names).await.expect("what is gone is deleted");
    for body in late {
        assert_eq!(call_back(&app, &body, "127.0.0.1").await, 200);
    }
    for _ in 0..12 {
        app.work().await;
        app.advance(100);
    }
    assert_eq!(status(&app, &id).await, "created");
    let mut tx = app.app.store.read(&app.app.tenant).await.unwrap();
    assert!(tx.list_dead_jobs(10).await.unwrap().is_empty(), "nobody has to look");
}

#[tokio::test]
async fn a_callback_before_the_start_call_has_returned_waits_for_it() {
    let app = TestApp::start().await;
    // So that the token is there already.
    session(&app, 1).await;
    app.jumio.be_silent(true);
    let id = app.new_id();
    let mut body = kyc_tests::new_session(&id);
    body["provider"] = json!("jumio-de");
    app.flow().await.post_edge("/flow/v1/sessions", Some(&id), &body).await;
    let server = Arc::clone(&app.app);
    let starting = tokio::spawn(async move { jobs::run_due(&server).await.map_err(|error| error.code()) });
    let begun = async {
        while app.jumio.executions_of(&id).is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(2), begun).await.expect("the start is under way");
    app.jumio.event(&execution(&app, &id), Step::Submitted).await.unwrap();
    assert!(app.jumio.deliveries().iter().all(|delivery| delivery.status == Some(200)));
    app.jumio.be_silent(false);
    starting.await.unwrap().unwrap();
    app.work().await;
    app.advance(60);
    app.work().await;
    assert_eq!(status(&app, &id).await, "document_submitted");
    assert_eq!(app.jumio.executions_of(&id).len(), 1);
}

#[tokio::test]
async fn replayed_callbacks_change_nothing() {
    let app = TestApp::start().await;
    let id = session(&app, 0).await;
    app.jumio.spoil_next_callback(CallbackFault::Duplicated);
    decide(&app, &id, Outcome::Clean).await;
    let before = seen(&app, &id).await["version"].clone();
    let asked = calls(&app, "GET", "/status");
    let bodies: Vec<String> = app.jumio.deliveries().into_iter().map(|delivery| delivery.body).collect();
    for body in &bodies {
        assert_eq!(call_back(&app, body, "127.0.0.1").await, 200);
    }
    app.work().await;
    assert_eq!(seen(&app, &id).await["version"], before);
    assert_eq!(calls(&app, "GET", "/status"), asked, "a repetition is known and not even looked into");
}

#[tokio::test]
async fn callbacks_in_any_order_lead_to_the_same_state() {
    let app = TestApp::start().await;
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let id = session(&app, 0).await;
        app.jumio.hold_callbacks();
        decide(&app, &id, Outcome::RepeatedFace).await;
        let bodies = app.jumio.take_held_callbacks();
        app.jumio.release_callbacks(false);
        assert_eq!(bodies.len(), 3);
        for at in order {
            assert_eq!(call_back(&app, &bodies[at], "127.0.0.1").await, 200);
            app.work().await;
        }
        let shown = seen(&app, &id).await;
        assert_eq!(shown["status"], "agent_verification", "{order:?}");
        assert_eq!(check(&shown, "REPEATED_FACE")["outcome"], "review");
    }
}

#[tokio::test]
async fn a_forged_callback_is_refused_and_asks_jumio_nothing() {
    let app = TestApp::start().await;
    let id = session(&app, 0).await;
    app.jumio.hold_callbacks();
    decide(&app, &id, Outcome::Clean).await;
    let genuine = app.jumio.take_held_callbacks().pop().unwrap();
    let asked = app.jumio.requests().len();
    let mut forged: Value = serde_json::from_str(&genuine).unwrap();
    for reference in [json!(null), json!(id), json!(format!("{id}.1795424400.AAAAAAAAAAAAAAAAAAAAAA"))] {
        forged["userReference"] = reference;
        assert_eq!(call_back(&app, &forged.to_string(), "127.0.0.1").await, 401);
    }
    assert_eq!(call_back(&app, &genuine, "192.0.2.1").await, 401, "right, and not from Jumio");
    let from_nowhere = Request::post(HOOK).body(Body::from(genuine.clone())).unwrap();
    assert_eq!(app.guest().send(&app.edge, from_nowhere).await.status, 401);
    app.jumio.release_callbacks(false);
    app.jumio.spoil_next_callback(CallbackFault::Forged);
    app.jumio.decide(&execution(&app, &id), Outcome::Clean).await.unwrap();
    assert!(app.jumio.deliveries().iter().all(|delivery| delivery.status == Some(401)));
    app.work().await;
    assert_eq!(app.jumio.requests().len(), asked);
    assert_eq!(status(&app, &id).await, "created");
}

#[tokio::test]
async fn a_callback_decides_nothing_and_leads_nowhere_whatever_it_says() {
    let app = TestApp::start().await;
    let (id, other) = (session(&app, 0).await, session(&app, 1).await);
    app.jumio.hold_callbacks();
    app.jumio.event(&execution(&app, &id), Step::Started).await.unwrap();
    let genuine: Value = serde_json::from_str(&app.jumio.take_held_callbacks()[0]).unwrap();
    // Somebody has seen one callback and says more than it did.
    let mut lie = genuine.clone();
    lie["workflowExecution"]["status"] = json!("PROCESSED");
    lie["workflowExecution"]["href"] = json!("https://evil.example/details");
    lie["decision"] = json!({ "type": "PASSED" });
    assert_eq!(call_back(&app, &lie.to_string(), "127.0.0.1").await, 200);
    lie["workflowExecution"]["id"] = json!(execution(&app, &other));
    assert_eq!(call_back(&app, &lie.to_string(), "127.0.0.1").await, 200);
    app.work().await;
    assert_eq!((status(&app, &id).await, status(&app, &other).await), ("created".to_owned(), "created".to_owned()));
    assert!(
        !app.jumio
            .requests()
            .iter()
            .any(|request| request.path.contains(&execution(&app, &other)) && request.path.starts_with("/retrieval")),
        "a code of one session wakes nobody for another"
    );
}

#[tokio::test]
async fn a_callback_that_names_another_account_is_asked_about_under_ours() {
    let app = TestApp::start().await;
    let id = session(&app, 0).await;
    app.jumio.hold_callbacks();
    app.jumio.event(&execution(&app, &id), Step::Submitted).await.unwrap();
    let mut lie: Value = serde_json::from_str(&app.jumio.take_held_callbacks()[0]).unwrap();
    let ours = lie["account"]["id"].as_str().unwrap().to_owned();
    lie["account"]["id"] = json!(app.new_id());
    assert_eq!(call_back(&app, &lie.to_string(), "127.0.0.1").await, 200);
    app.work().await;
    let requests = app.jumio.requests();
    let asked: Vec<&String> =
        requests.iter().map(|request| &request.path).filter(|path| path.starts_with("/retrieval")).collect();
    assert!(!asked.is_empty() && asked.iter().all(|path| path.contains(&ours)), "{asked:?}");
}

#[tokio::test]
async fn a_lost_callback_is_made_up_for_by_asking() {
    let app = TestApp::start().await;
    let id = session(&app, 0).await;
    app.jumio.hold_callbacks();
    app.jumio.event(&execution(&app, &id), Step::Submitted).await.unwrap();
    app.jumio.take_held_callbacks();
    app.advance(61);
    app.work().await;
    assert_eq!(status(&app, &id).await, "document_submitted");
    decide(&app, &id, Outcome::Clean).await;
    app.jumio.take_held_callbacks();
    app.advance(121);
    app.work().await;
    assert_eq!(status(&app, &id).await, "agent_verification");
}

#[tokio::test]
async fn details_that_are_announced_and_not_there_are_asked_for_by_jumios_own_schedule() {
    let app = TestApp::with(Setup { policy: PATIENT, ..Setup::default() }).await;
    let id = session(&app, 0).await;
    app.jumio.fail_next(100, Call::Details, Fault::Status(404));
    let start = reads_of_details(&app);
    decide(&app, &id, Outcome::Clean).await;
    let mut asked = vec![reads_of_details(&app) - start];
    let mut now = 0;
    for at in [39, 40, 59, 60, 99, 100] {
        app.advance(at - now);
        now = at;
        app.work().await;
        asked.push(reads_of_details(&app) - start);
    }
    // Each of the three callbacks looks at once, and the poller once, at 60 seconds.
    assert_eq!(asked, [3, 3, 4, 4, 6, 6, 7]);
    assert_eq!(status(&app, &id).await, "document_submitted");
    app.advance(840);
    app.work().await;
    let mut tx = app.app.store.read(&app.app.tenant).await.unwrap();
    assert!(tx.list_dead_jobs(10).await.unwrap().is_empty(), "after the last the poller goes on");
}

#[tokio::test]
async fn an_outage_of_ten_minutes_loses_nothing_and_starts_nothing_twice() {
    let app = TestApp::with(Setup { policy: PATIENT, ..Setup::default() }).await;
    let waiting = session(&app, 0).await;
    app.jumio.be_down(true);
    let new = session(&app, 1).await;
    assert!(app.jumio.executions_of(&new).is_empty());
    assert_eq!(seen(&app, &new).await["provider_view"]["phase"], "down");
    decide(&app, &waiting, Outcome::Clean).await;
    for _ in 0..20 {
        app.advance(30);
        app.work().await;
    }
    assert_eq!(status(&app, &waiting).await, "created", "and the page is there");
    app.jumio.be_down(false);
    for _ in 0..10 {
        app.advance(30);
        app.work().await;
    }
    assert_eq!(status(&app, &waiting).await, "agent_verification");
    assert_eq!((app.jumio.executions_of(&waiting).len(), app.jumio.executions_of(&new).len()), (1, 1));
}

#[tokio::test]
async fn a_burst_of_429_is_waited_out_as_asked() {
    let app = TestApp::start().await;
    app.jumio.fail_next(3, Call::Start, Fault::RateLimited { retry_after: Some(30) });
    let id = session(&app, 0).await;
    for _ in 0..3 {
        assert!(app.jumio.executions_of(&id).is_empty());
        app.advance(29);
        app.work().await;
        assert!(app.jumio.executions_of(&id).is_empty(), "Retry-After is honoured");
        app.advance(3);
        app.work().await;
    }
    assert_eq!(app.jumio.executions_of(&id).len(), 1);
}

#[tokio::test]
async fn a_start_whose_answer_got_lost_is_superseded_by_another_and_its_result_ignored() {
    let app = TestApp::start().await;
    app.jumio.fail_next(1, Call::Start, Fault::ResetAfterwards);
    let id = session(&app, 0).await;
    assert_eq!(app.jumio.executions_of(&id).len(), 1, "it arrived, and nobody knows");
    app.advance(31);
    app.work().await;
    let runs = app.jumio.executions_of(&id);
    assert_eq!(runs.len(), 2);
    app.jumio.decide(&runs[0], Outcome::Clean).await.unwrap();
    app.work().await;
    assert_eq!(status(&app, &id).await, "created");
    app.jumio.decide(&runs[1], Outcome::Clean).await.unwrap();
    app.work().await;
    assert_eq!(status(&app, &id).await, "agent_verification");
}

#[tokio::test]
async fn resets_and_web_pages_in_place_of_answers_are_survived() {
    for fault in [Fault::Reset, Fault::ResetAfterwards, Fault::NotJson, Fault::Status(500), Fault::Slow(20)] {
        for call in [Call::Status, Call::Details] {
            let app = TestApp::start().await;
            let id = session(&app, 0).await;
            app.jumio.fail_next(1, call, fault);
            decide(&app, &id, Outcome::Clean).await;
            for _ in 0..3 {
                app.advance(60);
                app.work().await;
            }
            assert_eq!(status(&app, &id).await, "agent_verification", "{fault:?} {call:?}");
        }
    }
}

#[tokio::test]
async fn a_token_that_counts_no_more_is_replaced_on_the_way() {
    let app = TestApp::start().await;
    let id = session(&app, 0).await;
    app.jumio.revoke_tokens();
    decide(&app, &id, Outcome::Clean).await;
    assert_eq!(status(&app, &id).await, "agent_verification");
    assert_eq!(calls(&app, "POST", "/oauth2/token"), 2);
    assert!(!app.jumio.requests().iter().any(|request| request.status == 403), "every call says who we are");
}

#[tokio::test]
async fn a_clock_of_jumio_that_goes_wrong_changes_nothing() {
    for minutes in [-600, 600] {
        let app = TestApp::start().await;
        app.jumio.reconfigure(|config| config.clock_skew = time::Duration::minutes(minutes));
        let id = session(&app, 0).await;
        decide(&app, &id, Outcome::Clean).await;
        assert_eq!(status(&app, &id).await, "agent_verification", "{minutes}");
    }
}

#[tokio::test]
async fn jumio_changing_its_mind_after_the_approval_raises_a_flag_and_nothing_else() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = session(&app, 0).await;
    claims(&app, &id, 0).await;
    decide(&app, &id, Outcome::Clean).await;
    take(&mira, &id).await;
    mira.tick_off(&id).await;
    mira.act(&id, "propose", json!({ "reason": null })).await;
    let jo = app.staff("jo").await;
    jo.act(&id, "approve", json!({})).await;
    app.advance(60);
    decide(&app, &id, Outcome::OtherFace).await;
    let shown = jo.open(&id).await;
    assert_eq!((&shown["status"], &shown["flag"]["reason"]), (&json!("approved"), &json!("provider_changed_its_mind")));
}

#[tokio::test]
async fn the_account_goes_at_jumio_when_its_time_is_over_here() {
    let app = TestApp::start().await;
    let id = session(&app, 2).await;
    claims(&app, &id, 2).await;
    decide(&app, &id, Outcome::Clean).await;
    let mira = app.staff("mira").await;
    take(&mira, &id).await;
    mira.act(&id, "reject", json!({ "reason": mira.reason_for("reject").await })).await;
    assert_eq!(app.jumio.accounts_of(&id).len(), 1);
    app.advance(90 * 24 * 3600);
    app.work().await;
    app.work().await;
    assert_eq!(app.jumio.accounts_of(&id).len(), 0);
    assert!(app.audit_log().await.contains("jumio-de:run-1"), "it is written down");
}
