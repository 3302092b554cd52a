//! The calls.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::json;

use super::guard::fail;
use super::{Centre, WrapUp, lock};

fn not_found() -> Response {
    fail(404, "not.found")
}

/// `GET /api/v2/tokens/me`.
pub(super) async fn token(State(centre): State<Arc<Centre>>) -> Response {
    let client = centre.config().client_id;
    let body = json!({ "organization": { "id": "org-1", "name": "Bank" }, "OAuthClient": { "id": client } });
    Json(body).into_response()
}

/// `GET /api/v2/users/{id}`.
pub(super) async fn user(State(centre): State<Arc<Centre>>, Path(id): Path<String>) -> Response {
    match lock(&centre.config).users.iter().find(|user| user.id == id) {
        Some(user) => Json(json!({ "id": user.id, "email": user.email, "state": user.state })).into_response(),
        None => not_found(),
    }
}

/// `GET /api/v2/conversations/{id}`.
pub(super) async fn conversation(State(centre): State<Arc<Centre>>, Path(id): Path<String>) -> Response {
    centre.with(&id, |found| Json(found.json(&id)).into_response()).unwrap_or_else(not_found)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attributes {
    attributes: BTreeMap<String, String>,
}

/// `PATCH /api/v2/conversations/{id}/participants/{participant}/attributes`: those that are named are replaced. After the end of the
/// conversation they are taken and not kept, as with Genesys.
pub(super) async fn attributes(
    State(centre): State<Arc<Centre>>,
    Path((id, participant)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let Ok(Attributes { attributes }) = serde_json::from_slice(&body) else { return fail(400, "bad.request") };
    let written = centre.with(&id, |found| {
        if !found.is_customer(&participant) {
            return not_found();
        }
        if !found.has_ended() {
            found.attributes.extend(attributes.clone());
        }
        Json(json!({ "attributes": found.attributes })).into_response()
    });
    written.unwrap_or_else(not_found)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Recording {
    recording_state: String,
}

/// `PUT /api/v2/conversations/{media}/{id}/recordingstate`.
pub(super) async fn recording(
    State(centre): State<Arc<Centre>>,
    Path((media, id)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let state = serde_json::from_slice::<Recording>(&body).ok().map(|body| body.recording_state);
    let Some(state) = state.filter(|state| ["ACTIVE", "PAUSED", "NONE"].contains(&state.as_str())) else {
        return fail(400, "bad.request");
    };
    let set = centre.with(&id, |found| {
        if media != "messages" || found.has_ended() {
            return not_found();
        }
        found.recording.push(state);
        StatusCode::ACCEPTED.into_response()
    });
    set.unwrap_or_else(not_found)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewWrapUp {
    code: String,
    notes: String,
}

/// `POST …/communications/{line}/wrapup`.
pub(super) async fn wrap_up(
    State(centre): State<Arc<Centre>>,
    Path((media, id, participant, line)): Path<(String, String, String, String)>,
    body: Bytes,
) -> Response {
    let Ok(NewWrapUp { code, notes }) = serde_json::from_slice(&body) else { return fail(400, "bad.request") };
    let wrapped = centre.with(&id, |found| {
        if media != "messages" || !found.has_line(&participant, &line) {
            return not_found();
        }
        found.wrap_ups.push(WrapUp { participant, code, notes });
        StatusCode::NO_CONTENT.into_response()
    });
    wrapped.unwrap_or_else(not_found)
}
