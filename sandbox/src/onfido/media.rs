//! Pictures of an applicant: documents and live photos, listed and one by one. The addresses in the lists lead to a place of their own, where
//! nobody should be seen: a client makes them itself.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Station;
use super::api::{Failure, fail};
use super::case::Case;
use crate::pictures::{self, Shows};

/// Names at the end of ids, with what they show; kind and side of a document.
const DOCUMENTS: [(&str, Shows, &str, Option<&str>); 3] = [
    ("bill", Shows::Back, "utility_bill", None),
    ("front", Shows::Front, "national_identity_card", Some("front")),
    ("back", Shows::Back, "national_identity_card", Some("back")),
];

/// Whose.
#[derive(Deserialize)]
pub(super) struct Of {
    applicant_id: String,
}

fn cases(station: &Station, of: &Of) -> Vec<Case> {
    let mut cases: Vec<Case> = station.cases().values().cloned().collect();
    cases.retain(|case| case.applicant_id == of.applicant_id && case.is_over());
    cases.sort_by_key(|case| case.number);
    cases
}

fn item(station: &Station, case: &Case, name: &str) -> Value {
    let id = format!("{}-{name}", case.id);
    let elsewhere = format!("{}/v3.6/elsewhere/{id}", station.base);
    json!({
        "id": id, "created_at": case.updated_at, "applicant_id": case.applicant_id, "file_type": "jpg",
        "file_name": format!("{name}.jpg"), "file_size": 20_000, "href": elsewhere, "download_href": elsewhere,
    })
}

/// `GET /documents`.
pub(super) async fn documents(State(station): State<Arc<Station>>, Query(of): Query<Of>) -> Response {
    let document = |case: &Case| {
        DOCUMENTS.map(|(name, _, kind, side)| {
            let mut item = item(&station, case, name);
            item["type"] = json!(kind);
            item["side"] = json!(side);
            item
        })
    };
    let found: Vec<Value> = cases(&station, &of).iter().flat_map(document).collect();
    Json(json!({ "documents": found })).into_response()
}

/// `GET /live_photos`.
pub(super) async fn live_photos(State(station): State<Arc<Station>>, Query(of): Query<Of>) -> Response {
    let found: Vec<Value> = cases(&station, &of).iter().map(|case| item(&station, case, "face")).collect();
    Json(json!({ "live_photos": found })).into_response()
}

/// `GET /documents/{id}/download`.
pub(super) async fn document(State(station): State<Arc<Station>>, Path(id): Path<String>) -> Response {
    let shows = DOCUMENTS.iter().find(|(name, ..)| id.ends_with(name)).map(|(_, shows, ..)| *shows);
    picture(&station, &id, shows)
}

/// `GET /live_photos/{id}/download`, and whatever address a client was told instead.
pub(super) async fn live_photo(State(station): State<Arc<Station>>, Path(id): Path<String>) -> Response {
    picture(&station, &id, id.ends_with("-face").then_some(Shows::Face))
}

fn picture(station: &Station, id: &str, shows: Option<Shows>) -> Response {
    let is_known = station.cases().keys().any(|case| id.starts_with(case.as_str()));
    match shows.filter(|_| is_known) {
        Some(shows) => ([(CONTENT_TYPE, "image/jpeg")], pictures::draw(shows, id)).into_response(),
        None => fail(Failure::NotFound),
    }
}
