use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

use super::{Call, CallbackFault, Fault, Jumio, JumioConfig, Outcome, Step};
use crate::Clock;
use crate::listener::{self, Base};

/// A receiver of callbacks.
#[derive(Clone, Default)]
struct Receiver(Arc<Mutex<Vec<Bytes>>>);

impl Receiver {
    async fn start(&self) -> Base {
        let router = Router::new().route("/hook", post(receive)).with_state(self.clone());
        listener::bind(0).await.unwrap().serve(router)
    }

    fn bodies(&self) -> Vec<Value> {
        let came = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        came.iter().map(|body| serde_json::from_slice(body).unwrap()).collect()
    }

    fn statuses(&self) -> Vec<String> {
        let status = |body: Value| body["workflowExecution"]["status"].as_str().unwrap().to_owned();
        self.bodies().into_iter().map(status).collect()
    }
}

async fn receive(State(receiver): State<Receiver>, body: Bytes) -> StatusCode {
    receiver.0.lock().unwrap_or_else(PoisonError::into_inner).push(body);
    StatusCode::OK
}

struct Fixture {
    jumio: Jumio,
    receiver: Receiver,
    http: Client,
    base: Base,
}

async fn fixture() -> Fixture {
    let receiver = Receiver::default();
    let base = receiver.start().await;
    let clock = Clock::from_unix(Arc::new(|| 1_790_000_000));
    let mut config = JumioConfig::new(clock, "client-1", "client-secret", 10_164);
    config.allows_casting = true;
    Fixture { jumio: Jumio::start(config).await.unwrap(), receiver, http: Client::builder().build().unwrap(), base }
}

impl Fixture {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.jumio.base_url()));
        request.header("user-agent", "Example Bank KYC-Desk/1.0").header("accept", "application/json")
    }

    async fn token(&self) -> String {
        let request = self.request(Method::POST, "/auth/oauth2/token").basic_auth("client-1", Some("client-secret"));
        let answer: Value =
            request.form(&[("grant_type", "client_credentials")]).send().await.unwrap().json().await.unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    async fn call(&self, method: Method, path: &str) -> Response {
        let token = self.token().await;
        self.request(method, path).bearer_auth(token).send().await.unwrap()
    }

    fn start_body(&self) -> Value {
        json!({
            "customerInternalReference": "ref-1", "userReference": "ref-1.code", "workflowDefinition": { "key": 10164 },
            "callbackUrl": format!("{}/hook", self.base.loopback()), "tokenLifetime": "1440m",
        })
    }

    async fn start(&self, body: &Value) -> Response {
        let token = self.token().await;
        self.request(Method::POST, "/account/api/v1/accounts").bearer_auth(token).json(body).send().await.unwrap()
    }

    async fn started(&self) -> (String, String, String) {
        let answer: Value = self.start(&self.start_body()).await.json().await.unwrap();
        let text = |place: &str| answer.pointer(place).unwrap().as_str().unwrap().to_owned();
        (text("/account/id"), text("/workflowExecution/id"), text("/web/href"))
    }
}

#[tokio::test]
async fn a_caller_must_say_who_it_is_and_show_a_token() {
    let fixture = fixture().await;
    let url = format!("{}/account/api/v1/accounts", fixture.jumio.base_url());
    let nameless = fixture.http.post(&url).header("user-agent", "curl").json(&fixture.start_body());
    assert_eq!(nameless.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let without = fixture.request(Method::POST, "/account/api/v1/accounts").json(&fixture.start_body());
    assert_eq!(without.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(fixture.start(&fixture.start_body()).await.status(), StatusCode::OK);
    let token = fixture.token().await;
    fixture.jumio.revoke_tokens();
    let late = fixture.request(Method::GET, "/retrieval/api/v1/accounts/a/workflow-executions/b").bearer_auth(token);
    assert_eq!(late.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let other = fixture.request(Method::POST, "/auth/oauth2/token").basic_auth("client-1", Some("other"));
    let other = other.form(&[("grant_type", "client_credentials")]).send().await.unwrap();
    assert_eq!(other.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_start_that_jumio_would_refuse_is_refused() {
    let fixture = fixture().await;
    for (name, value) in [
        ("customerInternalReference", json!("")),
        ("customerInternalReference", json!("a".repeat(101))),
        ("userReference", json!("a/b")),
        ("workflowDefinition", json!({ "key": 2 })),
        ("callbackUrl", json!("http://edge.bank.example/hook")),
        ("callbackUrl", json!("https://edge.bank.example:8443/hook")),
        ("callbackUrl", json!("https://192.0.2.1/hook")),
        ("tokenLifetime", json!("1m")),
        ("firstName", json!("Mara")),
    ] {
        let mut body = fixture.start_body();
        body[name] = value.clone();
        assert_eq!(fixture.start(&body).await.status(), StatusCode::BAD_REQUEST, "{name} {value}");
    }
}

#[tokio::test]
async fn callbacks_tell_how_far_it_is_and_never_the_result() {
    let fixture = fixture().await;
    let (account, id, _) = fixture.started().await;
    let path = format!("/retrieval/api/v1/accounts/{account}/workflow-executions/{id}");
    assert_eq!(fixture.call(Method::GET, &path).await.status(), StatusCode::NOT_FOUND, "nothing to read yet");
    fixture.jumio.decide(&id, Outcome::ScreenCopy).await.unwrap();
    assert_eq!(fixture.receiver.statuses(), ["ACQUISITION_STARTED", "ACQUIRED", "PROCESSED"]);
    let last = fixture.receiver.bodies().pop().unwrap();
    assert_eq!(
        (&last["userReference"], &last["callbackSentAt"]),
        (&json!("ref-1.code"), &json!("2026-09-21T14:13:20.000Z"))
    );
    assert!(last.get("decision").is_none());
    let status: Value = fixture.call(Method::GET, &format!("{path}/status")).await.json().await.unwrap();
    assert_eq!(status["workflowExecution"]["status"], "PROCESSED");
    let details: Value = fixture.call(Method::GET, &path).await.json().await.unwrap();
    assert_eq!(details["decision"]["type"], "REJECTED");
    assert_eq!(details["capabilities"]["imageChecks"][0]["decision"]["details"]["label"], "DIGITAL_COPY");
    let elsewhere = path.replace(&account, "another-account");
    assert_eq!(fixture.call(Method::GET, &elsewhere).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_customer_keeps_her_account_until_it_is_deleted() {
    let fixture = fixture().await;
    let (account, first, _) = fixture.started().await;
    let token = fixture.token().await;
    let at = format!("/account/api/v1/accounts/{account}");
    let again = async || {
        let request = fixture.request(Method::PUT, &at).bearer_auth(&token).json(&fixture.start_body());
        request.send().await.unwrap()
    };
    assert_eq!(again().await.status(), StatusCode::OK);
    assert_eq!(fixture.jumio.accounts_of("ref-1"), [account.clone(), account.clone()]);
    let all = format!("/retrieval/api/v1/accounts/{account}");
    assert_eq!(fixture.call(Method::DELETE, &all).await.status(), StatusCode::OK);
    assert_eq!(fixture.call(Method::DELETE, &all).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(again().await.status(), StatusCode::NOT_FOUND);
    assert!(fixture.jumio.event(&first, Step::Started).await.is_err());
}

#[tokio::test]
async fn callbacks_can_be_held_reversed_spoiled_and_replayed() {
    let fixture = fixture().await;
    let (_, id, _) = fixture.started().await;
    fixture.jumio.hold_callbacks();
    fixture.jumio.spoil_next_callback(CallbackFault::Lost);
    fixture.jumio.spoil_next_callback(CallbackFault::Forged);
    fixture.jumio.spoil_next_callback(CallbackFault::Duplicated);
    fixture.jumio.decide(&id, Outcome::Clean).await.unwrap();
    fixture.jumio.release_callbacks(true);
    fixture.jumio.settle().await;
    assert_eq!(fixture.receiver.statuses(), ["PROCESSED", "PROCESSED", "ACQUIRED"]);
    let references: Vec<Value> =
        fixture.receiver.bodies().into_iter().map(|body| body["userReference"].clone()).collect();
    assert!(references[0] == json!("ref-1.code") && references[2] != json!("ref-1.code"));
    fixture.jumio.replay(&[2, 0], &format!("{}/hook", fixture.base.loopback())).await;
    assert_eq!(fixture.receiver.statuses()[3..], ["ACQUIRED", "PROCESSED"]);
}

#[tokio::test]
async fn faults_happen_in_turn_and_an_outage_until_it_ends() {
    let fixture = fixture().await;
    let (account, id, _) = fixture.started().await;
    let path = format!("/retrieval/api/v1/accounts/{account}/workflow-executions/{id}/status");
    fixture.jumio.fail_next(1, Call::Status, Fault::RateLimited { retry_after: Some(7) });
    let limited = fixture.call(Method::GET, &path).await;
    assert_eq!(
        (limited.status(), &limited.headers()["retry-after"]),
        (StatusCode::TOO_MANY_REQUESTS, &"7".parse().unwrap())
    );
    let token = fixture.token().await;
    fixture.jumio.be_down(true);
    let down = fixture.request(Method::GET, &path).bearer_auth(&token).send().await.unwrap();
    assert_eq!(down.status(), StatusCode::SERVICE_UNAVAILABLE);
    fixture.jumio.be_down(false);
    fixture.jumio.fail_next(1, Call::Status, Fault::Reset);
    assert!(fixture.request(Method::GET, &path).bearer_auth(&token).send().await.is_err());
    assert_eq!(fixture.call(Method::GET, &path).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_page_plays_the_customer() {
    let fixture = fixture().await;
    let (account, id, url) = fixture.started().await;
    let page = fixture.http.get(&url).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("A changed document"));
    let form = [("outcome", "birth-year"), ("identity", "solene")];
    assert_eq!(fixture.http.post(&url).form(&form).send().await.unwrap().status(), StatusCode::OK);
    let path = format!("/retrieval/api/v1/accounts/{account}/workflow-executions/{id}");
    let details = loop {
        let answer = fixture.call(Method::GET, &path).await;
        if answer.status() == StatusCode::OK {
            break answer.json::<Value>().await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    };
    let read = &details["capabilities"]["extraction"][0]["data"];
    assert_eq!((&read["firstName"], &read["dateOfBirth"]), (&json!("SOLÈNE"), &json!("2001-07-08")));
    assert_eq!(fixture.http.post(&url).form(&form).send().await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn its_clock_can_go_wrong() {
    let fixture = fixture().await;
    fixture.jumio.reconfigure(|config| config.clock_skew = time::Duration::minutes(-10));
    let (_, id, _) = fixture.started().await;
    fixture.jumio.event(&id, Step::Started).await.unwrap();
    assert_eq!(fixture.receiver.bodies()[0]["callbackSentAt"], "2026-09-21T14:03:20.000Z");
}
