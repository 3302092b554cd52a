//! The alert rules and the dashboard that operators are given: they ask for metrics that there are.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use axum::body::Body;
use axum::http::Request;
use kyc_sandbox::jumio::{Call, Fault, Outcome};
use kyc_tests::TestApp;
use serde_json::{Value, json};

use super::measures::{Recorded, recorder};

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../deploy").join(name)
}

/// Alerts by name, with what they ask for.
fn rules() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(file("alerts.yml")).unwrap();
    let file: Value = yaml_serde::from_str(&text).unwrap();
    let rules = file["groups"].as_array().unwrap().iter().flat_map(|group| group["rules"].as_array().unwrap());
    rules.map(rule).collect()
}

fn rule(rule: &Value) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let name = text(&rule["alert"]);
    assert!(["page", "ticket"].contains(&text(&rule["labels"]["severity"]).as_str()), "{name}: how urgent is it?");
    for words in ["summary", "description"] {
        assert!(text(&rule["annotations"][words]).len() > 10, "{name} has no {words}");
    }
    (name, text(&rule["expr"]))
}

/// Panels by title, with what they ask for.
fn panels() -> Vec<(String, Vec<String>)> {
    let dashboard: Value = serde_json::from_slice(&std::fs::read(file("grafana.json")).unwrap()).unwrap();
    let panel = |panel: &Value| {
        let title = panel["title"].as_str().unwrap().to_owned();
        assert!(panel["fieldConfig"]["defaults"]["unit"].is_string(), "{title} has no unit");
        let targets = panel["targets"].as_array().unwrap().iter();
        (title, targets.map(|target| target["expr"].as_str().unwrap().to_owned()).collect())
    };
    dashboard["panels"].as_array().unwrap().iter().map(panel).collect()
}

/// The metrics that an expression names.
fn metrics_in(expression: &str) -> BTreeSet<&str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    expression.split(|c| !is_name(c)).filter(|word| word.starts_with("kyc_")).collect()
}

/// The metrics of a server where something has happened.
async fn measured(app: &TestApp) -> String {
    let recorder = recorder();
    let operator = Recorded::by(&recorder);
    let id = app.new_id();
    let mut body = kyc_tests::new_session(&id);
    body["provider"] = json!("jumio-de");
    app.jumio.fail_next(1, Call::Start, Fault::RateLimited { retry_after: None });
    assert_eq!(app.flow().await.post_edge("/flow/v1/sessions", Some(&id), &body).await.status, 201);
    app.work().await;
    app.advance(60);
    app.work().await;
    app.jumio.decide(&app.jumio.executions_of(&id)[0], Outcome::Clean).await.unwrap();
    app.work().await;
    let forged = Request::post("/webhooks/jumio/jumio-de").body(Body::from("{}")).unwrap();
    assert_eq!(app.guest().send(&app.edge, forged).await.status, 401);
    drop(kyc_desk::measures::stream_opened());
    operator.get(app, &app.app, "/metrics").await.text
}

#[tokio::test]
async fn every_metric_that_an_alert_or_a_panel_asks_for_exists() {
    let app = TestApp::start().await;
    let text = measured(&app).await;
    let exists =
        |name: &str| text.lines().any(|line| line.starts_with(name) && line[name.len()..].starts_with(['{', ' ']));
    let (rules, panels) = (rules(), panels());
    assert!(rules.len() > 10 && panels.len() > 10);
    for (name, expressions) in rules.into_iter().map(|(name, expression)| (name, vec![expression])).chain(panels) {
        for expression in expressions {
            let metrics = metrics_in(&expression);
            assert!(!metrics.is_empty(), "{name} asks for nothing of ours: {expression}");
            for metric in metrics {
                assert!(exists(metric), "{name} asks for {metric}, which is not in:\n{text}");
            }
        }
    }
}

#[tokio::test]
async fn the_labels_that_the_alerts_choose_by_are_given() {
    let app = TestApp::start().await;
    let text = measured(&app).await;
    for line in [
        "kyc_provider_calls_total{provider=\"jumio-de\",call=\"start\",outcome=\"rate_limited\"} 1",
        "kyc_provider_calls_total{provider=\"jumio-de\",call=\"start\",outcome=\"ok\"} 1",
        "kyc_provider_calls_total{provider=\"veriff-de\",call=\"start\",outcome=\"rate_limited\"} 0",
        "kyc_provider_call_duration_seconds_count{provider=\"jumio-de\",call=\"start\"} 2",
        "kyc_webhook_signature_failures_total{provider=\"jumio-de\",reason=\"other_sender\"} 1",
        "kyc_webhook_signature_failures_total{provider=\"jumio-de\",reason=\"mismatch\"} 0",
        "kyc_webhook_lag_seconds_count{provider=\"jumio-de\"} 3",
        "kyc_webhooks_total{provider=\"jumio-de\",outcome=\"accepted\"} 3",
        "kyc_outbound_down{to=\"jumio-de\"} 0",
        "kyc_outbound_down{to=\"bank\"} 0",
        "kyc_jobs_dead_total{kind=\"start_provider\"} 0",
        "kyc_provider_changed_its_mind_total 0",
    ] {
        assert!(text.contains(line), "{line} is missing in:\n{text}");
    }
}

#[test]
fn there_is_an_alert_on_429_and_each_has_a_name_of_its_own() {
    let rules = rules();
    assert!(rules.iter().any(|(_, expression)| expression.contains("outcome=\"rate_limited\"")));
    let names: BTreeSet<&String> = rules.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), rules.len());
}

/// Where Prometheus's own tool is installed, it has the last word.
#[test]
fn promtool_takes_the_rules_where_it_is_installed() {
    match Command::new("promtool").args(["check", "rules"]).arg(file("alerts.yml")).output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout)),
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "promtool cannot be run: {error}"),
    }
}
