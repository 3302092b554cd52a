//! The flow API: what the Genesys flow creates, reports and is told. The server owns every count and clock, so no flow can loop.
//!
//! Whatever the flow asks, it is told what to do as things stand, in the same flat object. A report about a session that is over changes
//! nothing and is answered like a question, so that no flow fails for being late.

mod answer;

use std::sync::Arc;

use axum::Json;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, StatusCode};
use kyc_wire::flow::{
    EndOfConversation, FlowAnswer, HandOver, NewAttempt, NewSession, QualityReport, ResumeSession, SignOfLife,
};
use kyc_wire::ids::SessionId;
use kyc_wire::problem::ProblemCode;

use super::clients::{FlowClient, SameSession};
use super::error::ApiError;
use super::json::{Body, Command};
use super::request_id;
use super::sessions::create;
use crate::casework::{self, Once};
use crate::domain::audit::{Action, NewEntry};
use crate::domain::command::{Next, Quality, Report};
use crate::domain::idempotency::{Fingerprint, Key};
use crate::domain::names::{ConversationId, CustomerId, Language, Queue};
use crate::domain::session::{Channel, NewSession as Opening, Session};
use crate::state::App;

type Told = Result<Json<FlowAnswer>, ApiError>;

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
) -> Result<(StatusCode, Json<FlowAnswer>), ApiError> {
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
    Ok((StatusCode::CREATED, answer::answer(&app, id).await?))
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
    let language = new.language.as_deref().map(Language::parse).transpose();
    Ok(Opening {
        id,
        queue: Queue::parse(&new.queue).map_err(|error| ApiError::invalid("queue", error))?,
        customer_id: CustomerId::parse(&new.customer_id).map_err(|error| ApiError::invalid("customer_id", error))?,
        conversation_id: conversation_id.map_err(|error| ApiError::invalid("conversation_id", error))?,
        channel,
        integration: integration.0.clone(),
        language: language.map_err(|error| ApiError::invalid("language", error))?.unwrap_or_default(),
    })
}

/// What to do as things stand.
pub async fn show(State(app): State<Arc<App>>, _client: FlowClient, SameSession(id): SameSession) -> Told {
    answer::answer(&app, id).await
}

async fn found(app: &App, id: SessionId) -> Result<Session, ApiError> {
    app.store.glance(&app.tenant).await?.find_session(id).await?.ok_or_else(ApiError::not_found)
}

/// Takes a report in once, and tells what to do then.
async fn reported(
    app: &App,
    client: &FlowClient,
    id: SessionId,
    once: Option<Once>,
    (report, action): (Report, Action),
) -> Told {
    let now = app.clock.now();
    {
        let mut tx = app.store.begin(&app.tenant).await?;
        let begins = matches!(report, Report::AttemptStarted { .. });
        // A numbered attempt is idempotent by its number: in a call that began afresh, the first one is another one.
        let is_numbered = matches!(report, Report::AttemptStarted { number: Some(_) });
        let is_first = match once {
            Some(once) => once.leave_mark(&mut *tx, now).await?.is_none() || is_numbered,
            None => true,
        };
        let session = tx.find_session(id).await?.ok_or_else(ApiError::not_found)?;
        let stands = session.clone().report(Report::Tick, &app.config.policy, now)?.session;
        if is_first && !stands.state.is_final() {
            let changed = casework::report(app, tx, session, report, (client.actor(), action)).await?;
            // An attempt that came too early has not begun and leaves no mark: the same request begins it when the wait is over.
            if !(begins && changed.session.next_for_flow() == Next::Retry) {
                changed.commit(app).await?;
            }
        }
    }
    answer::answer(app, id).await
}

/// Starts a video attempt, and is told whether there is one left.
pub async fn attempt(
    State(app): State<Arc<App>>,
    client: FlowClient,
    SameSession(id): SameSession,
    path: OriginalUri,
    command: Command<NewAttempt>,
) -> Told {
    let once = once(&client, &path, &command)?;
    let number = command.body.attempt;
    if number == Some(0) {
        return Err(ApiError::invalid("attempt", "counts from 1"));
    }
    reported(&app, &client, id, Some(once), (Report::AttemptStarted { number }, Action::AttemptStarted)).await
}

/// Reports picture quality, and is told what to do next.
pub async fn quality(
    State(app): State<Arc<App>>,
    client: FlowClient,
    SameSession(id): SameSession,
    path: OriginalUri,
    command: Command<QualityReport>,
) -> Told {
    let once = once(&client, &path, &command)?;
    let quality = match measured(&app, &command.body) {
        Ok(quality) => quality,
        // What does not exist is not there, whatever is said about it.
        Err(error) => return Err(found(&app, id).await.err().unwrap_or(error)),
    };
    reported(&app, &client, id, Some(once), (Report::Quality(quality), Action::QualityReported)).await
}

fn measured(app: &App, report: &QualityReport) -> Result<Quality, ApiError> {
    let supports_video = report.supports_video.unwrap_or(true);
    let frame_height = report.frame_height.filter(|height| *height > 0);
    let score = score(report)?;
    if supports_video && score.is_none() && frame_height.is_none() {
        return Err(ApiError::invalid("score", "send a score, a MOS or the picture's height"));
    }
    if supports_video && report.attempt.is_none() {
        return Err(ApiError::invalid("attempt", "say which one is reported"));
    }
    if report.loss.is_some_and(|loss| !(0.0..=1.0).contains(&loss)) {
        return Err(ApiError::invalid("loss", "must lie between 0 and 1"));
    }
    Ok(Quality {
        // Whether a device can do video is no matter of an attempt.
        attempt: report.attempt.filter(|_| supports_video),
        score,
        frame_height,
        loss: report.loss,
        supports_video,
        by: report.reporter.unwrap_or_default(),
        error_ref: error_ref(app),
    })
}

/// The score as sent, or from the MOS: 1 to 5 becomes 0 to 1.
fn score(report: &QualityReport) -> Result<Option<f64>, ApiError> {
    match (report.score, report.mos) {
        (Some(_), Some(_)) => Err(ApiError::invalid("mos", "send the score or the MOS, not both")),
        (Some(score), None) if !(0.0..=1.0).contains(&score) => {
            Err(ApiError::invalid("score", "must lie between 0 and 1"))
        }
        (None, Some(mos)) if !(1.0..=5.0).contains(&mos) => Err(ApiError::invalid("mos", "must lie between 1 and 5")),
        (score, mos) => Ok(score.or_else(|| mos.map(|mos| (mos - 1.0) / 4.0))),
    }
}

/// A reference for the agent, the log and the conversation's attributes.
fn error_ref(app: &App) -> String {
    format!("E-{}", &app.ids.opaque().simple().to_string()[..8])
}

/// The customer is there. Needs no key: one sign of life more does no harm.
pub async fn heartbeat(
    State(app): State<Arc<App>>,
    client: FlowClient,
    SameSession(id): SameSession,
    Body(sign): Body<SignOfLife>,
) -> Told {
    let report = if sign.until_end { Report::SeenInCall } else { Report::Heartbeat };
    reported(&app, &client, id, None, (report, Action::Connected)).await
}

/// The customer is back, in the same conversation or in another one. A session of another customer is refused and recorded.
pub async fn resume(
    State(app): State<Arc<App>>,
    client: FlowClient,
    SameSession(id): SameSession,
    path: OriginalUri,
    command: Command<ResumeSession>,
) -> Told {
    let once = once(&client, &path, &command)?;
    let conversation = ConversationId::parse(&command.body.conversation_id);
    let conversation = conversation.map_err(|error| ApiError::invalid("conversation_id", error))?;
    let customer = CustomerId::parse(&command.body.customer_id);
    let customer = customer.map_err(|error| ApiError::invalid("customer_id", error))?;
    let session = found(&app, id).await?;
    let told = if session.customer_id == customer {
        let came = reported(&app, &client, id, Some(once), (Report::Resumed { conversation }, Action::Resumed)).await;
        match came {
            Ok(_) => answer::to_who_is_back(&app, id).await,
            refused => refused,
        }
    } else {
        Err(ApiError::refused(ProblemCode::CustomerMismatch, "The customer does not belong to this session."))
    };
    match told {
        Err(error @ ApiError::Refused(ProblemCode::CustomerMismatch | ProblemCode::OtherConversation, _)) => {
            let entry = NewEntry::done(client.actor(), Action::HintMismatch).on(id).in_request(&request_id::current());
            Err(casework::refused(&app, entry, error).await)
        }
        told => told,
    }
}

/// The flow hands over to a person by itself.
pub async fn escalate(
    State(app): State<Arc<App>>,
    client: FlowClient,
    SameSession(id): SameSession,
    path: OriginalUri,
    command: Command<HandOver>,
) -> Told {
    let once = once(&client, &path, &command)?;
    let report = Report::HandedOver { trouble: command.body.cause, error_ref: error_ref(&app) };
    reported(&app, &client, id, Some(once), (report, Action::HandedOver)).await
}

/// The conversation ended.
pub async fn end(
    State(app): State<Arc<App>>,
    client: FlowClient,
    SameSession(id): SameSession,
    path: OriginalUri,
    command: Command<EndOfConversation>,
) -> Told {
    let once = once(&client, &path, &command)?;
    let of = command.body.conversation_id.as_deref().map(ConversationId::parse).transpose();
    let of = of.map_err(|error| ApiError::invalid("conversation_id", error))?;
    let report = Report::ConversationEnded { is_abandoned: command.body.is_abandoned, of };
    reported(&app, &client, id, Some(once), (report, Action::ConversationEnded)).await
}
