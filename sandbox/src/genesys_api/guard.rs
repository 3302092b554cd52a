//! What stands before every call: the record, the planned fault, the token and how often it was used.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tokio::sync::Semaphore;

use super::{Centre, lock};
use crate::listener::Line;
use crate::secrets;

const MAX_BODY_BYTES: usize = 64 * 1024;
const MINUTE: i64 = 60;

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 429, with `Retry-After` in seconds.
    RateLimited(u64),
    /// Another status, with the error envelope.
    Status(u16),
    /// Answers correctly, after so many milliseconds.
    Slow(u64),
    /// Answers correctly, once it is let go.
    Held,
    /// The connection is reset and nothing has happened.
    Reset,
    /// The call is carried out, then the connection is reset.
    ResetAfterwards,
    /// 200 with a web page instead of JSON.
    NotJson,
}

/// Where calls are held.
#[derive(Debug)]
pub(crate) struct Gate {
    arrived: Semaphore,
    let_go: Semaphore,
}

impl Default for Gate {
    fn default() -> Self {
        Self { arrived: Semaphore::new(0), let_go: Semaphore::new(0) }
    }
}

impl Gate {
    /// A call arrives, and waits.
    async fn hold(&self) {
        self.arrived.add_permits(1);
        pass(&self.let_go).await;
    }

    /// Waits until a call is held.
    pub(super) async fn wait(&self) {
        pass(&self.arrived).await;
    }

    /// Lets it go.
    pub(super) fn release(&self) {
        self.let_go.add_permits(1);
    }
}

async fn pass(semaphore: &Semaphore) {
    semaphore.acquire().await.expect("nobody closes it").forget();
}

/// A call as it arrived, and how it was answered.
#[derive(Clone, Debug)]
pub struct SeenRequest {
    /// Method.
    pub method: String,
    /// Path without the host.
    pub path: String,
    /// The body, as text.
    pub body: String,
    /// The status of the answer; 0 when the connection was reset instead.
    pub status: u16,
}

/// A token that was given out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    ends_at: i64,
    window: i64,
    calls: usize,
}

/// The error envelope.
pub(super) fn fail(status: u16, code: &str) -> Response {
    let body = json!({
        "message": "Something about this call was not right.", "code": code, "status": status, "contextId": secrets::uuid(),
        "details": [], "errors": [],
    });
    let status = StatusCode::from_u16(status).expect("the tests name HTTP statuses");
    let mut response = (status, Json(body)).into_response();
    let correlation = HeaderValue::from_str(&secrets::uuid().to_string()).expect("a UUID is visible ASCII");
    response.headers_mut().insert("inin-correlation-id", correlation);
    response
}

/// The outermost layer: records and spoils.
pub(super) async fn guard(
    State(centre): State<Arc<Centre>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else { return fail(413, "request.entity.too.large") };
    let (method, path) = (parts.method.to_string(), parts.uri.path().to_owned());
    let is_down = *lock(&centre.is_down);
    let fault = if is_down { Some(Fault::Reset) } else { take(&centre) };
    if let Some(Fault::Slow(ms)) = fault {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
    if fault == Some(Fault::Held) {
        centre.gate.hold().await;
    }
    let response = match fault {
        Some(Fault::RateLimited(seconds)) => too_many(seconds),
        Some(Fault::Status(status)) => fail(status, "planned"),
        Some(Fault::Reset) => StatusCode::NO_CONTENT.into_response(),
        Some(Fault::NotJson) => ([(CONTENT_TYPE, "text/html")], "<!doctype html><title>Proxy</title>").into_response(),
        _ => next.run(Request::from_parts(parts, Body::from(body.clone()))).await,
    };
    let is_cut = matches!(fault, Some(Fault::Reset | Fault::ResetAfterwards));
    if is_cut {
        line.cut();
    }
    let status = if is_cut { 0 } else { response.status().as_u16() };
    let body = String::from_utf8_lossy(&body).into_owned();
    lock(&centre.seen).push(SeenRequest { method, path, body, status });
    response
}

fn take(centre: &Centre) -> Option<Fault> {
    let mut faults = lock(&centre.faults);
    if faults.is_empty() { None } else { Some(faults.remove(0)) }
}

fn too_many(seconds: u64) -> Response {
    let mut response = fail(429, "too.many.requests");
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// A token that is taken, and not more often than it may be used.
pub(super) async fn has_token(State(centre): State<Arc<Centre>>, request: Request, next: Next) -> Response {
    let given = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default().to_owned();
    let (now, most) = {
        let config = lock(&centre.config);
        (config.clock.unix(), config.calls_a_minute)
    };
    let refusal = match lock(&centre.tokens).get_mut(&given).filter(|token| token.ends_at > now) {
        None => Some(fail(401, "bad.credentials")),
        Some(token) => {
            if now - token.window >= MINUTE {
                (token.window, token.calls) = (now, 0);
            }
            token.calls += 1;
            let left = u64::try_from(MINUTE - (now - token.window)).unwrap_or(1);
            (token.calls > most).then(|| too_many(left))
        }
    };
    match refusal {
        Some(refusal) => refusal,
        None => next.run(request).await,
    }
}

/// `POST /oauth/token`: client credentials, with the client in the header.
pub(super) async fn issue(State(centre): State<Arc<Centre>>, headers: HeaderMap, body: String) -> Response {
    let config = centre.config();
    let expected = format!("Basic {}", STANDARD.encode(format!("{}:{}", config.client_id, config.client_secret)));
    if headers.get(AUTHORIZATION).is_none_or(|given| given.as_bytes() != expected.as_bytes()) {
        let body = json!({ "error": "invalid_client", "description": "client not found", "error_description": "client not found" });
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    }
    if body != "grant_type=client_credentials" {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "unsupported_grant_type" }))).into_response();
    }
    let (value, now) = (secrets::token(), config.clock.unix());
    lock(&centre.tokens).insert(value.clone(), Token { ends_at: now + config.token_seconds, window: now, calls: 0 });
    Json(json!({ "access_token": value, "token_type": "bearer", "expires_in": config.token_seconds })).into_response()
}
