//! Photos that customers uploaded or that came with a result, shown to one person at a time: with a reason, for a while, after the entry.

use std::sync::Arc;

use axum::extract::{OriginalUri, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use kyc_wire::ids::SessionId;
use kyc_wire::problem::ProblemCode;
use kyc_wire::session::{Act, ViewPhoto};

use super::address::InPath;
use super::error::ApiError;
use super::json::Command;
use super::on_conversation;
use super::sessions::once;
use super::staff::Desk;
use super::step_up;
use crate::auth::Staff;
use crate::casework;
use crate::custody::CustodyError;
use crate::documents::{self, Kept};
use crate::domain::audit::{Action, NewEntry};
use crate::domain::command::StaffCommand;
use crate::pii::Grant;
use crate::state::App;
use crate::store::Tx;

/// Shows one photo. It counts as a reveal, and is recorded as one: the entry is committed before the bytes leave. What records the
/// conversation is paused before, where it is to be.
pub async fn photo(
    State(app): State<Arc<App>>,
    by: Desk,
    InPath(id): InPath<SessionId>,
    path: OriginalUri,
    command: Command<ViewPhoto>,
) -> Result<Response, ApiError> {
    let once = once(&by, &path, &command)?;
    let view = command.body;
    let entry = NewEntry {
        action: Action::DocumentViewed,
        detail: Some(view.photo().as_str().to_owned()),
        ..casework::entry(&StaffCommand::Reveal, &by, id).because(Some(&view.reason))
    };
    on_conversation::pause_recording(&app, &by, id).await?;
    let now = app.clock.now();
    let kept = documents::find(&app, id, view.photo()).await?;
    let mut tx = app.store.begin(&app.tenant).await?;
    let is_repeated = once.leave_mark(&mut *tx, now).await?.is_some();
    if app.config.policy.reason(&view.reason, Act::Reveal).is_none() {
        drop(tx);
        return Err(casework::refused(&app, entry, ApiError::invalid("reason", "choose one from the list")).await);
    }
    if is_repeated && let Some(grant) = Grant::again(&mut *tx, &entry, now).await? {
        return match shown_again(&app, &mut *tx, &by, (id, kept.as_ref()), &grant).await {
            Ok(answer) => Ok(answer),
            Err(error) => {
                drop(tx);
                Err(casework::refused(&app, entry, error).await)
            }
        };
    }
    let mut changed = casework::permit(&app, (tx, &by), id, &StaffCommand::Reveal, entry.clone()).await?;
    let Some(kept) = kept else {
        drop(changed);
        return Err(casework::refused(&app, entry, ApiError::not_found()).await);
    };
    // Where the policy asks for a proof before a reveal, a photo is not shown without one.
    if let Err(error) = step_up::take(&app, changed.tx(), &by, (Act::Reveal, id, None)).await {
        drop(changed);
        return Err(casework::refused(&app, entry, error).await);
    }
    let grant = Grant::record(changed.tx(), entry, now).await?;
    let answer = shown(&app, changed.tx(), (id, &kept), &grant).await?;
    changed.commit(&app).await?;
    Ok(answer)
}

/// Answers the repetition of a look by the entry that the first one left, if she still has the case.
async fn shown_again(
    app: &App,
    tx: &mut dyn Tx,
    by: &Staff,
    (id, kept): (SessionId, Option<&Kept>),
    grant: &Grant,
) -> Result<Response, ApiError> {
    casework::permit_again(app, tx, by, id).await?;
    shown(app, tx, (id, kept.ok_or_else(ApiError::not_found)?), grant).await
}

async fn shown(
    app: &App,
    tx: &mut dyn Tx,
    (id, kept): (SessionId, &Kept),
    grant: &Grant,
) -> Result<Response, ApiError> {
    let picture = documents::open(app, tx, id, kept).await?;
    let bytes = picture.reveal(grant, id, app.clock.now()).map_err(CustodyError::from)?;
    let mut response = bytes.into_response();
    let media_type = HeaderValue::try_from(&kept.media_type);
    let media_type = media_type.map_err(|error| ApiError::Fault(ProblemCode::Internal, Box::new(error)))?;
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    Ok(response)
}
