//! Background work: what hangs keeps nobody else waiting, what was lost is not done twice, and what was given up can be taken up again.

mod given_up;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use hmac::{Hmac, KeyInit, Mac};
use kyc_desk::clock::SeededRng;
use kyc_desk::config::Config;
use kyc_desk::domain::session::RunPhase;
use kyc_desk::jobs;
use kyc_desk::state::App;
use kyc_desk::store::work::JobKind;
use kyc_sandbox::veriff::{Call, Fault, Outcome, Step};
use kyc_tests::{Setup, TestApp};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tower::ServiceExt;

use crate::customer::photos::session_of;

/// No wait in these tests is for luck: each ends with what it waits for, or fails after this.
const LIMIT: Duration = Duration::from_mins(2);

/// Waits until this is so.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// The workers of a server, as `serve` runs them.
struct Workers {
    stop: watch::Sender<bool>,
    working: JoinHandle<()>,
}

impl Workers {
    fn of(app: &Arc<App>) -> Self {
        let (stop, stopped) = watch::channel(false);
        Self { stop, working: tokio::spawn(jobs::run_forever(Arc::clone(app), stopped)) }
    }

    async fn end(self) {
        self.stop.send_replace(true);
        tokio::time::timeout(LIMIT, self.working).await.expect("they end").unwrap();
    }
}

async fn new_session(app: &TestApp) -> String {
    let id = app.new_id();
    let made = app.flow().await.post_edge("/flow/v1/sessions", Some(&id), &kyc_tests::new_session(&id)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    id
}

#[tokio::test]
async fn a_bank_that_hangs_keeps_no_customer_waiting() {
    let app = TestApp::start().await;
    app.bank.be_silent(true);
    let workers = Workers::of(&app.app);
    // More news than there are places to tell it from.
    for _ in 0..5 {
        let id = app.new_id();
        let made = app.flow().await.post_edge("/flow/v1/sessions", Some(&id), &kyc_tests::new_session(&id)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let flow = app.flow().await;
        let path = format!("/flow/v1/sessions/{id}");
        // Until it is kept: a webhook that overtakes it waits for a clock that stands still here.
        until("a provider is started", async || {
            session_of(&app, &id).await.provider.phase == RunPhase::WaitingForCustomer
        })
        .await;
        app.veriff.event(&app.veriff.sessions_of(&id)[0], Step::Submitted).await.unwrap();
        app.veriff.settle().await;
        until("what the provider reports is applied", async || {
            flow.get_edge(&path, Some(&id)).await.json()["status"] == "document_submitted"
        })
        .await;
    }
    assert!(app.bank.events().len() < 10, "it was told something, and hangs: {}", app.bank.events().len());
    app.bank.be_silent(false);
    workers.end().await;
    // Whoever was given up meanwhile, on a slow machine, is tried again.
    app.advance(3 * 3600);
    app.work().await;
    let mut told: Vec<_> = app.bank.events().into_iter().map(|event| event.id).collect();
    told.sort_unstable();
    told.dedup();
    assert_eq!(told.len(), 10, "in the end it knows all: that each began, and what became of it");
}

#[tokio::test]
async fn a_start_that_took_too_long_is_not_kept_beside_the_next() {
    let app = TestApp::start().await;
    let other = app.beside().await;
    let id = new_session(&app).await;
    app.veriff.be_silent(true);
    let slow = Arc::clone(&app.app);
    let slow = tokio::spawn(async move { jobs::run_due(&slow).await.map_err(|error| error.code()) });
    until("the first start is under way", async || app.veriff.sessions_of(&id).len() == 1).await;
    assert_eq!(jobs::run_due(&other.app).await.unwrap(), 0, "what one server works on is nobody else's");
    // As if the first server had stood still: its claim ends, and another begins anew.
    app.advance(121);
    let quick = Arc::clone(&other.app);
    let quick = tokio::spawn(async move { jobs::run_due(&quick).await.map_err(|error| error.code()) });
    until("the second start is under way", async || app.veriff.sessions_of(&id).len() == 2).await;
    app.veriff.be_silent(false);
    // The start, and telling the bank that there is a session.
    assert_eq!((slow.await.unwrap(), quick.await.unwrap()), (Ok(2), Ok(2)));
    app.work().await;
    let runs = runs(&app, &id).await;
    assert_eq!(runs.len(), 1, "two runs were kept: {runs:?}");
    assert!(app.veriff.sessions_of(&id).contains(&runs[0]));
    app.veriff.event(&runs[0], Step::Submitted).await.unwrap();
    app.veriff.decide(&runs[0], Outcome::Clean).await.unwrap();
    app.veriff.settle().await;
    app.work().await;
    let shown = app.flow().await.get_edge(&format!("/flow/v1/sessions/{id}"), Some(&id)).await;
    assert_eq!(shown.json()["status"], "agent_verification", "{}", shown.text);
    assert_eq!(app.veriff.sessions_of(&id).len(), 2, "it was started again");
}

/// The provider's names of the runs that count.
async fn runs(app: &TestApp, id: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut tx = app.app.store.read(&app.app.tenant).await.unwrap();
    for run in app.veriff.sessions_of(id) {
        found.extend(tx.find_run("veriff-de", &run).await.unwrap().map(|run| run.provider_ref));
    }
    found
}

#[tokio::test]
async fn a_bank_that_is_down_is_asked_now_and_then() {
    let app = TestApp::start().await;
    app.bank.fail_next(1_000);
    for _ in 0..20 {
        let id = app.session().await;
        app.veriff.event(&app.veriff.sessions_of(&id)[0], Step::Submitted).await.unwrap();
    }
    app.veriff.settle().await;
    app.work().await;
    assert_eq!(app.bank.refused().len(), 5, "after a run of failures it is left alone");
    app.advance(10);
    app.work().await;
    assert_eq!(app.bank.refused().len(), 6, "then one finds out");
    app.bank.fail_next(0);
    for _ in 0..3 {
        app.advance(3 * 3600);
        app.work().await;
    }
    assert_eq!(app.bank.events().len(), 40, "that each began, and what became of it");
    assert!(app.bank.events().iter().all(|event| !event.is_repeated));
}

#[tokio::test]
async fn an_event_waits_for_the_bank_to_be_configured_again() {
    let app = TestApp::start().await;
    let id = new_session(&app).await;
    let without: String = {
        let text = app.configuration();
        let (before, rest) = text.split_once("[bank]\n").unwrap();
        format!("{before}[policy]\n{}", rest.split_once("[policy]\n").unwrap().1)
    };
    let config = Config::parse(&without).unwrap();
    assert!(config.bank.is_none());
    let clock = Arc::new(app.clock.clone());
    let alone = kyc_desk::build(config, clock, Arc::new(SeededRng::new(9))).await.unwrap();
    app.bank.fail_next(1);
    app.work().await;
    app.veriff.event(&app.veriff.sessions_of(&id)[0], Step::Submitted).await.unwrap();
    app.veriff.settle().await;
    app.work().await;
    assert_eq!(app.bank.refused().len(), 1, "there is an event that was not delivered");
    app.advance(60);
    while jobs::run_due(&alone).await.unwrap() > 0 {}
    app.advance(3600);
    app.work().await;
    assert_eq!(app.bank.events().len(), 2, "one was forgotten");
}

#[tokio::test]
async fn a_start_that_was_refused_for_good_can_be_made_again() {
    let app = TestApp::start().await;
    app.veriff.fail_next_call(1, Call::Create, Fault::Status(400));
    let id = new_session(&app).await;
    app.work().await;
    app.advance(3600);
    app.work().await;
    assert!(app.veriff.sessions_of(&id).is_empty(), "what was refused is not repeated blindly");
    let mut tx = app.app.store.begin(&app.app.tenant).await.unwrap();
    let dead = tx.list_dead_jobs(10).await.unwrap();
    assert_eq!(
        dead.iter().map(|job| (job.kind, job.subject.as_str())).collect::<Vec<_>>(),
        [(JobKind::StartProvider, id.as_str())]
    );
    let now = kyc_desk::clock::Clock::now(&app.clock);
    assert_eq!(tx.update_jobs_revived(Some(dead[0].id), now).await.unwrap(), 1);
    tx.commit().await.unwrap();
    app.work().await;
    assert_eq!(app.veriff.sessions_of(&id).len(), 1);
}

#[tokio::test]
async fn a_result_that_was_announced_is_asked_for_at_the_pace_of_everything_else() {
    let app = TestApp::with(Setup::default()).await;
    let id = app.session().await;
    app.veriff.fail_next_call(5, Call::Decision, Fault::Status(503));
    for _ in 0..5 {
        app.advance(3600);
        app.work().await;
    }
    let asked = || app.veriff.requests().iter().filter(|request| request.path.ends_with("/decision")).count();
    let before = asked();
    assert!(before >= 5, "{before}");
    let run = app.veriff.sessions_of(&id).remove(0);
    let body = json!({ "id": run, "attemptId": app.new_id(), "feature": "selfid", "code": 7999, "action": "changed", "vendorData": id });
    assert_eq!(signed(&app, &body).await, 200);
    app.work().await;
    assert_eq!(asked(), before, "a provider that is down is left alone");
}

/// Hands a webhook over that Veriff has signed.
pub async fn signed(app: &TestApp, body: &Value) -> u16 {
    let body = body.to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(b"veriff-secret").unwrap();
    mac.update(body.as_bytes());
    let request = Request::post("/webhooks/veriff/veriff-de")
        .header("content-type", "application/json")
        .header("x-auth-client", "veriff-key")
        .header("x-hmac-signature", hex::encode(mac.finalize().into_bytes()));
    app.edge.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap().status().as_u16()
}
