//! What stands before every call: the record, the outage, the planned fault, the caller's name, the token.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::faults::{Call, Fault};
use super::{Station, lock};
use crate::listener::Line;
use crate::pictures;

const MAX_BODY_BYTES: usize = 1024 * 1024;

/// A call as it arrived, and how it was answered.
#[derive(Clone, Debug)]
pub struct SeenRequest {
    /// `POST`, `PUT`, `GET` or `DELETE`.
    pub method: String,
    /// Path, with the name of the host first: `/retrieval/api/v1/…`.
    pub path: String,
    /// The body, as text; not for tokens.
    pub body: String,
    /// The status of the answer; 0 when the connection was reset instead.
    pub status: u16,
}

/// The error envelope.
pub(super) fn fail(status: u16, title: &str, detail: &str) -> Response {
    let code = StatusCode::from_u16(status).expect("the table and the tests name HTTP statuses");
    (code, Json(json!({ "title": title, "status": status, "detail": detail }))).into_response()
}

/// The middleware.
pub(super) async fn guard(
    State(station): State<Arc<Station>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return fail(413, "Payload Too Large", "The body is too large");
    };
    let (method, path) = (parts.method.clone(), parts.uri.path().to_owned());
    let call = call(&method, &path);
    let fault = if *lock(&station.is_down) { Some(Fault::Status(503)) } else { lock(&station.faults).take(call) };
    if let Some(Fault::Slow(ms)) = fault {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
    let response = match refusal(fault).or_else(|| complaint(&station, call, &parts.headers)) {
        Some(refusal) => refusal,
        None => next.run(Request::from_parts(parts, Body::from(body.clone()))).await,
    };
    drop(station.is_silent.subscribe().wait_for(|is_silent| !is_silent).await);
    let is_cut = matches!(fault, Some(Fault::Reset | Fault::ResetAfterwards));
    if is_cut {
        line.cut();
    }
    let status = if is_cut { 0 } else { response.status().as_u16() };
    let body = String::from_utf8_lossy(&body).into_owned();
    lock(&station.seen).push(SeenRequest { method: method.to_string(), path, body, status });
    response
}

fn call(method: &Method, path: &str) -> Call {
    match (method, path) {
        (_, "/auth/oauth2/token") => Call::Token,
        (&Method::POST | &Method::PUT, _) => Call::Start,
        (&Method::DELETE, _) => Call::Delete,
        (_, path) if path.starts_with("/retrieval/") && path.ends_with("/status") => Call::Status,
        (_, path) if path.contains("/parts/") => Call::Picture,
        (_, path) if path.starts_with("/retrieval/") => Call::Details,
        _ => Call::Any,
    }
}

/// The answer of a fault that prevents the call.
fn refusal(fault: Option<Fault>) -> Option<Response> {
    match fault? {
        Fault::RateLimited { retry_after } => {
            let mut response = fail(429, "Too Many Requests", "Request limit exceeded");
            if let Some(seconds) = retry_after {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            }
            Some(response)
        }
        Fault::Status(code) => Some(fail(code, "Error", "Something went wrong")),
        Fault::Reset => Some(StatusCode::NO_CONTENT.into_response()),
        Fault::NotJson => Some(([(CONTENT_TYPE, "text/html")], "<!doctype html><title>Proxy</title>").into_response()),
        Fault::TooLarge => Some(([(CONTENT_TYPE, "image/jpeg")], pictures::too_large()).into_response()),
        Fault::Slow(_) | Fault::ResetAfterwards => None,
    }
}

/// A caller must say who it is; and, except where a token is fetched, show one.
fn complaint(station: &Station, call: Call, headers: &HeaderMap) -> Option<Response> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let agent = text(USER_AGENT);
    let is_named = agent.contains('/') && agent.contains(' ');
    if !is_named || !text(axum::http::header::ACCEPT).contains("application/json") {
        return Some(fail(403, "Forbidden", "User-Agent and Accept must be given"));
    }
    if matches!(call, Call::Token | Call::Any) {
        return None;
    }
    let token = text(AUTHORIZATION).strip_prefix("Bearer ").unwrap_or_default();
    let now = station.config().clock.unix();
    let is_live = lock(&station.tokens).iter().any(|(known, until)| known == token && now < *until);
    (!is_live).then(|| fail(401, "Unauthorized", "The token is not valid"))
}
