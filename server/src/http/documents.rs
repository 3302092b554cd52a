//! Photos that customers uploaded or that came with a result, shown to one person at a time: with a reason, for a while, after the entry.

use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use kyc_wire::ids::SessionId;
use kyc_wire::photo::Photo;
use kyc_wire::problem::ProblemCode;
use kyc_wire::session::ViewPhoto;

use super::address::InPath;
use super::error::ApiError;
use super::json::Command;
use super::sessions::once;
use super::showing::{self, Asked, Sealed};
use super::staff::Desk;
use super::step_up::Part;
use crate::casework;
use crate::custody::CustodyError;
use crate::documents::{self, Kept};
use crate::domain::audit::NewEntry;
use crate::domain::command::StaffCommand;
use crate::pii::Grant;
use crate::state::App;
use crate::store::Tx;

/// Shows one photo. It is recorded like a reveal, and all photos of one look count as one: the entry is committed before the bytes leave.
pub async fn photo(
    State(app): State<Arc<App>>,
    by: Desk,
    InPath(session): InPath<SessionId>,
    path: OriginalUri,
    command: Command<ViewPhoto>,
) -> Result<Response, ApiError> {
    let once = once(&by, &path, &command)?;
    let (photo, reason) = (command.body.photo(), command.body.reason);
    let entry = NewEntry {
        detail: Some(photo.as_str().to_owned()),
        ..casework::entry(&StaffCommand::Look, &by, session).because(Some(&reason))
    };
    let what = Picture { photo, kept: documents::find(&app, session, photo).await? };
    Box::pin(showing::show(&app, &by, Asked { what, session, entry, once })).await
}

/// A photo, if it is there.
struct Picture {
    photo: Photo,
    kept: Option<Kept>,
}

#[async_trait]
impl Sealed for Picture {
    type Clear = Response;

    fn part(&self) -> Part {
        Part::Photo(self.photo)
    }

    async fn open(&self, app: &App, tx: &mut dyn Tx, (id, grant): (SessionId, &Grant)) -> Result<Response, ApiError> {
        let kept = self.kept.as_ref().ok_or_else(ApiError::not_found)?;
        let picture = documents::open(app, tx, id, kept).await?;
        let bytes = picture.reveal(grant, id, app.clock.now()).map_err(CustodyError::from)?;
        let mut response = bytes.into_response();
        let media_type = HeaderValue::try_from(&kept.media_type);
        let media_type = media_type.map_err(|error| ApiError::Fault(ProblemCode::Internal, Box::new(error)))?;
        response.headers_mut().insert(header::CONTENT_TYPE, media_type);
        Ok(response)
    }
}
