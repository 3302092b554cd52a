//! What Genesys is asked while somebody waits: whether an agent is on the conversation whose session she opens, and that its recording is
//! paused while a value is shown.
//!
//! Closed when in doubt: who cannot be confirmed opens nothing, and is told that it is Genesys who does not answer. What was confirmed once
//! stays so, so an interruption keeps nobody from the case that she works on.

use kyc_wire::ids::{JobId, PersonId};
use kyc_wire::me::Role;
use kyc_wire::problem::ProblemCode;

use super::error::ApiError;
use super::{limits, request_id};
use crate::auth::Staff;
use crate::casework;
use crate::domain::audit::{Action, NewEntry};
use crate::domain::names::ConversationId;
use crate::domain::session::Session;
use crate::genesys::{Genesys, GenesysError, UserHash};
use crate::outbound::Urgency;
use crate::rates::Limit;
use crate::state::App;
use crate::store::work::JobKind;

/// Genesys is asked on behalf of one person so often at most: more than anybody has conversations, and far less than we may ask.
const LIMIT: Limit = Limit { requests: 30, seconds: 60 };
/// Recording goes on so many seconds after what was shown is gone from the screen.
const AFTERWARDS_SECONDS: i64 = 2;
/// How long to wait where Genesys does not say.
const AGAIN_SECONDS: u32 = 10;

/// Whether a person is, or was, an agent on a conversation. Asks Genesys where that is not known yet.
pub async fn is_on(app: &App, by: &Staff, conversation: &ConversationId) -> Result<bool, ApiError> {
    let Some(genesys) = &app.genesys else { return Ok(true) };
    let person = by.person();
    if app.store.glance(&app.tenant).await?.find_on_conversation(conversation.as_str(), person).await? {
        return Ok(true);
    }
    let Some(user) = app.store.glance(&app.tenant).await?.find_genesys_user(person).await? else {
        metrics::counter!("kyc_agent_checks_total", "outcome" => "unknown_user").increment(1);
        tracing::warn!(person.id = %person, "who signed in is nobody in Genesys: her identity provider gives none of genesys.user_claims");
        return Ok(false);
    };
    limits::ask(app, "conversation", &by.sign_in_id().to_string(), LIMIT)?;
    let found = ask(genesys, conversation, &UserHash::from_bytes(user)).await;
    let outcome = match &found {
        Ok(true) => "on",
        Ok(false) => "not_on",
        Err(_) => "unavailable",
    };
    metrics::counter!("kyc_agent_checks_total", "outcome" => outcome).increment(1);
    let is_on = found.map_err(|error| unavailable(app, &error, "whether an agent is on a conversation"))?;
    if is_on {
        let mut tx = app.store.begin(&app.tenant).await?;
        tx.upsert_on_conversation(conversation.as_str(), person, app.clock.now()).await?;
        tx.commit().await?;
    }
    Ok(is_on)
}

/// Whether agents are checked at all.
fn are_checked(app: &App) -> bool {
    app.genesys.as_ref().is_some_and(|genesys| genesys.settings().check_agent)
}

/// An agent who must be on the conversations she works on is handed out no others.
pub fn only_hers(app: &App, by: &Staff) -> Option<PersonId> {
    (are_checked(app) && by.has(Role::Agent)).then(|| by.person())
}

/// Who starts a session for a conversation in a queue that she does not oversee must be on it. Says nothing about sessions there may be.
pub async fn must_be_on(app: &App, by: &Staff, queue: &str, conversation: &ConversationId) -> Result<(), ApiError> {
    if !are_checked(app) || by.has_in(Role::Supervisor, queue) {
        return Ok(());
    }
    let error = match is_on(app, by, conversation).await {
        Ok(true) => return Ok(()),
        Ok(false) => ApiError::refused(
            ProblemCode::NotOnConversation,
            "Genesys does not name you among the agents of this conversation.",
        ),
        Err(error) => error,
    };
    let entry = NewEntry::done(by.actor(), Action::AccessRefused).in_request(&request_id::current());
    Err(casework::refused(app, entry, error).await)
}

async fn ask(genesys: &Genesys, conversation: &ConversationId, user: &UserHash) -> Result<bool, GenesysError> {
    match genesys.conversation(conversation, Urgency::Someone).await {
        Ok(found) => genesys.is_agent_on(&found, user).await,
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error),
    }
}

fn unavailable(app: &App, error: &GenesysError, what: &'static str) -> ApiError {
    let code = error.code();
    if error.is_final() {
        tracing::error!(genesys.error = code, what, "Genesys refuses to answer: look at the permissions of our client");
    } else {
        tracing::warn!(genesys.error = code, what, "Genesys could not be asked");
    }
    let asked = error.asks_to_wait(app.clock.now()).and_then(|wait| u32::try_from(wait.as_secs()).ok());
    ApiError::Later(ProblemCode::GenesysUnavailable, asked.map_or(AGAIN_SECONDS, |seconds| seconds.max(1)))
}

/// Pauses the recordings of a session's conversation for as long as something is on the screen, if they are to be. That they go on is planned
/// first: whatever happens to us, they do, and not before the last of what is shown is gone. Where they cannot be paused, it is an error.
pub async fn pause_recording(app: &App, session: &Session, seconds: u32) -> Result<(), ApiError> {
    let Some(genesys) = app.genesys.as_ref().filter(|genesys| genesys.settings().pause_recording) else {
        return Ok(());
    };
    let Some(conversation) = &session.conversation_id else { return Ok(()) };
    let found = match genesys.conversation(conversation, Urgency::Someone).await {
        // Nothing is recorded of a conversation that is not there.
        Err(error) if error.is_not_found() => return Ok(()),
        found => found.map_err(|error| unavailable(app, &error, "a pause of the recording"))?,
    };
    let open = found.open_media();
    if found.has_ended || open.is_empty() {
        return Ok(());
    }
    let planned_at = app.clock.now();
    plan_resuming(app, conversation, seconds).await?;
    for media in open {
        let paused = genesys.set_recording(conversation, media, true).await;
        paused.map_err(|error| unavailable(app, &error, "a pause of the recording"))?;
    }
    // It is shown from now on, not since Genesys was asked.
    if app.clock.now() > planned_at { plan_resuming(app, conversation, seconds).await } else { Ok(()) }
}

async fn plan_resuming(app: &App, conversation: &ConversationId, seconds: u32) -> Result<(), ApiError> {
    let job = (JobId::new(app.ids.next()), JobKind::ResumeRecording, conversation.as_str());
    let mut tx = app.store.begin(&app.tenant).await?;
    tx.postpone_job(job, app.clock.now().plus_seconds(i64::from(seconds) + AFTERWARDS_SECONDS)).await?;
    Ok(tx.commit().await?)
}
