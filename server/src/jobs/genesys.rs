//! Tells the contact centre: what a conversation's attributes are to say, how an agent's part in it is wrapped up, and that recording goes
//! on. A conversation that is over is told nothing any more: Genesys would not keep it.

use std::time::Duration;

use kyc_wire::ids::{JobId, SessionId};

use super::{Outcome, find};
use crate::domain::names::ConversationId;
use crate::genesys::{Conversation, Genesys, GenesysError};
use crate::http::error::ApiError;
use crate::outbound::Urgency;
use crate::providers::backoff;
use crate::state::App;
use crate::store::conversations::StoredAttributes;
use crate::store::work::{Job, JobKind};

/// What cannot be told waits: the section may come back.
const NO_GENESYS: Duration = Duration::from_hours(1);
/// How often a recording is told to stand still again, and how long is waited in between: what is shown is shown for half a minute.
const PAUSES: u32 = 3;
const BETWEEN_PAUSES: Duration = Duration::from_millis(500);
/// A conversation that Genesys does not know may have begun a moment ago; after so many looks there is none.
const LOOKS: u32 = 5;

/// Writes what the attributes are to say by now.
pub async fn write_attributes(app: &App, id: SessionId, attempts: u32) -> Result<Outcome, ApiError> {
    let Some(genesys) = &app.genesys else { return Ok(Outcome::NotYet(NO_GENESYS)) };
    let wanted = app.store.glance(&app.tenant).await?.find_attributes(id).await?;
    let Some(wanted) = wanted.filter(|wanted| wanted.delivered < wanted.revision) else { return Ok(Outcome::Done) };
    let Ok(conversation) = ConversationId::parse(&wanted.conversation_id) else {
        return Ok(Outcome::Dead("its conversation has no id"));
    };
    let sessions = app.store.glance(&app.tenant).await?.list_sessions_of_conversation(conversation.as_str(), 1).await?;
    if sessions.first().is_some_and(|latest| latest.id != id) {
        // The conversation speaks of its latest session.
        return settled(app, id, &wanted, "superseded").await;
    }
    let written = match write(genesys, &conversation, &wanted).await {
        Err(error) if error.is_not_found() && attempts + 1 >= LOOKS => Ok("unknown_conversation"),
        written => written,
    };
    match written {
        Ok(outcome) => settled(app, id, &wanted, outcome).await,
        Err(error) => Ok(again(app, id, &error, attempts)),
    }
}

async fn write(
    genesys: &Genesys,
    conversation: &ConversationId,
    wanted: &StoredAttributes,
) -> Result<&'static str, GenesysError> {
    // Nobody waits for it: half of what Genesys may be asked is kept for agents who open a case.
    let found = genesys.conversation(conversation, Urgency::Nobody).await?;
    let Some(customer) = found.customer().filter(|_| !found.has_ended) else { return Ok("too_late") };
    let body = serde_json::from_str(&wanted.body).unwrap_or_default();
    genesys.set_attributes((conversation, &customer.id), &body, Urgency::Nobody).await?;
    Ok("written")
}

/// Notes that it was told. What has changed meanwhile is told by another job, also where one for it is done already: ours may have arrived
/// after it.
async fn settled(
    app: &App,
    id: SessionId,
    wanted: &StoredAttributes,
    outcome: &'static str,
) -> Result<Outcome, ApiError> {
    metrics::counter!("kyc_genesys_attributes_total", "outcome" => outcome).increment(1);
    if outcome != "written" {
        tracing::info!(session.id = %id, outcome, "a conversation was not told of its session");
    }
    let now = app.clock.now();
    let mut tx = app.store.begin(&app.tenant).await?;
    let is_latest = tx.update_attributes_delivered(id, wanted.revision, now).await?;
    if !is_latest {
        tx.upsert_job((JobId::new(app.ids.next()), JobKind::WriteAttributes, &id.to_string()), now).await?;
    }
    tx.commit().await?;
    // A job that was planned anew has another id, which ending this one leaves alone.
    Ok(Outcome::Done)
}

/// What becomes of a job whose call failed.
fn again(app: &App, id: SessionId, error: &GenesysError, attempts: u32) -> Outcome {
    if let GenesysError::Wait(wait) = error {
        return Outcome::NotYet(*wait);
    }
    tracing::warn!(session.id = %id, genesys.error = error.code(), attempts, "Genesys could not be told");
    if error.is_final() && !error.is_not_found() {
        return Outcome::Dead("Genesys will not take it: look at the permissions of our client");
    }
    Outcome::Again(backoff::delay(attempts + 1, error.asks_to_wait(app.clock.now()), &*app.rng))
}

/// Gives the part of the agent who was on it last the wrap-up code for the state that the session is in.
pub async fn wrap_up(app: &App, id: SessionId, attempts: u32) -> Result<Outcome, ApiError> {
    let Some(genesys) = &app.genesys else { return Ok(Outcome::NotYet(NO_GENESYS)) };
    let Some(session) = find(app, id).await? else { return Ok(Outcome::Done) };
    let code = genesys.settings().wrapup_codes.get(&session.status());
    let (Some(code), Some(conversation)) = (code, &session.conversation_id) else { return Ok(Outcome::Done) };
    let note = format!("KYC {} {id}", session.status().as_str());
    let wrapped = match genesys.conversation(conversation, Urgency::Nobody).await {
        Ok(found) => wrap(genesys, conversation, &found, (code, &note)).await,
        Err(error) => Err(error),
    };
    match wrapped {
        Ok(()) => Ok(Outcome::Done),
        Err(error) if error.is_not_found() => Ok(Outcome::Done),
        Err(error) => Ok(again(app, id, &error, attempts)),
    }
}

async fn wrap(
    genesys: &Genesys,
    conversation: &ConversationId,
    found: &Conversation,
    with: (&str, &str),
) -> Result<(), GenesysError> {
    let part = found.agent_parts().find_map(|part| Some((part.id.as_str(), part.communications.last()?)));
    match part {
        Some(part) => genesys.wrap_up(conversation, part, with).await,
        None => Ok(()),
    }
}

/// Goes on recording, unless something is shown again by now.
pub async fn resume_recording(app: &App, job: &Job) -> Result<Outcome, ApiError> {
    let Some(genesys) = &app.genesys else { return Ok(Outcome::NotYet(NO_GENESYS)) };
    let Ok(conversation) = ConversationId::parse(&job.subject) else {
        return Ok(Outcome::Dead("its subject is no id"));
    };
    let (was_told, resumed) = resume(app, genesys, &conversation, job).await?;
    if was_told && until_when(app, job).await? == Shown::Again {
        // It was shown while Genesys was told to go on. Also a call that failed may have been heard.
        pause_again(app, genesys, &conversation, job).await?;
    }
    match resumed {
        Ok(()) => Ok(Outcome::Done),
        Err(error) if error.is_not_found() => Ok(Outcome::Done),
        Err(GenesysError::Wait(wait)) => Ok(Outcome::NotYet(wait)),
        Err(error) => {
            let attempts = job.attempts;
            tracing::warn!(genesys.error = error.code(), attempts, "a recording is still paused");
            let wait = backoff::delay(attempts + 1, error.asks_to_wait(app.clock.now()), &*app.rng);
            Ok(if error.is_final() { Outcome::Dead("Genesys will not go on recording") } else { Outcome::Again(wait) })
        }
    }
}

/// What is on the screen while a job is about to let a recording go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// Nothing: the job is as it was claimed.
    Nothing,
    /// Something again: the job was put off.
    Again,
    /// Nothing, and the recording is another's business: the claim was lost, or the job is done.
    NotOurs,
}

async fn until_when(app: &App, job: &Job) -> Result<Shown, ApiError> {
    let planned = app.store.glance(&app.tenant).await?.find_job(job.kind, &job.subject).await?;
    Ok(match planned {
        Some((now, _)) if now == *job => Shown::Nothing,
        Some((_, run_at)) if run_at > app.clock.now() => Shown::Again,
        _ => Shown::NotOurs,
    })
}

/// Lets it go on. Says whether Genesys was told so, and what came of it.
async fn resume(
    app: &App,
    genesys: &Genesys,
    conversation: &ConversationId,
    job: &Job,
) -> Result<(bool, Result<(), GenesysError>), ApiError> {
    let found = match genesys.conversation(conversation, Urgency::Someone).await {
        Ok(found) => found,
        Err(error) => return Ok((false, Err(error))),
    };
    let mut was_told = false;
    for media in found.open_media() {
        // Whatever is shown puts the job off before it pauses the recording.
        if until_when(app, job).await? != Shown::Nothing {
            break;
        }
        was_told = true;
        if let Err(error) = genesys.set_recording(conversation, media, false).await {
            return Ok((was_told, Err(error)));
        }
    }
    Ok((was_told, Ok(())))
}

/// Pauses a recording that was told to go on while something is shown. It is on the screen: this cannot wait for another job.
async fn pause_again(app: &App, genesys: &Genesys, conversation: &ConversationId, job: &Job) -> Result<(), ApiError> {
    for tries in 1..=PAUSES {
        match pause(genesys, conversation).await {
            Ok(()) => break,
            Err(error) if error.is_not_found() => break,
            Err(error) => {
                tracing::error!(genesys.error = error.code(), tries, "a recording may go on while something is shown");
                tokio::time::sleep(BETWEEN_PAUSES).await;
            }
        }
        if until_when(app, job).await? != Shown::Again {
            break;
        }
    }
    if until_when(app, job).await? != Shown::Again {
        // It took so long that the other job may have been there before: somebody must be last who lets it go on.
        let again = (JobId::new(app.ids.next()), job.kind, &*job.subject);
        let mut tx = app.store.begin(&app.tenant).await?;
        tx.postpone_job(again, app.clock.now()).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn pause(genesys: &Genesys, conversation: &ConversationId) -> Result<(), GenesysError> {
    let found = genesys.conversation(conversation, Urgency::Someone).await?;
    for media in found.open_media() {
        genesys.set_recording(conversation, media, true).await?;
    }
    Ok(())
}
