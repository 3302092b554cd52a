//! What we send to Onfido, and what the stand-in answers in its place, against the description that Onfido publishes. The description is not
//! part of this project: where it is not at hand, the test says so.

use std::path::{Path, PathBuf};

use kyc_sandbox::onfido::{Outcome, SeenRequest};
use serde_json::Value;

use super::schema::{Published, Unknown, without_nulls};
use super::{BOTH, decide, session, start};

#[expect(clippy::disallowed_methods, reason = "a test is told where the description is")]
fn place() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    std::env::var("KYC_ONFIDO_OPENAPI")
        .map_or_else(|_| root.join("../shared/reference/onfido-openapi/openapi.json"), PathBuf::from)
}

/// The description, or what to say where it is not at hand.
fn published() -> Result<Published, String> {
    let place = place();
    let text = std::fs::read_to_string(&place)
        .map_err(|_| format!("skipped: Onfido's description is not at {}", place.display()))?;
    Ok(Published::new(serde_json::from_str(&text).unwrap()))
}

/// The schema of what is sent and of what is answered.
fn schemas(request: &SeenRequest) -> (Option<&'static str>, &'static str) {
    let parts: Vec<&str> = request.path.trim_start_matches("/v3.6/").split('/').collect();
    match (request.method.as_str(), &parts[..]) {
        ("POST", ["applicants"]) => (Some("applicant_builder"), "applicant"),
        ("POST", ["workflow_runs"]) => (Some("workflow_run_builder"), "workflow_run"),
        ("POST", ["checks"]) => (Some("check_builder"), "check"),
        ("GET", ["workflow_runs"]) => (None, "[workflow_run]"),
        ("GET", ["workflow_runs", _]) => (None, "workflow_run"),
        ("GET", ["workflow_runs", _, "tasks"]) => (None, "[TaskItem]"),
        ("GET", ["workflow_runs", _, "tasks", _]) => (None, "task"),
        ("GET", ["checks"]) => (None, "Checks_list"),
        ("GET", ["checks", _]) => (None, "check"),
        ("GET", ["reports"]) => (None, "Reports_list"),
        other => panic!("{other:?} has no schema here"),
    }
}

fn faults_of_answer(published: &Published, schema: &str, answer: &Value) -> Vec<String> {
    if let Some(item) = schema.strip_prefix('[').and_then(|schema| schema.strip_suffix(']')) {
        let items = answer.as_array().expect("a list").iter();
        return items.flat_map(|one| published.faults(item, one, Unknown::Allowed)).collect();
    }
    let mut faults = published.faults(schema, answer, Unknown::Allowed);
    for report in answer["reports"].as_array().into_iter().flatten() {
        faults.extend(faults_of_report(published, report["name"].as_str().unwrap(), report));
    }
    // What a task came to has a report's members, but neither its id nor its name.
    if answer["output"]["breakdown"].is_object() && answer["task_def_id"].is_string() {
        let name = if answer["task_def_id"] == "document_check" { "document" } else { "facial_similarity_photo" };
        let mut report = answer["output"].clone();
        report["id"] = report["uuid"].take();
        report["name"] = name.into();
        faults.extend(faults_of_report(published, name, &without_nulls(&report)));
    }
    faults
}

fn faults_of_report(published: &Published, name: &str, report: &Value) -> Vec<String> {
    published.faults(&format!("{name}_report"), report, Unknown::Allowed)
}

#[tokio::test]
async fn requests_and_answers_are_as_onfido_describes_them() {
    let published = match published() {
        Ok(published) => published,
        Err(skipped) => return println!("{skipped}"),
    };
    for integration in BOTH {
        let app = start(integration).await;
        for outcome in [
            Outcome::Clear,
            Outcome::OtherBirthYear,
            Outcome::Screen,
            Outcome::OtherFace,
            Outcome::Blurred,
            Outcome::Doubts,
            Outcome::Abandoned,
            Outcome::Error,
        ] {
            let id = session(&app, integration).await;
            decide(&app, &id, outcome).await;
        }
        let (mut sent, mut answered) = (0, 0);
        for request in app.onfido.requests().iter().filter(|request| !request.path.ends_with("/oauth/token")) {
            let (body, answer) = schemas(request);
            if let Some(schema) = body {
                let value = serde_json::from_str(&request.body).unwrap();
                assert_eq!(published.faults(schema, &value, Unknown::Refused), [""; 0], "{}", request.body);
                sent += 1;
            }
            let value = without_nulls(&serde_json::from_str(&request.answer).unwrap());
            assert_eq!(faults_of_answer(&published, answer, &value), [""; 0], "{}", request.answer);
            answered += 1;
        }
        assert!(sent >= 16 && answered >= 32, "{sent} and {answered}");
    }
}

#[test]
fn the_samples_are_as_onfido_describes_them() {
    let published = match published() {
        Ok(published) => published,
        Err(skipped) => return println!("{skipped}"),
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/onfido");
    for name in ["approved", "declined", "review"] {
        for (part, schema) in
            [("run", "workflow_run"), ("document", "document_report"), ("face", "facial_similarity_photo_report")]
        {
            let text = std::fs::read_to_string(folder.join(format!("{name}_{part}.json"))).unwrap();
            let value = without_nulls(&serde_json::from_str(&text).unwrap());
            assert_eq!(published.faults(schema, &value, Unknown::Allowed), [""; 0], "{name}_{part}");
        }
    }
}
