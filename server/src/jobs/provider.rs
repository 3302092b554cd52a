//! Starts providers, and asks them for results whose webhook may have got lost.

use std::time::Duration;

use kyc_wire::ids::{JobId, SessionId};
use kyc_wire::routes as at;

use super::webhook::{apply, progressed};
use super::{Outcome, find};
use crate::casework;
use crate::custody;
use crate::domain::audit::{Action, Actor};
use crate::domain::command::Report;
use crate::domain::session::{RunPhase, Session};
use crate::http::error::ApiError;
use crate::outbound::{Outbound, Urgency};
use crate::pii::vault::KeyScope;
use crate::providers::{
    Call, Event, Fetched, ProviderError, ProviderRef, Retry, SessionReference, StartRequest, Started, backoff,
};
use crate::state::App;
use crate::store::personal::StoredRun;
use crate::store::work::{Job, JobKind};

/// First wait before a provider is asked itself, in case its webhook got lost; doubles up to the longest.
const POLL_SECONDS: i64 = 60;
const LONGEST_POLL_SECONDS: i64 = 3600;

pub const NO_INTEGRATION: Outcome = Outcome::Dead("no such provider is configured");

/// What a provider is told about a session.
pub fn reference(id: SessionId) -> SessionReference {
    SessionReference::parse(id.to_string()).expect("a UUID is a reference")
}

/// Starts the provider. "A start was tried" is written down before the call: if the answer gets lost, a second start supersedes the first.
pub async fn start(app: &App, job: &Job, id: SessionId) -> Result<Outcome, ApiError> {
    let Some(session) = find(app, id).await? else { return Ok(Outcome::Done) };
    let Some(outbound) = app.providers.get(&session.provider.integration) else { return Ok(NO_INTEGRATION) };
    if session.state.is_final() || session.provider.kept.is_some() {
        return Ok(Outcome::Done);
    }
    let pass = match outbound.gate.pass(Urgency::Someone) {
        Ok(pass) => pass,
        Err(wait) => return Ok(Outcome::NotYet(wait)),
    };
    let starting = report(app, id, Report::ProviderStarting, Action::ProviderStarting).await?;
    // Taken back in this moment, or over.
    if starting.is_none_or(|session| session.provider.phase != RunPhase::Starting) {
        return Ok(Outcome::Done);
    }
    let request = request(app, &session, outbound).await?;
    let answer = outbound.start(&request).await;
    pass.ended((&answer).into());
    match answer {
        Ok(started) => {
            keep(app, job, id, started).await?;
            Ok(Outcome::Done)
        }
        Err(error) => {
            tracing::warn!(session.id = %id, provider.error = error.as_str(), "the provider could not be started");
            report(app, id, Report::ProviderUnreachable, Action::ProviderUnreachable).await?;
            Ok(retry(app, &error, Call::Start, job.attempts))
        }
    }
}

/// What the provider is told.
async fn request(app: &App, session: &Session, outbound: &Outbound) -> Result<StartRequest, ApiError> {
    let integration = &session.provider.integration;
    let path =
        at::WEBHOOK.replace("{provider}", outbound.provider.kind().as_str()).replace("{integration}", integration);
    let before = app.store.glance(&app.tenant).await?.find_latest_run(session.id).await?;
    Ok(StartRequest {
        reference: reference(session.id),
        // No token: she is known by her cookie when she comes back.
        return_url: app.config.http.edge_url.join(at::CUSTOMER_PAGE).ok(),
        webhook_url: app.config.http.edge_url.join(&path).ok(),
        previous: before.filter(|run| run.integration == *integration).and_then(|run| names_of(&run)),
        language: session.language.as_str().to_owned(),
        is_repeated: session.provider.phase != RunPhase::NotStarted,
    })
}

/// What the provider calls a run.
pub fn names_of(run: &StoredRun) -> Option<ProviderRef> {
    match &run.provider_names {
        Some(names) => serde_json::from_str(names).ok(),
        None => ProviderRef::parse(run.provider_ref.clone()).ok(),
    }
}

/// Reports in a transaction of its own. A session that is over by now is left alone.
async fn report(app: &App, id: SessionId, report: Report, action: Action) -> Result<Option<Session>, ApiError> {
    let mut tx = app.store.begin(&app.tenant).await?;
    let Some(session) = tx.find_session(id).await?.filter(|session| !session.state.is_final()) else {
        return Ok(None);
    };
    let changed = casework::report(app, tx, session, report, (Actor::System, action)).await?;
    Ok(Some(changed.commit(app).await?))
}

/// What becomes of a job whose call failed.
pub fn retry(app: &App, error: &ProviderError, call: Call, attempts: u32) -> Outcome {
    match error.retry(call) {
        Retry::Later(asked) => {
            let asked = asked.map(|after| after.wait(app.clock.now()));
            Outcome::Again(backoff::delay(attempts + 1, asked, &*app.rng))
        }
        // Nobody can ask whether the first start arrived: a second one supersedes it, and what the first reports is ignored.
        Retry::Ambiguous => Outcome::Again(backoff::CAP),
        Retry::Never => Outcome::Dead("the provider will not do it"),
    }
}

/// Keeps the run and forgets the job, in one: a start that has been kept is never made again, and of two that were made one is kept.
async fn keep(app: &App, job: &Job, id: SessionId, started: Started) -> Result<(), ApiError> {
    let now = app.clock.now();
    let mut tx = app.store.begin(&app.tenant).await?;
    // The session first: whoever plans another start holds it meanwhile.
    let Some(session) = tx.find_session(id).await? else { return Ok(()) };
    if !tx.delete_job(job).await? {
        tracing::warn!(session.id = %id, "a start was made for which another has been planned or kept; it is ignored");
        return Ok(());
    }
    let key = custody::key(&mut *tx, &app.vault, &app.tenant, &KeyScope::Session(id)).await?;
    let run = StoredRun {
        integration: session.provider.integration.clone(),
        provider_ref: started.provider_ref.id().to_owned(),
        provider_names: Some(serde_json::to_string(&started.provider_ref).expect("names are text")),
        session_id: id,
        run: session.provider.run,
        capture_url: key.seal_bytes(exposed(&started.capture_url).as_bytes(), "capture_url", "provider_run"),
        started_at: now,
    };
    tx.insert_run(&run).await?;
    let poll = JobId::new(app.ids.next());
    tx.upsert_job((poll, JobKind::PollProvider, &id.to_string()), now.plus_seconds(POLL_SECONDS)).await?;
    if session.state.is_final() {
        tx.commit().await?;
        return Ok(());
    }
    let by = (Actor::System, Action::ProviderStarted);
    casework::report(app, tx, session, Report::ProviderStarted, by).await?.commit(app).await?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the link is sealed at once")]
fn exposed(secret: &secrecy::SecretString) -> &str {
    use secrecy::ExposeSecret;
    secret.expose_secret()
}

/// Asks the provider itself.
pub async fn poll(app: &App, id: SessionId, attempts: u32) -> Result<Outcome, ApiError> {
    let Some(session) = find(app, id).await? else { return Ok(Outcome::Done) };
    if session.state.is_final() || session.provider.phase == RunPhase::Done {
        return Ok(Outcome::Done);
    }
    let Some(run) = casework::counting_run(&mut *app.store.glance(&app.tenant).await?, &session).await? else {
        return Ok(Outcome::Done);
    };
    let Some(outbound) = app.providers.get(&run.integration) else { return Ok(NO_INTEGRATION) };
    let Some(provider_ref) = names_of(&run) else {
        return Ok(Outcome::Dead("the run's reference cannot be read"));
    };
    let pass = match outbound.gate.pass(Urgency::Nobody) {
        Ok(pass) => pass,
        Err(wait) => return Ok(Outcome::NotYet(wait)),
    };
    let fetched = outbound.result(&provider_ref, app.clock.now()).await;
    pass.ended((&fetched).into());
    let seconds = (POLL_SECONDS << attempts.min(10)).min(LONGEST_POLL_SECONDS);
    let next = Outcome::Again(Duration::from_secs(u64::try_from(seconds).unwrap_or(60)));
    match fetched {
        Ok(Fetched::Decided(result)) => {
            let is_terminal = result.outcome.is_terminal();
            apply(app, &run, Event::Decision(Some(result))).await?;
            Ok(if is_terminal { Outcome::Done } else { next })
        }
        Ok(Fetched::Pending(phase)) => {
            progressed(app, &run, phase).await?;
            Ok(next)
        }
        Err(error) => Ok(match retry(app, &error, Call::Read, attempts) {
            dead @ Outcome::Dead(_) => dead,
            _ => next,
        }),
    }
}
