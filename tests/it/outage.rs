//! A provider is down for ten minutes while a thousand customers are under way.

use axum::body::Body;
use axum::http::Request;
use kyc_desk::http;
use kyc_sandbox::onfido::{Call, Fault, Outcome};
use kyc_tests::{TestApp, new_session};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::{Value, json};
use sqlx::Row;

use crate::onfido::start;

const STARTED: usize = 850;
const LOST: usize = 5;
const LATER: usize = 145;
const MINUTES: u32 = 10;

async fn new(app: &TestApp, count: usize) -> Vec<String> {
    let flow = app.flow().await;
    let mut made = Vec::with_capacity(count);
    for _ in 0..count {
        let id = app.new_id();
        let mut body = new_session(&id);
        body["provider"] = json!("onfido-eu");
        assert_eq!(flow.post_edge("/flow/v1/sessions", Some(&id), &body).await.status, 201);
        made.push(id);
    }
    made
}

async fn decide(app: &TestApp, ids: &[String]) {
    for id in ids {
        let run = app.onfido.runs_of(id).pop().unwrap_or_else(|| panic!("{id} has no run"));
        app.onfido.decide(&run, Outcome::Clear).await.unwrap();
    }
}

/// How many sessions stand where.
async fn count(app: &TestApp, status: &str) -> usize {
    let pool = app.database.raw().await;
    let row = sqlx::query("SELECT COUNT(*) AS found FROM session WHERE status = $1").bind(status);
    usize::try_from(row.fetch_one(&pool).await.unwrap().try_get::<i64, _>("found").unwrap()).unwrap()
}

/// The value of a line of the metrics, in whole numbers.
async fn metric(app: &TestApp, handle: &PrometheusHandle, line: &str) -> u64 {
    let router = http::operator(&app.app, handle.clone());
    let text = app.guest().send(&router, Request::get("/metrics").body(Body::empty()).unwrap()).await.text;
    let found = text.lines().find_map(|found| found.strip_prefix(line));
    found.map_or(0, |value| value.trim().split('.').next().unwrap().parse().unwrap())
}

/// The page of an agent: she sees what is the matter, and can work.
async fn page_is_usable(app: &TestApp, id: &str) -> Value {
    let mira = app.staff("mira").await;
    let shown = mira.open(id).await;
    assert_eq!(mira.get("/api/sessions?view=all").await.status, 200);
    mira.act(id, "take", json!({ "reason": null })).await;
    let note = mira.post(&format!("/api/sessions/{id}/notes"), &json!({ "text": "We wait for the provider." })).await;
    assert_eq!(note.status, 200, "{}", note.text);
    mira.act(id, "release", json!({})).await;
    shown["provider_view"]["phase"].clone()
}

const DOWN: &str = "kyc_outbound_down{to=\"onfido-eu\"} ";
const ACCEPTED: &str = "kyc_webhooks_total{provider=\"onfido-eu\",outcome=\"accepted\"} ";
const UNANSWERED: &str = "kyc_provider_calls_total{provider=\"onfido-eu\",call=\"start\",outcome=\"no_answer\"} ";

/// It begins: some starts arrive and their answers do not. Gives their sessions.
async fn answers_get_lost(app: &TestApp) -> Vec<String> {
    let lost = new(app, LOST).await;
    app.onfido.fail_next_call(LOST, Call::Create, Fault::ResetAfterwards);
    app.onfido.fail_next_call(LOST, Call::Read, Fault::Reset);
    app.work().await;
    assert!(lost.iter().all(|id| app.onfido.runs_of(id).len() == 1));
    app.onfido.be_down_for(i64::from(MINUTES) * 60);
    lost
}

/// Customers go on, and Onfido with them; of one in eight even the webhook gets lost. Gives how many came.
async fn customers_go_on(app: &TestApp, started: &[String]) -> usize {
    let (silent, told) = started.split_at(STARTED / 8);
    decide(app, told).await;
    app.onfido.hold_webhooks();
    decide(app, silent).await;
    assert_eq!(app.onfido.lose_held_webhooks(), silent.len());
    app.onfido.release_webhooks(|_| {});
    told.len()
}

/// Works through so many minutes.
async fn minutes_pass(app: &TestApp, minutes: u32) {
    for _ in 0..minutes {
        app.work().await;
        app.advance(60);
    }
}

#[tokio::test]
async fn ten_minutes_of_outage_with_a_thousand_sessions_lose_no_result_and_repeat_no_start() {
    let recorder = kyc_desk::measures::recorder().unwrap().build_recorder();
    let handle = recorder.handle();
    let _recording = metrics::set_default_local_recorder(&recorder);
    let app = start("onfido-eu").await;
    app.onfido.reconfigure(|config| config.events = vec!["workflow_run.completed".to_owned()]);
    let started = new(&app, STARTED).await;
    app.work().await;
    assert_eq!(metric(&app, &handle, DOWN).await, 0);
    let lost = answers_get_lost(&app).await;
    let later = new(&app, LATER).await;
    let told = customers_go_on(&app, &started).await;

    let before = app.onfido.requests().len();
    minutes_pass(&app, MINUTES / 2).await;
    assert_eq!(metric(&app, &handle, DOWN).await, 1);
    assert!(metric(&app, &handle, UNANSWERED).await > 0);
    assert_eq!(metric(&app, &handle, ACCEPTED).await, u64::try_from(told).unwrap());
    assert_eq!(page_is_usable(&app, &lost[0]).await, "down");
    page_is_usable(&app, &started[STARTED - 1]).await;
    minutes_pass(&app, MINUTES / 2).await;
    let knocks = app.onfido.requests().len() - before;
    assert!((1..=20).contains(&knocks), "{knocks} calls to somebody who is down");
    assert_eq!(count(&app, "agent_verification").await, 0);

    // It is over. Everything comes by itself; only those who had no link yet begin now.
    minutes_pass(&app, 10).await;
    assert_eq!(count(&app, "agent_verification").await, STARTED, "results that were there during the outage");
    decide(&app, &[lost, later].concat()).await;
    minutes_pass(&app, 3).await;
    assert_eq!(count(&app, "agent_verification").await, STARTED + LOST + LATER);
    assert_eq!(app.onfido.count(), STARTED + LOST + LATER, "a start was repeated");
    assert_eq!(metric(&app, &handle, DOWN).await, 0);
    let mut tx = app.app.store.begin(&app.app.tenant).await.unwrap();
    assert!(tx.list_dead_jobs(10).await.unwrap().is_empty(), "something was given up");
}
