//! Pictures of an attempt: what there is, and each one. The addresses in the list lead to a place of their own, where nobody should be seen:
//! a client makes them itself.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::Station;
use super::api::{Failure, fail};
use super::session::Session;
use crate::pictures::{self, Shows};

/// What Veriff lists, and what it shows. A client that knows three of them leaves the others where they are.
const CONTEXTS: [(&str, Shows); 5] = [
    ("document-front-pre", Shows::Back),
    ("document-front", Shows::Front),
    ("document-back", Shows::Back),
    ("face", Shows::Face),
    ("address", Shows::Back),
];

/// `GET /v1/sessions/{id}/media`.
pub(super) async fn of_session(State(station): State<Arc<Station>>, Path(id): Path<String>) -> Response {
    list(&station, |session| session.id == id)
}

/// `GET /v1/attempts/{id}/media`.
pub(super) async fn of_attempt(State(station): State<Arc<Station>>, Path(id): Path<String>) -> Response {
    list(&station, |session| session.attempt_id == id)
}

fn list(station: &Station, is_it: impl Fn(&Session) -> bool) -> Response {
    let sessions = station.sessions();
    let Some(session) = sessions.values().find(|session| is_it(session)) else {
        return fail(Failure::UnknownSession);
    };
    let item = |(context, _): &(&str, Shows)| {
        let id = format!("{}-{context}", session.attempt_id);
        json!({
            "id": id, "sessionId": session.id, "context": context, "mimetype": "image/jpeg", "name": context,
            "size": 20_000, "url": format!("{}/v1/elsewhere/{id}", station.base),
        })
    };
    let images: Vec<_> = CONTEXTS.iter().filter(|_| session.is_decided()).map(item).collect();
    Json(json!({ "status": "success", "images": images, "videos": [] })).into_response()
}

/// `GET /v1/media/{id}`, and whatever address a client was told instead.
pub(super) async fn one(State(station): State<Arc<Station>>, Path(id): Path<String>) -> Response {
    let sessions = station.sessions();
    let found = sessions.values().find_map(|session| {
        let context = id.strip_prefix(&session.attempt_id)?.strip_prefix('-')?;
        CONTEXTS.iter().find(|(known, _)| *known == context).map(|(_, shows)| *shows)
    });
    match found {
        Some(shows) => ([(CONTENT_TYPE, "image/jpeg")], pictures::draw(shows, &id)).into_response(),
        None => fail(Failure::UnknownSession),
    }
}
