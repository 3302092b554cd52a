use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{Act, SCENARIOS, SeedConfig, seed};
use crate::genesys_host::{Host, HostConfig};
use crate::idp::OpenerPolicy;
use crate::listener::{self, Base};

/// As little of the product as the seed needs: what it was sent, and two attempts before it gives up on video.
#[derive(Clone, Default)]
struct Edge {
    calls: Arc<Mutex<Vec<String>>>,
}

impl Edge {
    async fn start(&self) -> Base {
        let bound = listener::bind(0).await.unwrap();
        let edge = format!("http://127.0.0.1:{}", bound.port());
        let capture = format!("{edge}/v/token");
        let show =
            move || async move { Json(json!({ "status": "created", "capture_url": format!("{edge}/c/token") })) };
        let cookie = |headers: HeaderMap| assert_eq!(headers["cookie"], "visit=1");
        let page = move |headers: HeaderMap| async move {
            cookie(headers);
            "<input name=\"form\" value=\"secret\">"
        };
        let go = move |headers: HeaderMap| async move {
            cookie(headers);
            (StatusCode::SEE_OTHER, [("location", capture)])
        };
        let router = Router::new()
            .route("/oauth/token", post(token))
            .route("/flow/v1/sessions", post(create))
            .route("/flow/v1/sessions/{id}", get(show))
            .route("/flow/v1/sessions/{id}/attempts", post(attempt))
            .route("/flow/v1/sessions/{id}/quality", post(quality))
            .route("/bank/v1/sessions/{id}/claims", put(claims))
            .route("/c/token", post(async || (StatusCode::SEE_OTHER, [("set-cookie", "visit=1; Path=/")])))
            .route("/c", get(page))
            .route("/c/step/consent", post(consent))
            .route("/c/step/capture", get(go))
            .route("/v/token", get(async || "").post(hand_in))
            .with_state(self.clone());
        bound.serve(router)
    }

    fn note(&self, words: &str) {
        self.calls.lock().unwrap().push(words.to_owned());
    }

    fn count(&self, words: &str) -> usize {
        self.calls.lock().unwrap().iter().filter(|call| call.as_str() == words).count()
    }
}

async fn token(headers: HeaderMap, body: String) -> Result<Json<Value>, StatusCode> {
    let is_known = headers["authorization"].to_str().unwrap().starts_with("Basic ");
    if !is_known || body != "grant_type=client_credentials" {
        return Err(StatusCode::BAD_REQUEST);
    }
    Ok(Json(json!({ "access_token": "t" })))
}

async fn create(State(edge): State<Edge>, headers: HeaderMap, Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
    assert_eq!(body["session_id"], headers["x-session-id"].to_str().unwrap());
    assert!(headers.contains_key("idempotency-key"));
    edge.note("create");
    (StatusCode::CREATED, Json(json!({})))
}

async fn attempt(Path(id): Path<String>, headers: HeaderMap) -> Json<Value> {
    assert_eq!(headers["x-session-id"].to_str().unwrap(), id);
    let number: u64 = headers["idempotency-key"].to_str().unwrap().rsplit('-').next().unwrap().parse().unwrap();
    Json(json!({ "action": "continue", "attempt": number }))
}

async fn quality(State(edge): State<Edge>, Json(body): Json<Value>) -> Json<Value> {
    let is_poor = body["score"].as_f64().unwrap() < 0.8;
    if is_poor {
        edge.note("poor");
    }
    let action = match (is_poor, body["attempt"].as_u64().unwrap()) {
        (false, _) => "continue",
        (true, 1) => "retry",
        (true, _) => "fallback_audio_upload",
    };
    Json(json!({ "action": action }))
}

async fn claims(State(edge): State<Edge>, Json(body): Json<Value>) -> StatusCode {
    assert!(body["full_name"].is_string() && body["address"]["street"].is_string());
    edge.note("claims");
    StatusCode::NO_CONTENT
}

async fn consent(headers: HeaderMap, body: String) -> StatusCode {
    assert_eq!((headers["cookie"].to_str().unwrap(), &*body), ("visit=1", "form=secret"));
    StatusCode::SEE_OTHER
}

async fn hand_in(State(edge): State<Edge>, body: String) {
    assert!(body.starts_with("identity=") && body.contains("&outcome="));
    edge.note("hand in");
}

fn config(edge_url: String, host_url: String) -> SeedConfig {
    let client = |id: &str| (id.to_owned(), "secret".to_owned());
    let patience = Duration::from_secs(5);
    let desk_url = "http://127.0.0.1:1".to_owned();
    let jumio = "jumio-demo".to_owned();
    SeedConfig {
        jumio,
        edge_url,
        desk_url,
        host_url,
        flow_client: client("flow"),
        bank_client: client("bank"),
        patience,
    }
}

#[tokio::test]
async fn sixteen_sessions_reach_their_states_and_the_desktop() {
    let edge = Edge::default();
    let base = edge.start().await;
    let desk_url = "http://localhost:7310".to_owned();
    let host = Host::start(HostConfig { port: 0, desk_url, opener_policy: OpenerPolicy::Unset }).await.unwrap();
    let mut said = 0;
    let made = seed(&config(base.loopback(), host.url()), |_| said += 1).await.unwrap();
    let captures = SCENARIOS.iter().filter(|one| matches!(one.act, Act::Captures(_))).count();
    assert_eq!((edge.count("create"), edge.count("claims"), edge.count("hand in")), (16, 16, captures));
    assert_eq!(edge.count("poor"), 2);
    let ids: HashSet<&str> = made.iter().map(|one| one.session_id.as_str()).collect();
    assert_eq!((ids.len(), said), (16, 17));
    let listed = reqwest::get(format!("{}/demo/conversations", host.url())).await.unwrap();
    assert_eq!(listed.json::<Value>().await.unwrap(), json!(made));
}

#[tokio::test]
async fn a_failure_names_the_step_and_the_cause() {
    let error = seed(&config("http://127.0.0.1:1".to_owned(), String::new()), |_| {}).await.unwrap_err().to_string();
    assert!(error.starts_with("could not get the flow's token: ") && error.contains("refused"), "{error}");
}
