//! Metrics and readiness.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use kyc_desk::clock::{FixedClock, SeededRng};
use kyc_desk::domain::audit::{Action, Actor, NewEntry};
use kyc_desk::http;
use kyc_desk::state::App;
use kyc_tests::database::Kind;
use kyc_tests::{Answer, Setup, TestApp};
use kyc_wire::ids::Micros;
use metrics_exporter_prometheus::{PrometheusHandle, PrometheusRecorder};
use serde_json::json;

use super::config;

/// A recorder of this test's own: its runtime has one thread.
pub struct Recorded<'a> {
    handle: PrometheusHandle,
    guard: metrics::LocalRecorderGuard<'a>,
}

pub fn recorder() -> PrometheusRecorder {
    kyc_desk::measures::recorder().unwrap().build_recorder()
}

impl<'a> Recorded<'a> {
    pub fn by(recorder: &'a PrometheusRecorder) -> Self {
        let recorded = Self { handle: recorder.handle(), guard: metrics::set_default_local_recorder(recorder) };
        kyc_desk::measures::describe();
        recorded
    }

    pub async fn get(&self, app: &TestApp, of: &Arc<App>, path: &str) -> Answer {
        let _ = &self.guard;
        let router = http::operator(of, self.handle.clone());
        app.guest().send(&router, Request::get(path).body(Body::empty()).unwrap()).await
    }
}

#[tokio::test]
async fn metrics_have_units_and_names_from_the_configuration_but_no_ids() {
    let recorder = recorder();
    let operator = Recorded::by(&recorder);
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.verified_session().await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    let bad = Request::post("/webhooks/veriff/veriff-de").body(Body::from("{}")).unwrap();
    assert_eq!(app.guest().send(&app.edge, bad).await.status, 401);
    let text = operator.get(&app, &app.app, "/metrics").await.text;
    for line in [
        "kyc_http_requests_total{listener=\"desk\",route=\"/api/sessions/{session_id}/take\",method=\"POST\",status=\"2xx\"}",
        "kyc_http_requests_total{listener=\"edge\",route=\"/flow/v1/sessions\",method=\"POST\",status=\"2xx\"}",
        "kyc_http_request_duration_seconds_bucket{listener=\"desk\",route=\"/api/sessions/{session_id}\",method=\"GET\"",
        "kyc_webhook_signature_failures_total{provider=\"veriff-de\",reason=\"missing\"}",
        "kyc_webhook_lag_seconds_count{provider=\"veriff-de\"}",
        "kyc_database_up 1",
        "kyc_job_queue_age_seconds ",
        "# HELP kyc_http_request_duration_seconds Time until",
        "kyc_build_info{version=",
    ] {
        assert!(text.contains(line), "{line} is missing in:\n{text}");
    }
    let is_id = |label: &str| label.parse::<uuid::Uuid>().is_ok();
    assert!(!text.split('"').any(is_id) && !text.contains(&id), "no label holds an id:\n{text}");
}

#[tokio::test]
async fn an_open_stream_is_counted_until_it_ends() {
    let recorder = recorder();
    let operator = Recorded::by(&recorder);
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let open = async || {
        let text = operator.get(&app, &app.app, "/metrics").await.text;
        text.lines().find_map(|line| line.strip_prefix("kyc_streams_open ")).unwrap_or("none").to_owned()
    };
    let request = mira.desk_request("GET", "/api/events").body(Body::empty()).unwrap();
    let stream = tower::ServiceExt::oneshot(app.desk.clone(), request).await.unwrap();
    let wait_until = async |wanted: &str| {
        let reached = async {
            while open().await != wanted {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_mins(2), reached).await.expect("the gauge follows");
    };
    wait_until("1").await;
    drop(stream);
    wait_until("0").await;
}

#[tokio::test]
async fn a_stream_that_nobody_reads_is_let_go() {
    let recorder = recorder();
    let operator = Recorded::by(&recorder);
    let app = TestApp::start().await;
    let jo = app.staff("jo").await;
    let request = jo.desk_request("GET", "/api/events").body(Body::empty()).unwrap();
    let mut stream = tower::ServiceExt::oneshot(app.desk.clone(), request).await.unwrap().into_body();
    let session = kyc_wire::ids::SessionId::new(app.app.ids.next());
    let mut version = 0;
    let let_go = async {
        while !operator.get(&app, &app.app, "/metrics").await.text.contains("kyc_streams_open 0") {
            version += 1;
            app.app.events.changed(session, version, "retail-de");
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(2), let_go).await.expect("it ends without being read");
    let mut last = String::new();
    while let Some(Ok(frame)) = http_body_util::BodyExt::frame(&mut stream).await {
        last = String::from_utf8_lossy(&frame.into_data().unwrap()).into_owned();
    }
    assert!(last.contains("changed"), "it comes back for the rest; nobody was signed out: {last}");
}

/// Of several servers on one database, the one whose clock is wrong is out, and no other.
#[tokio::test]
async fn a_clock_that_is_ahead_takes_out_its_own_server_only() {
    let recorder = recorder();
    let operator = Recorded::by(&recorder);
    let app = TestApp::with(Setup { database: Kind::Postgres, ..Setup::default() }).await;
    let server = async |shift: i64| {
        let time = async || app.app.store.find_time().await.unwrap().unwrap().0;
        let clock = FixedClock::at(Micros(time().await + shift));
        let server = kyc_desk::build(config(&app, &[]), Arc::new(clock.clone()), Arc::new(SeededRng::new(9))).await;
        // Building took its time.
        clock.set(Micros(time().await + shift));
        server.unwrap()
    };
    let ahead = server(60_000_000).await;
    let mut tx = ahead.store.begin(&ahead.tenant).await.unwrap();
    tx.record(NewEntry::done(Actor::System, Action::Expired)).await.unwrap();
    tx.commit().await.unwrap();
    let answer = operator.get(&app, &ahead, "/readyz").await;
    assert_eq!((answer.status, answer.text.as_str()), (503, "clock"));
    let behind = server(-60_000_000).await;
    assert_eq!(operator.get(&app, &behind, "/readyz").await.status, 503);
    let right = server(500_000).await;
    assert_eq!(operator.get(&app, &right, "/readyz").await.status, 204);
}

#[tokio::test]
async fn it_is_ready_while_the_database_answers_and_the_clock_is_right() {
    let recorder = recorder();
    let operator = Recorded::by(&recorder);
    let app = TestApp::with(Setup { database: Kind::Sqlite, ..Setup::default() }).await;
    app.session().await;
    assert_eq!(operator.get(&app, &app.app, "/readyz").await.status, 204);
    let behind = FixedClock::at(Micros(kyc_desk::clock::Clock::now(&app.clock).0 - 4_000_000));
    let late = kyc_desk::build(config(&app, &[]), Arc::new(behind.clone()), Arc::new(SeededRng::new(9))).await.unwrap();
    let answer = operator.get(&app, &late, "/readyz").await;
    assert_eq!((answer.status, answer.text.as_str()), (503, "clock"));
    behind.advance(Duration::from_secs(3));
    assert_eq!(operator.get(&app, &late, "/readyz").await.status, 204, "a second behind is nothing");
    late.stopping.send_replace(true);
    let answer = operator.get(&app, &late, "/readyz").await;
    assert_eq!((answer.status, answer.text.as_str()), (503, "stopping"));
    sqlx::query("ALTER TABLE audit_head RENAME TO gone").execute(&app.database.raw().await).await.unwrap();
    let answer = operator.get(&app, &app.app, "/readyz").await;
    assert_eq!((answer.status, answer.text.as_str()), (503, "database"));
}
