use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

use super::{Call, Fault, Onfido, OnfidoConfig, Outcome, WebhookFault};
use crate::listener::{self, Base};
use crate::{Clock, secrets};

const TOKEN: &str = "demo-onfido-token";
const WEBHOOK: &str = "demo-webhook-token";
const WORKFLOW: &str = "0f1d0000-0000-4000-8000-000000000001";

/// A receiver of webhooks: what came, and the statuses that it answers first.
#[derive(Clone, Default)]
struct Receiver {
    came: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    refusals: Arc<Mutex<Vec<StatusCode>>>,
}

impl Receiver {
    async fn start(&self) -> Base {
        let router = Router::new().route("/hook", post(receive)).with_state(self.clone());
        listener::bind(0).await.unwrap().serve(router)
    }

    fn actions(&self) -> Vec<String> {
        let came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
        let action = |body: &Bytes| serde_json::from_slice::<Value>(body).unwrap()["payload"]["action"].clone();
        came.iter().map(|(_, body)| action(body).as_str().unwrap().to_owned()).collect()
    }
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    receiver.came.lock().unwrap_or_else(PoisonError::into_inner).push((headers, body));
    receiver.refusals.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or(StatusCode::NO_CONTENT)
}

struct Fixture {
    onfido: Onfido,
    receiver: Receiver,
    http: Client,
    _base: Base,
}

async fn fixture() -> Fixture {
    let receiver = Receiver::default();
    let base = receiver.start().await;
    let mut config = OnfidoConfig::new(Clock::from_unix(Arc::new(|| 1_790_000_000)), TOKEN, WEBHOOK);
    config.retry_delays = vec![Duration::from_millis(5)];
    let onfido = Onfido::start(config).await.unwrap();
    onfido.set_webhook_url(&format!("{}/hook", base.loopback()));
    Fixture { onfido, receiver, http: Client::builder().build().unwrap(), _base: base }
}

impl Fixture {
    async fn call(&self, method: Method, path: &str, authorization: &str, body: Value) -> Response {
        let request = self.http.request(method, format!("{}/v3.6/{path}", self.onfido.base_url()));
        request.header("authorization", authorization).json(&body).send().await.unwrap()
    }

    async fn post(&self, path: &str, body: Value) -> Response {
        self.call(Method::POST, path, &format!("Token token={TOKEN}"), body).await
    }

    async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, &format!("Token token={TOKEN}"), json!({})).await.json().await.unwrap()
    }

    async fn applicant(&self) -> Value {
        let answer = self.post("applicants", json!({"first_name": "Session", "last_name": "ref-1"})).await;
        answer.json::<Value>().await.unwrap()["id"].take()
    }

    async fn run(&self) -> Value {
        let body = json!({
            "applicant_id": self.applicant().await, "workflow_id": WORKFLOW, "customer_user_id": "ref-1", "tags": ["ref-1"],
        });
        let answer = self.post("workflow_runs", body).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        answer.json().await.unwrap()
    }
}

fn id(of: &Value) -> &str {
    of["id"].as_str().unwrap()
}

#[tokio::test]
async fn who_has_no_token_is_refused_and_two_kinds_are_accepted() {
    let fixture = fixture().await;
    let run = fixture.run().await;
    let path = format!("workflow_runs/{}", id(&run));
    for wrong in ["", "Token token=guess", "Bearer guess", TOKEN] {
        let answer = fixture.call(Method::GET, &path, wrong, json!({})).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{wrong}");
    }
    let url = format!("{}/v3.6/oauth/token", fixture.onfido.base_url());
    let ask = |secret: &'static str| {
        fixture.http.post(&url).form(&[("client_id", "onfido-client"), ("client_secret", secret)]).send()
    };
    assert_eq!(ask("wrong").await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let token: Value = ask("onfido-client-secret").await.unwrap().json().await.unwrap();
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    assert_eq!(fixture.call(Method::GET, &path, &bearer, json!({})).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_applicant_needs_names_without_odd_signs() {
    let fixture = fixture().await;
    for body in [json!({}), json!({"first_name": "Session"}), json!({"first_name": "Session", "last_name": "a;b"})] {
        assert_eq!(fixture.post("applicants", body).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let body = json!({"applicant_id": "nobody", "workflow_id": WORKFLOW});
    assert_eq!(fixture.post("workflow_runs", body).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_decision_arrives_signed_after_its_tasks_and_can_be_read() {
    let fixture = fixture().await;
    let run = fixture.run().await;
    assert_eq!(run["status"], "awaiting_input");
    fixture.onfido.decide(id(&run), Outcome::Screen).await.unwrap();
    let tasks = ["workflow_task.completed"; 3];
    assert_eq!(fixture.receiver.actions(), [&tasks[..], &["workflow_run.completed"]].concat());
    for (headers, body) in fixture.receiver.came.lock().unwrap().iter() {
        let tag = headers["x-sha2-signature"].to_str().unwrap();
        assert!(secrets::is_hmac_hex(WEBHOOK.as_bytes(), body, tag));
    }
    let path = format!("workflow_runs/{}", id(&run));
    assert_eq!(fixture.get(&path).await["status"], "declined");
    assert_eq!(fixture.get(&path).await["updated_at"], "2026-09-21T14:13:20Z");
    let task = fixture.get(&format!("{path}/tasks/document_check_12")).await;
    assert_eq!(task["output"]["sub_result"], "suspected");
}

#[tokio::test]
async fn a_check_is_read_with_its_reports() {
    let fixture = fixture().await;
    let body = json!({
        "applicant_id": fixture.applicant().await, "report_names": ["document"], "applicant_provides_data": true,
        "suppress_form_emails": true, "tags": ["ref-1"],
    });
    let check: Value = fixture.post("checks", body).await.json().await.unwrap();
    assert_eq!(check["status"], "awaiting_applicant");
    fixture.onfido.decide(id(&check), Outcome::Clear).await.unwrap();
    assert_eq!(fixture.receiver.actions(), ["check.form_completed", "check.completed"]);
    let path = format!("checks/{}", id(&check));
    assert_eq!(fixture.get(&path).await["result"], "clear");
    let reports = fixture.get(&format!("reports?check_id={}", id(&check))).await;
    assert_eq!(reports["reports"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn runs_are_found_by_their_tag_newest_first() {
    let fixture = fixture().await;
    let (first, second) = (fixture.run().await, fixture.run().await);
    let found = fixture.get("workflow_runs?tags=ref-1&sort=desc").await;
    let ids: Vec<&str> = found.as_array().unwrap().iter().map(id).collect();
    assert_eq!(ids, [id(&second), id(&first)]);
    assert_eq!(fixture.get("workflow_runs?tags=ref-2").await, json!([]));
}

#[tokio::test]
async fn a_deleted_applicant_takes_its_runs_along() {
    let fixture = fixture().await;
    let run = fixture.run().await;
    let path = format!("applicants/{}", run["applicant_id"].as_str().unwrap());
    let token = format!("Token token={TOKEN}");
    assert_eq!(fixture.call(Method::DELETE, &path, &token, json!({})).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(fixture.call(Method::DELETE, &path, &token, json!({})).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(fixture.get(&format!("workflow_runs/{}", id(&run))).await["error"]["type"], "resource_not_found");
}

#[tokio::test]
async fn faults_happen_in_turn_and_an_outage_ends_by_the_clock() {
    let fixture = fixture().await;
    fixture.onfido.fail_next_call(1, Call::Applicant, Fault::RateLimited { retry_after: Some(7) });
    fixture.onfido.fail_next_call(1, Call::Read, Fault::Status(503));
    let names = json!({"first_name": "Session", "last_name": "ref-1"});
    let limited = fixture.post("applicants", names.clone()).await;
    assert_eq!(
        (limited.status(), &limited.headers()["retry-after"]),
        (StatusCode::TOO_MANY_REQUESTS, &"7".parse().unwrap())
    );
    assert_eq!(fixture.get("workflow_runs/x").await["error"]["type"], "internal_server_error");
    fixture.onfido.be_down_for(600);
    let url = format!("{}/v3.6/ping", fixture.onfido.base_url());
    assert!(fixture.http.get(&url).send().await.is_err());
    fixture.onfido.reconfigure(|config| config.clock = Clock::from_unix(Arc::new(|| 1_790_000_600)));
    assert_eq!(fixture.http.get(&url).send().await.unwrap().status(), StatusCode::OK);
    let statuses: Vec<u16> = fixture.onfido.requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [429, 503, 0, 200]);
}

#[tokio::test]
async fn webhooks_can_be_held_arranged_spoiled_and_replayed() {
    let fixture = fixture().await;
    let run = fixture.run().await;
    fixture.onfido.hold_webhooks();
    fixture.onfido.spoil_next_webhook(WebhookFault::Lost);
    fixture.onfido.decide(id(&run), Outcome::Clear).await.unwrap();
    fixture.onfido.release_webhooks(<[usize]>::reverse);
    fixture.onfido.settle().await;
    let first = ["workflow_run.completed", "workflow_task.completed", "workflow_task.completed"];
    assert_eq!(fixture.receiver.actions(), first);
    let body = fixture.onfido.deliveries()[0].body.clone();
    fixture.onfido.replay(&body).await;
    assert_eq!(fixture.receiver.actions()[3], "workflow_run.completed");
}

#[tokio::test]
async fn a_webhook_is_repeated_until_it_is_answered_with_20x() {
    let fixture = fixture().await;
    let run = fixture.run().await;
    fixture.receiver.refusals.lock().unwrap().push(StatusCode::SERVICE_UNAVAILABLE);
    fixture.onfido.submit(id(&run)).await.unwrap();
    while fixture.onfido.deliveries().len() < 2 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let statuses: Vec<Option<u16>> = fixture.onfido.deliveries().iter().map(|one| one.status).collect();
    assert_eq!(statuses, [Some(503), Some(204)]);
}

#[tokio::test]
async fn the_page_plays_the_customer() {
    let fixture = fixture().await;
    let run = fixture.run().await;
    let url = run["link"]["url"].as_str().unwrap();
    let page = fixture.http.get(url).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("A photo of a screen"));
    assert_eq!(fixture.http.post(url).form(&[("outcome", "nothing")]).send().await.unwrap().status(), 400);
    assert_eq!(fixture.http.post(url).form(&[("outcome", "doubts")]).send().await.unwrap().status(), 200);
    while fixture.get(&format!("workflow_runs/{}", id(&run))).await["status"] != "review" {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(fixture.http.post(url).form(&[("outcome", "clear")]).send().await.unwrap().status(), 404);
}
