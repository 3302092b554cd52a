//! Traces by OpenTelemetry: what a collector is told, and what it is not.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use kyc_desk::config::telemetry::Telemetry;
use kyc_desk::telemetry::Traces;
use kyc_sandbox::veriff::Outcome;
use kyc_tests::TestApp;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tracing_subscriber::layer::SubscriberExt;

type Taken = Arc<Mutex<Vec<ExportTraceServiceRequest>>>;

/// A process has one subscriber, so each of these stories has a process of its own.
async fn alone(story: &str) {
    let name = format!("ops::traces::{story}");
    let mut process = tokio::process::Command::new(std::env::current_exe().unwrap());
    let run = process.args(["--exact", &name, "--ignored"]).kill_on_drop(true).output().await.unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&run.stderr));
}

fn listen(traces: &Traces) {
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(traces.layer())).unwrap();
}

/// A collector, and everything it was sent.
async fn collector() -> (Telemetry, Taken) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let traces_url = format!("http://{}/v1/traces", listener.local_addr().unwrap()).parse().unwrap();
    let taken = Taken::default();
    let take = async |State(taken): State<Taken>, body: Bytes| {
        taken.lock().unwrap().push(ExportTraceServiceRequest::decode(body).unwrap());
    };
    let router = Router::new().route("/v1/traces", post(take)).with_state(Arc::clone(&taken));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (Telemetry { traces_url, traces_sampled: 1.0 }, taken)
}

fn spans(taken: &Taken) -> Vec<Span> {
    let taken = taken.lock().unwrap();
    let scopes = taken.iter().flat_map(|request| &request.resource_spans).flat_map(|resource| &resource.scope_spans);
    scopes.flat_map(|scope| scope.spans.clone()).collect()
}

fn attribute(span: &Span, name: &str) -> Option<Value> {
    let found = span.attributes.iter().find(|attribute| attribute.key == name)?;
    found.value.as_ref()?.value.clone()
}

fn flush(traces: Traces) -> impl Future<Output = (Traces, bool)> {
    let flushing = tokio::task::spawn_blocking(move || {
        let is_sent = traces.flush().is_ok();
        (traces, is_sent)
    });
    async { flushing.await.unwrap() }
}

#[tokio::test]
async fn a_collector_is_told_what_took_how_long_and_nothing_about_anybody() {
    alone("told").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
#[ignore = "a process of its own runs it"]
async fn told() {
    let (telemetry, taken) = collector().await;
    let traces = Traces::to(&telemetry).unwrap();
    listen(&traces);
    let app = TestApp::start().await;
    let id = app.session().await;
    assert_eq!(app.claims(&id, 0).await.status, 204);
    app.decide(&id, Outcome::Clean).await;
    let mira = app.staff("mira").await;
    mira.act(&id, "take", serde_json::json!({ "reason": null })).await;
    assert_eq!(mira.reveal(&id, "birth_date", "claim", "ask_the_customer").await.status, 200);
    assert_eq!(mira.get("/api/sessions?q=somebody%40bank.example").await.status, 422);
    let (traces, is_sent) = flush(traces).await;
    assert!(is_sent);
    let spans = spans(&taken);
    let named = |name: &str| spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no {name}"));

    let request = named("POST /flow/v1/sessions");
    assert_eq!(attribute(request, "http.route"), Some(Value::StringValue("/flow/v1/sessions".to_owned())));
    assert_eq!(attribute(request, "http.response.status_code"), Some(Value::IntValue(201)));
    assert!(request.end_time_unix_nano > request.start_time_unix_nano);
    let (job, call) = (named("start_provider"), named("start"));
    assert_eq!(call.parent_span_id, job.span_id, "the call belongs to the job");
    assert_eq!(call.trace_id, job.trace_id);
    named("apply_webhook");

    let said = format!("{:?}", taken.lock().unwrap());
    let person = &app.veriff.identities()[0];
    for canary in [&person.last_name, &person.number, &person.birth_date, "somebody", "mira"] {
        assert!(!said.contains(canary), "{canary} is in a trace");
    }
    assert!(!said.contains("/home/") && !said.contains("src/"), "places in the sources are nobody's business");
    assert!(!said.contains(&format!("/api/sessions/{id}")), "the route is named by its template");
    drop(traces);
}

#[tokio::test]
async fn a_collector_that_is_down_is_nobody_elses_trouble() {
    alone("down").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
#[ignore = "a process of its own runs it"]
async fn down() {
    let (mut telemetry, taken) = collector().await;
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    telemetry.traces_url = format!("http://{closed}/v1/traces").parse().unwrap();
    let traces = Traces::to(&telemetry).unwrap();
    listen(&traces);
    TestApp::start().await.session().await;
    let (_traces, is_sent) = flush(traces).await;
    assert!(!is_sent && spans(&taken).is_empty());
}

#[tokio::test]
async fn a_share_of_nothing_sends_nothing() {
    alone("share").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
#[ignore = "a process of its own runs it"]
async fn share() {
    let (mut telemetry, taken) = collector().await;
    telemetry.traces_sampled = 0.0;
    let traces = Traces::to(&telemetry).unwrap();
    listen(&traces);
    TestApp::start().await.session().await;
    let (_traces, is_sent) = flush(traces).await;
    assert!(is_sent && spans(&taken).is_empty());
}
