//! The flow API: what the Genesys flow creates, reports and is told. The server owns every count and clock, so no flow can loop.

use std::sync::Arc;

use axum::Json;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, StatusCode};
use kyc_wire::flow::{EndOfConversation, FlowDecision, FlowSession, NewSession, NextAction, QualityReport};
use kyc_wire::ids::SessionId;
use kyc_wire::problem::ProblemCode;

use super::clients::{FlowClient, SameSession};
use super::error::ApiError;
use super::json::Command;
use super::sessions::create;
use crate::casework::{self, Once};
use crate::custody;
use crate::domain::audit::Action;
use crate::domain::command::{Next, Report};
use crate::domain::idempotency::{Fingerprint, Key};
use crate::domain::names::{ConversationId, CustomerId, Queue};
use crate::domain::session::{Channel, NewSession as Opening, Session};
use crate::pii::vault::KeyScope;
use crate::state::App;

const POOR_PICTURE: &str =
    "We are experiencing difficulty verifying your identity. Please ensure you are in a well-lit area.";

fn once<T>(client: &FlowClient, path: &OriginalUri, command: &Command<T>) -> Result<Once, ApiError> {
    let key = Key::parse(client.id(), "POST", path.path(), &command.key)
        .map_err(|error| ApiError::refused(ProblemCode::BadHeader, error.to_string()))?;
    Ok(Once { key, fingerprint: Fingerprint::of(&command.bytes) })
}

/// Creates a session. The same request again gives the same session.
pub async fn start(
    State(app): State<Arc<App>>,
    client: FlowClient,
    headers: HeaderMap,
    path: OriginalUri,
    command: Command<NewSession>,
) -> Result<(StatusCode, Json<FlowSession>), ApiError> {
    let once = once(&client, &path, &command)?;
    let header =
        headers.get("x-session-id").map(|value| value.to_str().ok().and_then(|text| text.parse::<SessionId>().ok()));
    if let Some(header) = header
        && (header.is_none() || header != command.body.session_id)
    {
        return Err(ApiError::refused(ProblemCode::BadHeader, "X-Session-ID must be the session_id of the body."));
    }
    // The id follows from caller and key where the flow brings none, so that a repetition finds the session it made.
    let minted =
        uuid::Uuid::from_slice(&crate::auth::hashed(format!("{}\n{}", client.id(), once.key.key).as_bytes())[..16]);
    let id = command.body.session_id.or_else(|| {
        minted.ok().map(|id| SessionId::new(uuid::Builder::from_custom_bytes(id.into_bytes()).into_uuid()))
    });
    let id = id.expect("16 bytes are a UUID");
    let opening = opening(&app, id, &command.body)?;
    {
        let mut tx = app.store.begin(&app.tenant).await?;
        if once.leave_mark(&mut *tx, app.clock.now()).await?.is_none() {
            create(&app, tx, opening, client.actor()).await?.commit(&app).await?;
        }
    }
    Ok((StatusCode::CREATED, flow_session(&app, id).await?))
}

fn opening(app: &App, id: SessionId, new: &NewSession) -> Result<Opening, ApiError> {
    let integrations = &app.config.providers;
    let integration = match &new.provider {
        Some(name) => integrations
            .iter()
            .find(|(known, _)| known == name)
            .ok_or_else(|| ApiError::invalid("provider", "is not configured"))?,
        None => integrations.first().ok_or(ApiError::Later(ProblemCode::Unavailable, 60))?,
    };
    let channel = match new.channel.as_deref() {
        None | Some("video") => Channel::Video,
        Some("audio_upload") => Channel::AudioUpload,
        Some(_) => return Err(ApiError::invalid("channel", "must be video or audio_upload")),
    };
    let conversation_id = new.conversation_id.as_deref().map(ConversationId::parse).transpose();
    Ok(Opening {
        id,
        queue: Queue::parse(&new.queue).map_err(|error| ApiError::invalid("queue", error))?,
        customer_id: CustomerId::parse(&new.customer_id).map_err(|error| ApiError::invalid("customer_id", error))?,
        conversation_id: conversation_id.map_err(|error| ApiError::invalid("conversation_id", error))?,
        channel,
        integration: integration.0.clone(),
    })
}

/// How a session stands.
pub async fn show(
    State(app): State<Arc<App>>,
    _client: FlowClient,
    SameSession(id): SameSession,
) -> Result<Json<FlowSession>, ApiError> {
    flow_session(&app, id).await
}

async fn flow_session(app: &App, id: SessionId) -> Result<Json<FlowSession>, ApiError> {
    let mut tx = app.store.read(&app.tenant).await?;
    let session = tx.find_session(id).await?.ok_or_else(ApiError::not_found)?;
    let run = tx.find_latest_run(id).await?.filter(|run| session.state.has_customer() && session.counts(run.run));
    let key = custody::existing_key(&mut *tx, &app.vault, &app.tenant, &KeyScope::Session(id)).await?;
    let capture_url = run.zip(key).and_then(|(run, key)| {
        let clear = key.open_bytes(&run.capture_url, "capture_url", "provider_run").ok()?;
        String::from_utf8(clear.to_vec()).ok()
    });
    Ok(Json(FlowSession {
        session_id: id,
        status: session.status(),
        version: session.version,
        attempt: session.attempts.started,
        retries_left: session.retries_left(&app.config.policy),
        is_final: session.state.is_final(),
        capture_url,
        created_at: session.created_at,
    }))
}

/// Reports something once, and gives the session.
async fn reported(
    app: &App,
    client: &FlowClient,
    id: SessionId,
    once: Once,
    (report, action): (Report, Action),
) -> Result<Session, ApiError> {
    let mut tx = app.store.begin(&app.tenant).await?;
    let is_first = once.leave_mark(&mut *tx, app.clock.now()).await?.is_none();
    let session = tx.find_session(id).await?.ok_or_else(ApiError::not_found)?;
    if !is_first {
        return Ok(session);
    }
    casework::report(app, tx, session, report, (client.actor(), action)).await?.commit(app).await
}

/// Starts a video attempt, and is told whether there is one left.
pub async fn attempt(
    State(app): State<Arc<App>>,
    client: FlowClient,
    SameSession(id): SameSession,
    path: OriginalUri,
    command: Command<serde_json::Map<String, serde_json::Value>>,
) -> Result<Json<FlowDecision>, ApiError> {
    let once = once(&client, &path, &command)?;
    let session = reported(&app, &client, id, once, (Report::AttemptStarted, Action::AttemptStarted)).await?;
    Ok(Json(decision(&app, &session)))
}

/// Reports picture quality, and is told what to do next.
pub async fn quality(
    State(app): State<Arc<App>>,
    client: FlowClient,
    SameSession(id): SameSession,
    path: OriginalUri,
    command: Command<QualityReport>,
) -> Result<Json<FlowDecision>, ApiError> {
    let once = once(&client, &path, &command)?;
    let QualityReport { attempt, score, frame_height } = command.body;
    if !(0.0..=1.0).contains(&score) {
        return Err(ApiError::invalid("score", "must lie between 0 and 1"));
    }
    let error_ref = format!("E-{}", &app.ids.opaque().simple().to_string()[..8]);
    let report = Report::Quality { attempt, score, frame_height, error_ref };
    let session = reported(&app, &client, id, once, (report, Action::QualityReported)).await?;
    Ok(Json(decision(&app, &session)))
}

fn decision(app: &App, session: &Session) -> FlowDecision {
    let (action, wait_seconds, message_code, message, error_ref) = match session.next_for_flow() {
        Next::Continue => (NextAction::Continue, 0, "", "", String::new()),
        Next::Retry => {
            (NextAction::Retry, app.config.policy.retry_wait_seconds, "poor_picture", POOR_PICTURE, String::new())
        }
        Next::FallbackAudioUpload => (NextAction::FallbackAudioUpload, 0, "poor_picture", POOR_PICTURE, String::new()),
        Next::RouteToAgent { error_ref } => (NextAction::RouteToAgent, 0, "", "", error_ref),
    };
    FlowDecision {
        action,
        wait_seconds,
        attempt: session.attempts.started,
        retries_left: session.retries_left(&app.config.policy),
        message_code: message_code.to_owned(),
        message: message.to_owned(),
        error_ref,
        status: session.status(),
    }
}

/// The customer is there. Needs no key: one sign of life more does no harm.
pub async fn heartbeat(
    State(app): State<Arc<App>>,
    client: FlowClient,
    SameSession(id): SameSession,
) -> Result<Json<FlowSession>, ApiError> {
    let mut tx = app.store.begin(&app.tenant).await?;
    let session = tx.find_session(id).await?.ok_or_else(ApiError::not_found)?;
    casework::report(&app, tx, session, Report::Heartbeat, (client.actor(), Action::Connected))
        .await?
        .commit(&app)
        .await?;
    flow_session(&app, id).await
}

/// The conversation ended.
pub async fn end(
    State(app): State<Arc<App>>,
    client: FlowClient,
    SameSession(id): SameSession,
    path: OriginalUri,
    command: Command<EndOfConversation>,
) -> Result<Json<FlowSession>, ApiError> {
    let once = once(&client, &path, &command)?;
    let report = Report::ConversationEnded { is_abandoned: command.body.is_abandoned };
    reported(&app, &client, id, once, (report, Action::ConversationEnded)).await?;
    flow_session(&app, id).await
}
