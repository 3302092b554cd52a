//! What stands before every API call: the record, the planned fault or outage, and the key.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::api::{Failure, fail};
use super::faults::{Call, Fault};
use super::{Station, lock};
use crate::listener::Line;
use crate::pictures;

const MAX_BODY_BYTES: usize = 1024 * 1024;
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// An API call as it arrived, and how it was answered.
#[derive(Clone, Debug)]
pub struct SeenRequest {
    /// `POST`, `GET` or `DELETE`.
    pub method: String,
    /// Path without the host, and without the query.
    pub path: String,
    /// The body, as text.
    pub body: String,
    /// The status of the answer; 0 when the connection was reset instead.
    pub status: u16,
    /// The answer's body, as text.
    pub answer: String,
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
        return fail(Failure::TooLarge);
    };
    let (method, path) = (parts.method.clone(), parts.uri.path().to_owned());
    let now = station.config().clock.unix();
    let fault = lock(&station.faults).take(call(&method, &path), now);
    if let Some(Fault::Slow(ms)) = fault {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
    let response = match refusal(fault) {
        Some(refusal) => refusal,
        None if !is_known(&station, &path, &parts.headers) => fail(Failure::NotAuthorised),
        None => next.run(Request::from_parts(parts, Body::from(body.clone()))).await,
    };
    if fault == Some(Fault::Unanswered) {
        drop(station.answers.subscribe().wait_for(|answers| *answers).await);
    }
    let is_cut = matches!(fault, Some(Fault::Reset | Fault::ResetAfterwards));
    if is_cut {
        line.cut();
    }
    let (parts, answer) = response.into_parts();
    let answer = to_bytes(answer, MAX_ANSWER_BYTES).await.unwrap_or_default();
    let status = if is_cut { 0 } else { parts.status.as_u16() };
    let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
    let seen = SeenRequest { method: method.to_string(), path, body: text(&body), status, answer: text(&answer) };
    lock(&station.seen).push(seen);
    Response::from_parts(parts, Body::from(answer))
}

fn call(method: &Method, path: &str) -> Call {
    match (method, path) {
        (&Method::POST, path) if path.ends_with("/oauth/token") => Call::Token,
        (&Method::POST, path) if path.ends_with("/applicants") => Call::Applicant,
        (&Method::POST, _) => Call::Create,
        (&Method::DELETE, _) => Call::Delete,
        (_, path) if path.ends_with("/download") => Call::Picture,
        (_, path) if path.ends_with("/documents") || path.ends_with("/live_photos") => Call::Media,
        _ => Call::Read,
    }
}

/// The answer of a fault that prevents the call.
fn refusal(fault: Option<Fault>) -> Option<Response> {
    match fault? {
        Fault::RateLimited { retry_after } => {
            let mut response = fail(Failure::TooManyRequests);
            if let Some(seconds) = retry_after {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            }
            Some(response)
        }
        Fault::Status(code) => Some(fail(Failure::Planned(code))),
        Fault::Reset => Some(StatusCode::NO_CONTENT.into_response()),
        Fault::NotJson => Some(([(CONTENT_TYPE, "text/html")], "<!doctype html><title>Proxy</title>").into_response()),
        Fault::TooLarge => Some(([(CONTENT_TYPE, "image/jpeg")], pictures::too_large()).into_response()),
        Fault::Slow(_) | Fault::ResetAfterwards | Fault::Unanswered => None,
    }
}

/// By the API token, or by an access token that has not ended. Two calls are for everybody.
fn is_known(station: &Station, path: &str, headers: &HeaderMap) -> bool {
    if path.ends_with("/oauth/token") || path.ends_with("/ping") {
        return true;
    }
    let config = station.config();
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if let Some(token) = given.strip_prefix("Token token=") {
        return token == config.api_token;
    }
    let bearer = given.strip_prefix("Bearer ").unwrap_or_default();
    lock(&station.tokens).get(bearer).is_some_and(|until| config.clock.unix() < *until)
}
