//! Photos that customers uploaded or that came with a result, shown to one person at a time: with a reason, for a while, after the entry.

use std::sync::Arc;

use axum::extract::{OriginalUri, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use kyc_wire::ids::SessionId;
use kyc_wire::photo::{Photo, seconds_shown};
use kyc_wire::problem::ProblemCode;
use kyc_wire::session::{Act, ViewPhoto};

use super::address::InPath;
use super::error::ApiError;
use super::json::Command;
use super::sessions::once;
use super::showing::{Recorded, in_private};
use super::staff::Desk;
use super::step_up::{self, Part, Proof};
use crate::auth::Staff;
use crate::casework;
use crate::custody::CustodyError;
use crate::documents::{self, Kept};
use crate::domain::audit::NewEntry;
use crate::domain::command::StaffCommand;
use crate::domain::session::Session;
use crate::pii::Grant;
use crate::state::App;
use crate::store::Tx;

/// Shows one photo. It is recorded like a reveal, and all photos of one look count as one: the entry is committed before the bytes leave.
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
        detail: Some(view.photo().as_str().to_owned()),
        ..casework::entry(&StaffCommand::Look, &by, id).because(Some(&view.reason))
    };
    let now = app.clock.now();
    let kept = documents::find(&app, id, view.photo()).await?;
    let mut tx = app.store.begin(&app.tenant).await?;
    let is_repeated = once.leave_mark(&mut *tx, now).await?.is_some();
    if app.config.policy.reason(&view.reason, Act::Reveal).is_none() {
        drop(tx);
        return Err(casework::refused(&app, entry, ApiError::invalid("reason", "choose one from the list")).await);
    }
    let repeated = if is_repeated { Grant::again(&mut *tx, &entry, now).await? } else { None };
    let found = match repeated {
        Some(grant) => shown_again(&app, tx, &by, (id, kept.as_ref()), (&entry, &grant)).await,
        None => first_shown(&app, tx, &by, (id, view.photo(), kept.as_ref()), entry.clone()).await,
    };
    let (session, answer, has_counted, proof) = found?;
    let seconds = seconds_shown(app.config.policy.reveal_seconds);
    let recorded = Recorded { entry, once, has_counted, is_look: true, proof };
    in_private(&app, &by, (&session, seconds), recorded, answer).await
}

/// The session, the answer, whether it counted as another reveal, and the proof that was taken for it.
type Look = Result<(Session, Response, bool, Option<Proof>), ApiError>;

async fn first_shown(
    app: &App,
    tx: Box<dyn Tx>,
    by: &Staff,
    (id, photo, kept): (SessionId, Photo, Option<&Kept>),
    entry: NewEntry,
) -> Look {
    let mut changed = casework::permit(app, (tx, by), id, &StaffCommand::Look, entry.clone()).await?;
    let Some(kept) = kept else {
        drop(changed);
        return Err(casework::refused(app, entry, ApiError::not_found()).await);
    };
    // Where the policy asks for a proof before a reveal, a photo is not shown without one.
    let proof = match step_up::take(app, changed.tx(), by, (Act::Reveal, id, Part::Photo(photo))).await {
        Ok(proof) => proof,
        Err(error) => {
            drop(changed);
            return Err(casework::refused(app, entry, error).await);
        }
    };
    let grant = Grant::record(changed.tx(), entry, app.clock.now()).await?;
    let answer = shown(app, changed.tx(), (id, kept), &grant).await?;
    let has_counted = changed.has_counted;
    Ok((changed.commit(app).await?, answer, has_counted, proof))
}

/// Answers the repetition of a look by the entry that the first one left, if she still has the case.
async fn shown_again(
    app: &App,
    mut tx: Box<dyn Tx>,
    by: &Staff,
    (id, kept): (SessionId, Option<&Kept>),
    (entry, grant): (&NewEntry, &Grant),
) -> Look {
    let found = async {
        let session = casework::permit_again(app, &mut *tx, by, id).await?;
        let answer = shown(app, &mut *tx, (id, kept.ok_or_else(ApiError::not_found)?), grant).await?;
        Ok((session, answer, false, None))
    };
    match found.await {
        Err(error) => {
            drop(tx);
            Err(casework::refused(app, entry.clone(), error).await)
        }
        found => found,
    }
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
