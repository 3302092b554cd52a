use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

use super::{Call, Fault, Outcome, Step, Veriff, VeriffConfig, WebhookFault, WebhookKind};
use crate::listener::{self, Base};
use crate::{Clock, secrets};

const KEY: &str = "demo-veriff-key";
const SECRET: &str = "demo-veriff-secret";

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

    fn bodies(&self) -> Vec<Value> {
        let came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
        came.iter().map(|(_, body)| serde_json::from_slice(body).unwrap()).collect()
    }
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    receiver.came.lock().unwrap_or_else(PoisonError::into_inner).push((headers, body));
    receiver.refusals.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or(StatusCode::OK)
}

struct Fixture {
    veriff: Veriff,
    receiver: Receiver,
    http: Client,
    _base: Base,
}

async fn fixture() -> Fixture {
    let receiver = Receiver::default();
    let base = receiver.start().await;
    let mut config = VeriffConfig::new(Clock::from_unix(Arc::new(|| 1_790_000_000)), KEY, SECRET);
    config.retry_delays = vec![Duration::from_millis(5)];
    config.allows_casting = true;
    let veriff = Veriff::start(config).await.unwrap();
    veriff.set_webhook_url(&format!("{}/hook", base.loopback()));
    Fixture { veriff, receiver, http: Client::builder().build().unwrap(), _base: base }
}

impl Fixture {
    async fn call(&self, method: Method, path: &str, signed: &str, body: &'static str) -> Response {
        let request = self.http.request(method, format!("{}/v1/{path}", self.veriff.base_url()));
        let tag = secrets::hmac_hex(SECRET.as_bytes(), signed.as_bytes());
        request.header("x-auth-client", KEY).header("x-hmac-signature", tag).body(body).send().await.unwrap()
    }

    async fn create(&self) -> Value {
        let body = r#"{"verification":{"vendorData":"ref-1"}}"#;
        let response = self.call(Method::POST, "sessions", body, body).await;
        assert_eq!(response.status(), StatusCode::CREATED);
        response.json::<Value>().await.unwrap()["verification"].take()
    }

    async fn decision(&self, id: &str) -> Value {
        let path = format!("sessions/{id}/decision");
        self.call(Method::GET, &path, id, "").await.json().await.unwrap()
    }
}

fn id(session: &Value) -> &str {
    session["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_session_is_created_and_its_answer_is_signed() {
    let fixture = fixture().await;
    let body = r#"{"verification":{"vendorData":"ref-1"}}"#;
    let response = fixture.call(Method::POST, "sessions", body, body).await;
    let tag = response.headers()["x-hmac-signature"].to_str().unwrap().to_owned();
    assert_eq!(response.headers()["x-auth-client"], KEY);
    let bytes = response.bytes().await.unwrap();
    assert!(secrets::is_hmac_hex(SECRET.as_bytes(), &bytes, &tag));
    let answer: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(
        (&answer["verification"]["status"], &answer["verification"]["vendorData"]),
        (&json!("created"), &json!("ref-1"))
    );
}

#[tokio::test]
async fn a_read_must_be_signed_over_the_id() {
    let fixture = fixture().await;
    let session = fixture.create().await;
    let path = format!("sessions/{}/decision", id(&session));
    assert_eq!(fixture.call(Method::GET, &path, "another id", "").await.status(), StatusCode::UNAUTHORIZED);
    let unsigned = fixture.http.get(format!("{}/v1/{path}", fixture.veriff.base_url())).header("x-auth-client", KEY);
    let envelope: Value = unsigned.send().await.unwrap().json().await.unwrap();
    assert_eq!(envelope["status"], "fail");
    assert_eq!(fixture.decision(id(&session)).await["verification"], Value::Null);
}

#[tokio::test]
async fn a_decision_arrives_signed_and_after_its_events() {
    let fixture = fixture().await;
    let session = fixture.create().await;
    fixture.veriff.decide(id(&session), Outcome::Declined(102)).await.unwrap();
    let bodies = fixture.receiver.bodies();
    let codes: Vec<&Value> =
        bodies.iter().map(|body| body.get("code").unwrap_or(&body["verification"]["code"])).collect();
    assert_eq!(codes, [7001, 7002, 9102]);
    assert_eq!(bodies[2], fixture.decision(id(&session)).await);
    assert_eq!(bodies[2]["verification"]["reasonCode"], "102");
    assert_eq!(bodies[2]["verification"]["decisionTime"], "2026-09-21T14:13:20.000Z");
    for (headers, body) in fixture.receiver.came.lock().unwrap().iter() {
        for (client, tag) in [("x-auth-client", "x-hmac-signature"), ("vrf-auth-client", "vrf-hmac-signature")] {
            assert_eq!(headers[client], KEY);
            assert!(secrets::is_hmac_hex(SECRET.as_bytes(), body, headers[tag].to_str().unwrap()));
        }
        assert!(headers.contains_key("vrf-integration-id"));
    }
}

#[tokio::test]
async fn a_webhook_is_repeated_until_it_is_answered_with_200() {
    let fixture = fixture().await;
    let session = fixture.create().await;
    fixture.receiver.refusals.lock().unwrap().push(StatusCode::NO_CONTENT);
    fixture.veriff.event(id(&session), Step::Started).await.unwrap();
    while fixture.veriff.deliveries().len() < 2 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let statuses: Vec<Option<u16>> = fixture.veriff.deliveries().iter().map(|one| one.status).collect();
    assert_eq!(statuses, [Some(204), Some(200)]);
    assert_eq!(fixture.receiver.bodies()[0], fixture.receiver.bodies()[1]);
}

#[tokio::test]
async fn a_request_for_new_pictures_leaves_the_session_open_until_the_tenth() {
    let fixture = fixture().await;
    let session = fixture.create().await;
    let mut attempts = Vec::new();
    for _ in 0..9 {
        fixture.veriff.decide(id(&session), Outcome::Resubmission(204)).await.unwrap();
        let decision = fixture.decision(id(&session)).await["verification"].take();
        assert_eq!((&decision["status"], &decision["reasonCode"]), (&json!("resubmission_requested"), &json!("204")));
        attempts.push(decision["attemptId"].clone());
    }
    attempts.dedup();
    assert_eq!(attempts.len(), 9, "each attempt has its own id");
    fixture.veriff.decide(id(&session), Outcome::Resubmission(204)).await.unwrap();
    let last = fixture.decision(id(&session)).await["verification"].take();
    assert_eq!((&last["status"], &last["reasonCode"]), (&json!("declined"), &json!("539")));
}

#[tokio::test]
async fn customers_come_from_the_table_in_order_unless_assigned() {
    let fixture = fixture().await;
    let table = fixture.veriff.identities();
    fixture.veriff.assign("ref-1", 5);
    let session = fixture.create().await;
    fixture.veriff.decide(id(&session), Outcome::Clean).await.unwrap();
    let person = fixture.decision(id(&session)).await["verification"]["person"].take();
    assert_eq!(person["dateOfBirth"], table[5].birth_date.as_str());
    let next = [fixture.veriff.identity_of("ref-2"), fixture.veriff.identity_of("ref-3")];
    assert_eq!(next[..], table[..2]);
}

#[tokio::test]
async fn planned_faults_happen_in_turn_and_are_recorded() {
    let fixture = fixture().await;
    fixture.veriff.fail_next(1, Fault::RateLimited { retry_after: Some(7) });
    fixture.veriff.fail_next_call(1, Call::Decision, Fault::Reset);
    fixture.veriff.fail_next_call(1, Call::Decision, Fault::Status(503));
    let body = r#"{"verification":{}}"#;
    let limited = fixture.call(Method::POST, "sessions", body, body).await;
    assert_eq!(
        (limited.status(), &limited.headers()["retry-after"]),
        (StatusCode::TOO_MANY_REQUESTS, &"7".parse().unwrap())
    );
    let url = format!("{}/v1/sessions/x/decision", fixture.veriff.base_url());
    assert!(fixture.http.get(&url).send().await.is_err());
    assert_eq!(fixture.http.get(&url).send().await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
    let statuses: Vec<u16> = fixture.veriff.requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [429, 0, 503]);
}

#[tokio::test]
async fn webhooks_can_be_held_reversed_and_spoiled() {
    let fixture = fixture().await;
    let session = fixture.create().await;
    fixture.veriff.hold_webhooks();
    fixture.veriff.spoil_next_webhook(WebhookFault::Lost);
    fixture.veriff.decide(id(&session), Outcome::Clean).await.unwrap();
    fixture.veriff.release_webhooks_reversed();
    fixture.veriff.settle().await;
    let kinds: Vec<WebhookKind> = fixture.veriff.deliveries().iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [WebhookKind::Decision, WebhookKind::Event], "7001 was lost, 7002 came last");
}

#[tokio::test]
async fn the_page_plays_the_customer() {
    let fixture = fixture().await;
    let session = fixture.create().await;
    let url = session["url"].as_str().unwrap();
    let page = fixture.http.get(url).send().await.unwrap();
    assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    assert!(page.text().await.unwrap().contains("A changed document"));
    let form = [("outcome", "birth-year"), ("identity", "solene")];
    assert_eq!(fixture.http.post(url).form(&form).send().await.unwrap().status(), StatusCode::OK);
    while fixture.decision(id(&session)).await["verification"].is_null() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let person = fixture.decision(id(&session)).await["verification"]["person"].take();
    assert_eq!((&person["firstName"], &person["yearOfBirth"]), (&json!("SOLÈNE"), &json!("2001")));
    assert_eq!(fixture.http.post(url).form(&form).send().await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn deleting_an_open_session_is_told_by_webhook_and_limited_to_five_an_hour() {
    let fixture = fixture().await;
    for turn in 0..6 {
        let session = fixture.create().await;
        let response = fixture.call(Method::DELETE, &format!("sessions/{}", id(&session)), id(&session), "").await;
        let expected = if turn < 5 { StatusCode::OK } else { StatusCode::TOO_MANY_REQUESTS };
        assert_eq!(response.status(), expected);
    }
    fixture.veriff.settle().await;
    assert!(fixture.receiver.bodies().iter().all(|body| body["verification"]["status"] == "expired"));
}
