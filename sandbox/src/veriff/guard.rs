//! What stands before every API call: the record, the planned fault, the key, the signature; and Veriff's own signature on
//! the answer.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::api::{Failure, fail};
use super::faults::{Call, Fault};
use super::{Station, VeriffConfig, lock};
use crate::listener::Line;
use crate::pictures;
use crate::secrets;

const MAX_BODY_BYTES: usize = 1024 * 1024;
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// An API call as it arrived, and how it was answered.
#[derive(Clone, Debug)]
pub struct SeenRequest {
    /// `POST`, `GET` or `DELETE`.
    pub method: String,
    /// Path without the host.
    pub path: String,
    /// The body, as text.
    pub body: String,
    /// The status of the answer; 0 when the connection was reset instead.
    pub status: u16,
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
    let fault = lock(&station.faults).take(call(&method, &path));
    if let Some(Fault::Slow(ms)) = fault {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
    let config = station.config();
    let response = match (refusal(fault), check(&config, &method, &path, &parts.headers, &body)) {
        (Some(refusal), _) => refusal,
        (None, Err(failure)) => fail(failure),
        (None, Ok(())) => next.run(Request::from_parts(parts, Body::from(body.clone()))).await,
    };
    drop(station.is_silent.subscribe().wait_for(|is_silent| !is_silent).await);
    let is_cut = matches!(fault, Some(Fault::Reset | Fault::ResetAfterwards));
    if is_cut {
        line.cut();
    }
    let status = if is_cut { 0 } else { response.status().as_u16() };
    let body = String::from_utf8_lossy(&body).into_owned();
    lock(&station.seen).push(SeenRequest { method: method.to_string(), path, body, status });
    let secret = if fault == Some(Fault::WrongSignature) { "another secret" } else { &config.shared_secret };
    signed(response, &config.api_key, secret).await
}

fn call(method: &Method, path: &str) -> Call {
    match (method, path) {
        (&Method::POST, _) => Call::Create,
        (&Method::DELETE, _) => Call::Delete,
        (_, path) if path.ends_with("/decision") => Call::Decision,
        (_, path) if path.ends_with("/media") => Call::Media,
        (_, path) if path.starts_with("/v1/media/") => Call::Picture,
        _ => Call::Any,
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
        Fault::Slow(_) | Fault::ResetAfterwards | Fault::WrongSignature => None,
    }
}

/// The key always; a signature over the id for calls without a body; over the body if a POST brings one.
fn check(config: &VeriffConfig, method: &Method, path: &str, headers: &HeaderMap, body: &Bytes) -> Result<(), Failure> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match header("x-auth-client") {
        None => return Err(Failure::NoKey),
        Some(key) if key != config.api_key => return Err(Failure::WrongKey),
        Some(_) => {}
    }
    let id = path.split('/').nth(3).unwrap_or_default();
    let message = if *method == Method::POST { body.as_ref() } else { id.as_bytes() };
    match header("x-hmac-signature") {
        None if *method == Method::POST => Ok(()),
        None => Err(Failure::NoSignature),
        Some(tag) if secrets::is_hmac_hex(config.shared_secret.as_bytes(), message, tag) => Ok(()),
        Some(_) => Err(Failure::WrongSignature),
    }
}

async fn signed(response: Response, key: &str, secret: &str) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, MAX_ANSWER_BYTES).await.unwrap_or_default();
    let header = |text: &str| HeaderValue::from_str(text).expect("keys and hex are visible ASCII");
    parts.headers.insert("x-auth-client", header(key));
    parts.headers.insert("x-hmac-signature", header(&secrets::hmac_hex(secret.as_bytes(), &body)));
    Response::from_parts(parts, Body::from(body))
}
