//! The three calls of the API.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::json;

use super::decision::Outcome;
use super::session::{Session, Stage};
use super::{Station, lock};

const MAX_VENDOR_DATA: usize = 1000;
const HOUR: i64 = 3600;
/// Deletions that Veriff permits in an hour and in a day.
const DELETIONS: [(i64, usize); 2] = [(HOUR, 5), (24 * HOUR, 10)];

/// Why a call is refused.
#[derive(Clone, Copy, Debug)]
pub(super) enum Failure {
    NoKey,
    WrongKey,
    NoSignature,
    WrongSignature,
    Malformed,
    TooLarge,
    UnknownSession,
    DeleteNotEnabled,
    NotCompleted,
    TooManyRequests,
    Planned(u16),
}

/// The error envelope.
pub(super) fn fail(failure: Failure) -> Response {
    let (status, code, message) = match failure {
        Failure::NoKey => (401, 1102, "Mandatory X-AUTH-CLIENT header is missing."),
        Failure::WrongKey => (401, 1101, "The API key is not known."),
        Failure::NoSignature => (401, 1103, "Mandatory X-HMAC-SIGNATURE header is missing."),
        Failure::WrongSignature => (401, 1104, "The signature does not match."),
        Failure::Malformed => (400, 1001, "The request body is not valid."),
        Failure::TooLarge => (413, 1001, "The request body is too large."),
        Failure::UnknownSession => (404, 1301, "The session is not known."),
        Failure::DeleteNotEnabled => (403, 1302, "Deleting sessions is not enabled for this integration."),
        Failure::NotCompleted => (400, 1303, "Session is not in a completed status."),
        Failure::TooManyRequests => (429, 1304, "Too many requests."),
        Failure::Planned(status) => (status, 1500, "Something went wrong."),
    };
    let status = StatusCode::from_u16(status).expect("the table and the tests name HTTP statuses");
    (status, Json(json!({ "status": "fail", "code": code.to_string(), "message": message }))).into_response()
}

#[derive(Debug, Deserialize)]
struct NewSession {
    verification: NewVerification,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewVerification {
    vendor_data: Option<String>,
    end_user_id: Option<String>,
    callback: Option<String>,
    person: Option<NewPerson>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewPerson {
    first_name: Option<String>,
}

/// `POST /v1/sessions`.
pub(super) async fn create(State(station): State<Arc<Station>>, body: Bytes) -> Response {
    let Ok(NewSession { verification: new }) = serde_json::from_slice(&body) else {
        return fail(Failure::Malformed);
    };
    if new.vendor_data.as_ref().is_some_and(|data| data.chars().count() > MAX_VENDOR_DATA) {
        return fail(Failure::Malformed);
    }
    let accepted_at = lock(&station.config).clock.stamp();
    let mut sessions = station.sessions();
    let number = sessions.values().map(|session| session.number + 1).max().unwrap_or_default();
    let mut session = Session::new(number, new.vendor_data, accepted_at);
    session.end_user_id = new.end_user_id;
    session.callback = new.callback;
    session.forced = new.person.and_then(|person| forced(&person.first_name?));
    let answer = json!({
        "status": "success",
        "verification": {
            "id": session.id,
            "url": format!("{}/v/{}", station.base, session.token),
            "vendorData": session.vendor_data,
            "host": station.base,
            "status": "created",
            "sessionToken": session.token,
        },
    });
    let vendor_data = session.vendor_data.clone().unwrap_or_else(|| session.id.clone());
    sessions.insert(session.id.clone(), session);
    drop(sessions);
    // Whoever it is, the order of the sessions decides and not the order of the questions.
    station.identity(&vendor_data);
    (StatusCode::CREATED, Json(answer)).into_response()
}

/// The words by which a test integration is told what to decide.
fn forced(first_name: &str) -> Option<Outcome> {
    match first_name {
        "Approve" => Some(Outcome::Clean),
        "Decline" => Some(Outcome::Declined(102)),
        "Resubmit" => Some(Outcome::Resubmission(204)),
        _ => None,
    }
}

/// `GET /v1/sessions/{id}/decision`.
pub(super) async fn decision(State(station): State<Arc<Station>>, Path(id): Path<String>) -> Response {
    match station.sessions().get(&id) {
        None => fail(Failure::UnknownSession),
        Some(Session { decision: Some(decision), .. }) => Json(decision).into_response(),
        Some(_) => Json(json!({ "status": "success", "verification": null })).into_response(),
    }
}

/// `DELETE /v1/sessions/{id}`. An open session ends by it, and Veriff tells so by webhook.
pub(super) async fn delete(State(station): State<Arc<Station>>, Path(id): Path<String>) -> Response {
    let config = station.config();
    if !config.allows_delete {
        return fail(Failure::DeleteNotEnabled);
    }
    let Some(session) = station.sessions().get(&id).cloned() else {
        return fail(Failure::UnknownSession);
    };
    if session.stage == Stage::Submitted {
        return fail(Failure::NotCompleted);
    }
    if !may_delete(&mut lock(&station.deletions), config.clock.unix()) {
        return fail(Failure::TooManyRequests);
    }
    if !session.is_over() {
        let outcome = if session.stage == Stage::Created { Outcome::Expired } else { Outcome::Abandoned };
        // The session was found above, and only this call removes sessions.
        let _: Result<(), _> = station.decide(&id, outcome);
    }
    station.sessions().remove(&id);
    Json(json!({ "status": "success", "verification": { "id": id } })).into_response()
}

fn may_delete(past: &mut Vec<i64>, now: i64) -> bool {
    let within = |seconds: i64| past.iter().filter(|&&at| now - at < seconds).count();
    let is_allowed = DELETIONS.iter().all(|&(seconds, most)| within(seconds) < most);
    if is_allowed {
        past.push(now);
    }
    is_allowed
}
