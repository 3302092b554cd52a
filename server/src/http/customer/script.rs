//! What the page's script asks for, where there is one: signs of life, what the device is capable of, and uploads that go on after the
//! line was cut.
//!
//! An upload is begun, then its parts are sent one after the other, each saying where it begins (as in the IETF's draft of resumable
//! uploads): whoever lost the line asks how far it has come and goes on there. A part counts once it has arrived whole.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kyc_wire::customer::{NewUpload, Precheck, UploadState};
use kyc_wire::ids::UploadId;
use kyc_wire::problem::ProblemCode;
use kyc_wire::routes as at;

use super::reader::Reader;
use super::visit::Visitor;
use crate::casework;
use crate::documents::{self, LARGEST, NotAccepted, UploadError};
use crate::domain::audit::{Action, Actor};
use crate::domain::command::Report;
use crate::domain::session::{Precheck as Found, Session};
use crate::http::address::InPath;
use crate::http::error::ApiError;
use crate::http::guard::CSRF_HEADER;
use crate::http::json::Body;
use crate::state::App;
use crate::store::documents::StoredUpload;

/// Largest part of an upload. Small enough to arrive whole on a poor line within the time of a request.
pub const LARGEST_PART: usize = 512 * 1024;
/// What the script sends and gets to measure the line.
pub const PROBE: usize = 128 * 1024;

/// The page's script, in the name of the customer: besides the cookie it sends a header that no form of another site can send.
#[derive(Clone, Debug)]
pub struct Script(Visitor);

impl FromRequestParts<Arc<App>> for Script {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let visitor = Visitor::from_request_parts(parts, app).await?;
        if !parts.method.is_safe() {
            let mut sent = parts.headers.get_all(CSRF_HEADER).iter();
            let is_ours = sent.next().is_some_and(|value| value == "1") && sent.next().is_none();
            if !is_ours {
                return Err(ApiError::refused(
                    ProblemCode::CrossSite,
                    "Refused: the X-KycDesk-CSRF header is missing.",
                ));
            }
        }
        Ok(Self(visitor))
    }
}

async fn session(app: &App, by: &Script) -> Result<Session, ApiError> {
    Ok(by.0.session(app).await?)
}

/// A sign of life.
pub async fn heartbeat(State(app): State<Arc<App>>, by: Script) -> Result<StatusCode, ApiError> {
    let mut tx = app.store.begin(&app.tenant).await?;
    let session = tx.find_session(by.0.session_id()).await?.ok_or_else(ApiError::not_found)?;
    let report = (Actor::Customer, Action::Connected);
    casework::report(&app, tx, session, Report::SeenOnPage, report).await?.commit(&app).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the device and the line are capable of, before the call.
pub async fn precheck(
    State(app): State<Arc<App>>,
    by: Script,
    Body(sent): Body<Precheck>,
) -> Result<StatusCode, ApiError> {
    if !(0.0..=1.0).contains(&sent.score) {
        return Err(ApiError::invalid("score", "must lie between 0 and 1"));
    }
    let mut tx = app.store.begin(&app.tenant).await?;
    let session = tx.find_session(by.0.session_id()).await?.ok_or_else(ApiError::not_found)?;
    let found =
        Found { score: sent.score, frame_height: sent.frame_height, has_video: sent.has_video, at: app.clock.now() };
    let named = (Actor::Customer, Action::QualityReported);
    casework::report(&app, tx, session, Report::Prechecked(found), named).await?.commit(&app).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Bytes of no meaning, for measuring how fast they arrive.
pub async fn probe_down(_by: Script) -> Response {
    ([(header::CONTENT_TYPE, "application/octet-stream")], vec![0_u8; PROBE]).into_response()
}

/// Takes bytes and forgets them, for measuring how fast they go.
pub async fn probe_up(_by: Script, body: Result<Bytes, BytesRejection>) -> Result<StatusCode, ApiError> {
    body.map(|_| StatusCode::NO_CONTENT).map_err(|_| too_large())
}

fn too_large() -> ApiError {
    ApiError::refused(ProblemCode::TooLarge, "The body is too large.")
}

/// Begins an upload, in place of an earlier one of the same item.
pub async fn begin(
    State(app): State<Arc<App>>,
    by: Script,
    reader: Reader,
    Body(sent): Body<NewUpload>,
) -> Result<Response, ApiError> {
    if !session(&app, &by).await?.takes_uploads() {
        return Err(ApiError::refused(ProblemCode::InvalidTransition, "Nothing can be uploaded now."));
    }
    let why = match sent.size {
        0 => Some(NotAccepted::NoFile),
        size if size > LARGEST as u64 => Some(NotAccepted::TooLarge),
        _ => None,
    };
    if let Some(why) = why {
        return Err(not_accepted(&reader, why));
    }
    let upload = StoredUpload {
        id: UploadId::new(app.ids.opaque()),
        session_id: by.0.session_id(),
        item: sent.item,
        size: sent.size,
        received: 0,
        begun_at: app.clock.now(),
    };
    let mut tx = app.store.begin(&app.tenant).await?;
    tx.insert_upload(&upload).await?;
    tx.commit().await?;
    let location = at::CUSTOMER_UPLOAD.replace("{upload_id}", &upload.id.to_string());
    let location = HeaderValue::try_from(location).expect("a path of letters");
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], state(&upload)).into_response())
}

fn not_accepted(reader: &Reader, why: NotAccepted) -> ApiError {
    ApiError::refused(ProblemCode::Invalid, reader.words.say(why.key()))
}

fn state(upload: &StoredUpload) -> ([(HeaderName, HeaderValue); 1], Json<UploadState>) {
    let offset = (HeaderName::from_static("upload-offset"), HeaderValue::from(upload.received));
    ([offset], Json(UploadState { id: upload.id, offset: upload.received, size: upload.size }))
}

async fn find(app: &App, by: &Script, id: UploadId) -> Result<StoredUpload, ApiError> {
    let found = app.store.glance(&app.tenant).await?.find_upload(id).await?;
    found.filter(|upload| upload.session_id == by.0.session_id()).ok_or_else(ApiError::not_found)
}

/// How far an upload has come.
pub async fn show(
    State(app): State<Arc<App>>,
    by: Script,
    InPath(id): InPath<UploadId>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(state(&find(&app, &by, id).await?))
}

/// Where a part begins.
fn offset(headers: &HeaderMap) -> Result<u64, ApiError> {
    let mut sent = headers.get_all("upload-offset").iter();
    let number = sent.next().and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    match (number, sent.next()) {
        (Some(number), None) => Ok(number),
        _ => Err(ApiError::refused(ProblemCode::BadHeader, "Send one Upload-Offset.")),
    }
}

/// Takes the next part; with the last one, the photo. A part that begins elsewhere is answered with how far the upload has come.
pub async fn part(
    State(app): State<Arc<App>>,
    by: Script,
    reader: Reader,
    InPath(id): InPath<UploadId>,
    (headers, body): (HeaderMap, Result<Bytes, BytesRejection>),
) -> Result<Response, ApiError> {
    let offset = offset(&headers)?;
    let mut upload = find(&app, &by, id).await?;
    let body = body.map_err(|_| too_large())?;
    if body.len() as u64 > upload.size - upload.received.min(upload.size) && offset == upload.received {
        return Err(too_large());
    }
    if offset == upload.received && !body.is_empty() {
        upload.received = documents::keep_part(&app, &upload, &body).await?;
    } else if offset != upload.received {
        return Ok((StatusCode::CONFLICT, state(&upload)).into_response());
    }
    if upload.received < upload.size {
        return Ok(state(&upload).into_response());
    }
    match documents::finish(&app, &upload).await {
        Ok(_) => Ok(([(HeaderName::from_static("upload-complete"), "?1")], state(&upload)).into_response()),
        Err(UploadError::File(why)) => Err(not_accepted(&reader, why)),
        Err(UploadError::Other(error)) => Err(error),
    }
}
