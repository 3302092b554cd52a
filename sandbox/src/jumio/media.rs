//! Pictures of an account: parts of its credentials. The addresses in the details lead to a place of their own, where nobody should be seen.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};

use super::Station;
use super::guard::fail;
use crate::pictures::{self, Shows};

/// `GET …/credentials/{id}/parts/{classifier}`.
pub(super) async fn part(
    State(station): State<Arc<Station>>,
    Path((account, credential, part)): Path<(String, String, String)>,
) -> Response {
    let shows = match (credential.as_str(), part.as_str()) {
        ("c-1", "FRONT") => Shows::Front,
        ("c-1", "BACK") => Shows::Back,
        ("c-2", "FACE") => Shows::Face,
        _ => return fail(404, "Not Found", "There is no such part"),
    };
    let is_known = station.executions().values().any(|found| found.account == account && found.is_over());
    if !is_known {
        return fail(404, "Not Found", "There is no such account");
    }
    ([(CONTENT_TYPE, "image/jpeg")], pictures::draw(shows, &format!("{account}-{part}"))).into_response()
}

/// Whatever address a client was told instead.
pub(super) async fn elsewhere() -> Response {
    ([(CONTENT_TYPE, "image/jpeg")], pictures::draw(Shows::Face, "elsewhere")).into_response()
}
